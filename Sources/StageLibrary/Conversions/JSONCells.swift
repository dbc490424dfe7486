import CanonicalJSON
import DataFrames
import TableTypes

/// Values as canonical JSON.
enum JSONCells {
    private static let stops = TextStops(below: 0x20, UInt8(ascii: "\\"), UInt8(ascii: "\""))
    private static let null = Array("null".utf8)

    /// - Parameter first: The number of the column's first row in the table, for errors.
    static func cell(_ column: DataColumn, first: Int) -> RowWriter.Cell {
        RowWriter.cell(column, null: null, value(column, first))
    }

    private static func value(_ column: DataColumn, _ first: Int) -> RowWriter.Cell {
        let quote = UInt8(ascii: "\"")
        switch column.storage {
        case .boolean(let values):
            let texts = (no: Array("false".utf8), yes: Array("true".utf8))
            return { row, text in text.append(values[row] ? texts.yes : texts.no) }
        case .int64(let values): return { row, text in text.append(integer: values[row]) }
        case .float64(let values):
            let places = ValueBytes.usualPlaces(values)
            return { row, text in
                let value = values[row]
                if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
                    // As `JSONWriter.number`.
                    text.append(integer: whole)
                } else if value.isFinite {
                    text.append(number: value, usualPlaces: places)
                } else {
                    text.append(value.isNaN ? null : Array((value > 0 ? "\"INF\"" : "\"-INF\"").utf8))
                }
            }
        case .utf8 where column.type == .json, .dictionary where column.type == .json:
            return { row, text in text.append(document(column.string(row) ?? "")) }
        case .utf8(let texts):
            return { row, text in
                if !text.append(texts, row, quoted: true, unless: stops) { text.append(string(texts[row])) }
            }
        case .binary(let values):
            return { row, text in
                text.append(quote)
                text.append(Base64.encoded(values[row]))
                text.append(quote)
            }
        case .dictionary(let indices, let levels):
            // Of many levels few rows name few.
            guard levels.count <= indices.count else {
                return { row, text in text.append(string(levels[Int(indices[row])])) }
            }
            let levels = levels.map(string)
            return { row, text in text.append(levels[Int(indices[row])]) }
        case .date32(let values):
            return { row, text in
                text.append(quote)
                guard text.append(days: values[row]) else { throw CellText.outside(column, first + row) }
                text.append(quote)
            }
        case .timestamp(let values):
            return { row, text in
                text.append(quote)
                guard text.append(microseconds: values[row]) else {
                    throw CellText.outside(column, first + row)
                }
                text.append(quote)
            }
        }
    }

    private static func string(_ text: String) -> [UInt8] {
        var json = JSONWriter()
        json.string(text)
        return json.bytes
    }

    /// The value that a text says, or the text where it says none.
    private static func document(_ text: String) -> [UInt8] {
        (try? JSONValue(parsing: text))?.canonicalBytes ?? string(text)
    }
}
