import DataFrames
import TableTypes

/// Why a JSON document is no table.
public enum JSONDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Lines and columns count from 1, columns in bytes.
    case syntax(line: Int, column: Int, JSONFault)
    /// There is neither an array nor an object where the rows should be.
    case notRows(path: [String])
    case noKey(String, keys: [String])
    case notAnArray(column: String)
    case unequalColumns(shorter: String, rows: Int, longer: String)

    public var description: String {
        switch self {
        case .syntax(let line, let column, let fault): "line \(line), column \(column): \(fault)"
        case .notRows(let path):
            "\(path.isEmpty ? "the document" : "'\(path.joined(separator: "."))'") is neither an array of objects nor an object of arrays"
        case .noKey(let key, []): "there is no key '\(key)'"
        case .noKey(let key, let keys):
            "there is no key '\(key)'; the keys are \(keys.prefix(8).joined(separator: ", "))"
        case .notAnArray(let column): "'\(column)' is no array, as the columns of a table are"
        case .unequalColumns(let shorter, let rows, let longer):
            "column '\(longer)' has more values than '\(shorter)', which has \(rows)"
        }
    }
}

/// What is wrong with one of several documents.
public struct JSONDocumentFault: Error, Hashable, Sendable {
    /// Place among those that were read, from 0.
    public var file: Int
    public var error: JSONDocumentError
}

extension JSONTable {
    /// Reads documents: each an array of objects, a row each, or an object of
    /// arrays, a column each.
    ///
    /// - Parameters:
    ///   - files: Documents whose rows follow each other.
    ///   - path: Keys that lead to the rows, from the outermost.
    /// - Throws: What is wrong with a document as a whole. An element that is
    ///   no object is a fault of its own.
    /// - Complexity: O(bytes), in one pass.
    public init(
        documents files: [UnsafeRawBufferPointer], rows path: [String], _ schema: TableSchema,
        flattens: Bool = false
    ) throws(JSONDocumentFault) {
        var reader = RowReader(ColumnSink(schema), flattens: flattens)
        var places = RowPlaces()
        var faults: [Fault] = []
        for (file, bytes) in files.enumerated() {
            places.beginFile()
            reader.open(bytes, endsAtLineBreak: false)
            do throws(JSONDocumentError) {
                try reader.document(path) { element, fault in
                    if let fault {
                        faults.append(Fault(file: file, number: element, fault: fault))
                    } else {
                        places.append(element)
                    }
                    return true
                }
            } catch {
                reader.sink.deallocate()
                reader.scanner.deallocate()
                throw JSONDocumentFault(file: file, error: error)
            }
        }
        self.init(reader, places, faults)
    }

    /// The schema of a document that has none, from its first rows.
    public static func schema(
        ofDocument bytes: UnsafeRawBufferPointer, rows path: [String], flattens: Bool = false,
        rows limit: Int = 10_000
    ) throws(JSONDocumentError) -> TableSchema {
        var reader = RowReader(ObservationSink(), flattens: flattens)
        defer { reader.scanner.deallocate() }
        reader.open(bytes, endsAtLineBreak: false)
        var rows = 0
        try reader.document(path) { _, fault in
            if fault == nil { rows += 1 }
            return rows < limit
        }
        return reader.sink.schema
    }
}
