import CanonicalJSON
import DataFrames
import PipelineLanguage
import XMLTables

extension TableProfile {
    static func xml(_ path: String, _ parameters: JSONValue) throws -> TableProfile {
        try FileSource.withBytes(of: [path]) { files in
            let table = try CollectXML.read(files, [nil], parameters)
            guard table.count > 0 else { throw CollectXML.noRows(nil, parameters) }
            var made = TableProfile(.texts)
            made.rows = table.count
            made.columns = table.columns.map { column in
                var profile = ColumnProfile(missing: nil)
                // A list of values in one row makes them lists in all.
                let isList = column.hasSeveral
                for row in 0..<table.count {
                    let values = column.range(ofRow: row).map { column.values[$0] }
                    guard let first = values.first else { continue }
                    if isList {
                        profile.take(nested: true, JSONValue.strings(values).canonicalText, row: row + 1)
                    } else {
                        profile.take(text: first, row: row + 1)
                    }
                }
                return Column(name: column.name, profile: profile)
            }
            return made
        }
    }
}
