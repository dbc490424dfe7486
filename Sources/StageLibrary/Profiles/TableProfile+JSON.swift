import CanonicalJSON
import JSONTables
import PipelineLanguage

extension TableProfile {
    static func jsonLines(
        _ path: String, _ parameters: JSONValue, _ progress: Progress
    ) throws -> TableProfile {
        try FileSource.withBytes(of: [path]) { files in
            TableProfile(
                JSONProfile(ofLines: files[0], flattens: parameters["flatten"]?.bool ?? false) {
                    progress($0, nil)
                })
        }
    }

    static func json(_ path: String, _ parameters: JSONValue, _ progress: Progress) throws -> TableProfile {
        try FileSource.withBytes(of: [path]) { files in
            do throws(JSONDocumentError) {
                return TableProfile(
                    try JSONProfile(
                        ofDocument: files[0], rows: CollectJSON.keys(parameters),
                        flattens: parameters["flatten"]?.bool ?? false
                    ) { progress($0, nil) })
            } catch {
                throw StageError("\(error)")
            }
        }
    }

    private init(_ json: JSONProfile) {
        self.init(.values)
        columns = json.columns.map { Column(name: $0.name, profile: $0.profile) }
        rows = json.rows
        faults = json.faults.map { Fault(row: $0.number, reason: CollectedRows.reason($0.fault)) }
        faultCount = json.faultCount
    }
}
