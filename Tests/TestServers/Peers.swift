import Glibc

/// Programs that the venv of the peers brings (Tests/peers/requirements.txt), and one of the system's.
public enum Peers {
    /// Nil where SLUICE_PEERS_PYTHON names no program, or its venv has no such programs.
    public static let folder: String? = {
        guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
            print("no real S3 server is asked: SLUICE_PEERS_PYTHON names no program")
            return nil
        }
        let python = String(cString: value)
        let folder = String(python[..<(python.lastIndex(of: "/") ?? python.startIndex)])
        for name in ["rclone", "juicefs"] where access("\(folder)/\(name)", X_OK) != 0 {
            print("no real S3 server is asked: there is no \(folder)/\(name)")
            return nil
        }
        return folder
    }()

    public static let openssl: String? = {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
        let found = folders.map { folder -> String in "\(folder)/openssl" }.first { access($0, X_OK) == 0 }
        if found == nil { print("nothing is asked over TLS: there is no openssl in PATH") }
        return found
    }()
}
