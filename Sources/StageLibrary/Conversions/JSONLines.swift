import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// The objects of a JSON lines file, by column: every value as text, with what
/// it was. Columns are in the order of their names' bytes.
struct JSONLines {
    /// Of each row its line in the file, from 1.
    private(set) var numbers: [Int] = []
    private var cells: [(name: String, kinds: [Kind], texts: [String])] = []

    private enum Kind { case null, boolean, integer, number, string, nested }

    /// - Throws: `StageError` for a line that is no JSON object.
    /// - Complexity: O(bytes), all in memory.
    init(path: String, name: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path)
        } catch {
            throw StageError("\(error)")
        }
        var places: [String: Int] = [:]
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let line = index == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let json: JSONValue
            do {
                json = try JSONValue(parsing: line)
            } catch {
                throw StageError("'\(name)': line \(index + 1): \(error)")
            }
            guard let object = json.object else {
                throw StageError(
                    "'\(name)': line \(index + 1) is no JSON object",
                    fix: "write one object a line, with a key for each column")
            }
            let row = numbers.count
            for (key, value) in object.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                let place = places[key, default: cells.count]
                if place == cells.count {
                    places[key] = place
                    cells.append(
                        (
                            key, [Kind](repeating: .null, count: row), [String](repeating: "", count: row)
                        ))
                }
                let (kind, text) = Self.cell(value)
                cells[place].kinds.append(kind)
                cells[place].texts.append(text)
            }
            numbers.append(index + 1)
            for place in cells.indices where cells[place].kinds.count <= row {
                cells[place].kinds.append(.null)
                cells[place].texts.append("")
            }
        }
        cells.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func cell(_ value: JSONValue) -> (Kind, String) {
        switch value {
        case .null: (.null, "")
        case .boolean(let flag): (.boolean, flag ? "true" : "false")
        case .integer: (.integer, value.canonicalText)
        case .number(let number): (.number, "\(number)")
        case .string(let text): (.string, text)
        case .array, .object: (.nested, value.canonicalText)
        }
    }

    /// A field that no line has is a column of nulls.
    func columns(_ schema: TableSchema) -> [SchemaReading.Source] {
        let absent = schema.fields.map(\.name).filter { name in !cells.contains { $0.name == name } }
        let types = Dictionary(schema.fields.map { ($0.name, $0.type) }) { first, _ in first }
        return cells.map { cell in
            let column = Self.column(cell)
            switch types[cell.name] {
            case .integer: return .texts(Self.whole(column))
            case .object, .array, .geojson, .any: return .json(Self.json(cell, column))
            default: return .texts(column)
            }
        }
            + absent.map { name in
                .texts(
                    TextColumn(
                        name, StringStorage(numbers.lazy.map { _ in "" }),
                        validity: ValidityBitmap(numbers.lazy.map { _ in false })))
            }
    }

    private static func column(_ cell: (name: String, kinds: [Kind], texts: [String])) -> TextColumn {
        TextColumn(
            cell.name, StringStorage(cell.texts),
            validity: ValidityBitmap(cell.kinds.lazy.map { $0 != .null }))
    }

    /// As the file has them: texts in quotes.
    private static func json(
        _ cell: (name: String, kinds: [Kind], texts: [String]), _ column: TextColumn
    ) -> TextColumn {
        TextColumn(
            cell.name,
            StringStorage(
                zip(cell.kinds, cell.texts).lazy.map { kind, text in
                    kind == .string ? JSONValue.string(text).canonicalText : text
                }), validity: column.validity)
    }

    /// 3.0 is an integer in JSON.
    private static func whole(_ column: TextColumn) -> TextColumn {
        TextColumn(
            column.name,
            StringStorage(
                (0..<column.count).lazy.map { row in
                    let text = column.texts[row]
                    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
                }), validity: column.validity)
    }

    /// Texts where the schema has numbers or booleans: a 1 in quotes is no
    /// number, though it reads as one.
    func misfits(_ schema: TableSchema) -> [SchemaReading.Misfit] {
        var misfits: [SchemaReading.Misfit] = []
        for cell in cells {
            guard let field = schema.fields.first(where: { $0.name == cell.name }),
                [.integer, .number, .boolean].contains(field.type)
            else { continue }
            let type: ColumnType = field.columnType
            for (row, kind) in cell.kinds.enumerated() {
                let isOther =
                    kind == .string || type == .boolean && (kind == .integer || kind == .number)
                if isOther {
                    misfits.append(
                        SchemaReading.Misfit(
                            row: row, column: cell.name,
                            reason:
                                "\(kind == .string ? "the text " : "")'\(shortened(cell.texts[row]))' is not of type \(type.rawValue)"
                        ))
                }
            }
        }
        return misfits
    }

    /// What the values say: a column of texts and numbers is one of texts.
    var inferredSchema: TableSchema {
        TableSchema(
            cells.map { cell in
                let kinds = Set(cell.kinds).subtracting([.null])
                let type: ColumnType =
                    if kinds.isEmpty {
                        .text
                    } else if kinds == [.boolean] {
                        .boolean
                    } else if kinds == [.integer] {
                        .integer
                    } else if kinds.isSubset(of: [.integer, .number]) {
                        .number
                    } else if kinds == [.string] {
                        Self.column(cell).inferredType(among: [.date, .timestamp], rows: .max)
                    } else {
                        .text
                    }
                return TableSchema.Field(cell.name, SchemaInference.fieldType(type))
            })
    }
}
