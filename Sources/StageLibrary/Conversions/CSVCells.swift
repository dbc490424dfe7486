import CanonicalJSON
import DataFrames

/// Values as fields of CSV: a null is an empty one.
enum CSVCells {
    /// Some of them are no reason for quotes; `escaped` sees.
    private static let stops = TextStops(below: 0x0E, UInt8(ascii: ","), UInt8(ascii: "\""))

    /// - Parameter first: The number of the column's first row in the table, for errors.
    static func cell(_ column: DataColumn, first: Int) -> RowWriter.Cell {
        RowWriter.cell(column, null: [], value(column, first))
    }

    private static func value(_ column: DataColumn, _ first: Int) -> RowWriter.Cell {
        switch column.storage {
        case .boolean(let values):
            let texts = (no: Array("false".utf8), yes: Array("true".utf8))
            return { row, text in text.append(values[row] ? texts.yes : texts.no) }
        case .int64(let values): return { row, text in text.append(integer: values[row]) }
        case .float64(let values):
            let places = ValueBytes.usualPlaces(values)
            return { row, text in
                let value = values[row]
                if value.isFinite { return text.append(number: value, usualPlaces: places) }
                if !value.isNaN { text.append(Array((value > 0 ? "INF" : "-INF").utf8)) }
            }
        case .utf8(let texts):
            return { row, text in
                // Without quotes a byte order mark would be taken for the file's own.
                let start = texts.offsets[row]
                let isMarked = start < texts.offsets[row + 1] && texts.bytes[start] == 0xEF
                if isMarked || !text.append(texts, row, quoted: false, unless: stops) {
                    text.append(escaped(texts[row]))
                }
            }
        case .binary(let values):
            return { row, text in text.append(Base64.encoded(values[row])) }
        case .dictionary(let indices, let levels):
            // Of many levels few rows name few.
            guard levels.count <= indices.count else {
                return { row, text in text.append(escaped(levels[Int(indices[row])])) }
            }
            let levels = levels.map(escaped)
            return { row, text in text.append(levels[Int(indices[row])]) }
        case .date32(let values):
            return { row, text in
                guard text.append(days: values[row]) else { throw CellText.outside(column, first + row) }
            }
        case .timestamp(let values):
            return { row, text in
                guard text.append(microseconds: values[row]) else {
                    throw CellText.outside(column, first + row)
                }
            }
        }
    }

    /// A text between quotes where it needs them.
    static func escaped(_ text: String) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == quote || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes || text.unicodeScalars.first == "\u{FEFF}" else { return Array(text.utf8) }
        return [quote] + text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
    }
}
