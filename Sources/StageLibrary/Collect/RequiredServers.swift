import CanonicalJSON
import PipelineLanguage
import Platform
import SQLDatabases
import Transfers

/// Servers that `requires` may name, and where each is when no stage says more: a command may ask it.
public enum RequiredServers {
    public static let names = ["mysql", "postgres", "s3"]

    /// Variables that say where it is.
    public static func variables(_ name: String) -> String {
        switch name {
        case "mysql": "MYSQL_HOST and MYSQL_TCP_PORT"
        case "postgres": "PGHOST and PGPORT"
        default: "AWS_ENDPOINT_URL"
        }
    }

    /// By its clients' own variables, profiles and defaults; without an address where nothing says so.
    ///
    /// - Throws: `StageError` for what says so and cannot be read.
    public static func server(_ name: String, _ environment: [String: String]) throws -> RequiredServer {
        do {
            let address =
                switch name {
                case "mysql": try SQLServer(.mysql).completed(environment).endpoint as ServerAddress?
                case "postgres": try SQLServer(.postgres).completed(environment).endpoint
                default: try S3Source([:]).server(environment).address
                }
            return RequiredServer(name: name, address: address)
        } catch let error as SQLError {
            throw StageError(error)
        }
    }
}
