import Charts
import DataFrames
import TableTypes

/// The Table Schema that all rows of a file fit, and what was seen that says so.
public struct SchemaProposal {
    public let schema: TableSchema
    /// Of each field, in order: lines for people.
    public let remarks: [[String]]
    /// Of the table as a whole.
    public let tableRemarks: [String]

    /// So many rows must there be before what never repeats is taken for unique.
    static let fewRows = 20

    public init(_ profile: TableProfile) {
        var columns = profile.columns
        let missing = profile.missing ?? Self.missing(&columns, profile.typing)
        var fields = zip(columns, profile.columns).map { decided, seen in
            FieldProposal(
                decided, rows: profile.rows, typing: profile.typing,
                doubtful: seen.profile.markersFound.filter { !missing.contains($0.text) })
        }
        var notes: [String] = []
        let keys = fields.indices.filter { fields[$0].canBeKey }
        let key = keys.first { Self.isKey(columns[$0].name) }
        if let key {
            fields[key].becomeKey(role: columns[key].role)
        }
        let isTelling = profile.rows >= Self.fewRows
        for place in keys where isTelling && place != key { fields[place].field.constraints.unique = true }
        if isTelling, key == nil, !keys.isEmpty {
            let names = keys.map { "'\(columns[$0].name)'" }.joined(separator: ", ")
            notes.append("No primaryKey is proposed; \(names) would do: every row has one of its own.")
        }
        let blank = columns.filter { $0.profile.blankEnds > 0 }.map { "'\($0.name)'" }
        if profile.typing == .texts, !blank.isEmpty {
            let names = blank.count > 6 ? "\(blank.count) columns" : blank.joined(separator: ", ")
            notes.append(
                "Texts begin or end with blanks in \(names): --trim takes them off here, trim: true in collect.csv."
            )
        }
        for (text, places) in Self.nulls(profile.columns, among: missing) {
            notes.append("'\(text)' means no value: it stands in \(places).")
        }
        if profile.faultCount > 0 {
            let rows = profile.faultCount == 1 ? "row was" : "rows were"
            notes.append("\(NumberText.count(profile.faultCount)) \(rows) left out:")
            notes += profile.faults.map { "  row \($0.row): \($0.reason)" }
            if profile.faultCount > profile.faults.count { notes.append("  ...") }
        }
        schema = TableSchema(
            fields.map(\.field), missingValues: missing, primaryKey: key.map { [columns[$0].name] } ?? [])
        remarks = fields.map(\.remarks)
        tableRemarks = notes
    }

    /// A name that people give to what tells rows apart.
    public static func isKey(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "id" || name.hasSuffix("_id") || name.hasSuffix(" id") || name == "uuid"
    }

    /// The texts that mean null, by the rule of `SchemaInference.missing`; what was set apart is decided.
    private static func missing(
        _ columns: inout [TableProfile.Column], _ typing: TableProfile.Typing
    ) -> [String] {
        guard typing == .texts else { return [""] }
        var found: Set<String> = []
        for column in columns where ![.string, .category].contains(column.profile.typeOfTexts) {
            found.formUnion(column.profile.markersFound.map(\.text))
        }
        for place in columns.indices { columns[place].profile.decide(missing: found) }
        return [""] + SchemaMarkers.texts.filter(found.contains)
    }

    /// Where the texts stand that mean null: `Sex (11), Weight (2)`.
    private static func nulls(
        _ columns: [TableProfile.Column], among missing: [String]
    ) -> [(text: String, places: String)] {
        missing.compactMap { text in
            let places = columns.compactMap { column -> String? in
                let tally = column.profile.markersFound.first { $0.text == text }?.tally
                return tally.map { "\(column.name) (\(NumberText.count($0.count)))" }
            }
            if places.isEmpty { return nil }
            let more = places.count - 8
            return (
                text,
                places.prefix(8).joined(separator: ", ") + (more > 0 ? " and \(more) more columns" : "")
            )
        }
    }
}
