import DataFrames
import TableTypes

/// The objects of a JSON text as the columns a schema names, a row each.
///
/// - Keys that a row does not have are null in it; a key that is no field makes
///   the row a misfit.
/// - An integer beyond 64 bits fits a column of numbers, as the double nearest
///   to it, or of texts, as it is written; 3.0 and 1e3 are integers too.
/// - A column of texts or categories takes numbers and booleans as they are
///   written; one of numbers or booleans takes no texts.
/// - Objects and arrays are kept as canonical JSON, of type `json`.
public struct JSONTable: Sendable {
    /// In the schema's order, as long as `count`; a value that does not fit is null.
    public let columns: [DataColumn]
    /// Rows, with those that have misfits.
    public let count: Int
    /// Lines or elements that make no row, and why.
    public let faults: [Fault]
    /// By row.
    public let misfits: [Misfit]
    private let places: RowPlaces

    public struct Fault: Hashable, Sendable {
        /// Place among the texts that were read, from 0.
        public var file: Int
        /// The line, or the element of the document's array, from 1.
        public var number: Int
        /// The offset counts from the start of the line or element.
        public var fault: JSONFault
    }

    /// A value that is not what its field says.
    public struct Misfit: Hashable, Sendable {
        public enum Problem: Hashable, Sendable {
            /// A text, in quotes.
            case text
            case otherType
            /// The column is no field; the value is not told.
            case unknownKey
        }
        /// Place in the columns, from 0.
        public var row: Int
        public var column: String
        public var value: String
        public var problem: Problem
    }

    /// The text a row comes from, from 0, and its number there, from 1: the
    /// line, or the element.
    public func place(ofRow row: Int) -> (file: Int, number: Int) { places[row] }

    /// Reads JSON lines: one object a line, in UTF-8 with or without a byte
    /// order mark, lines ending in LF or CRLF; empty lines are skipped.
    ///
    /// - Parameters:
    ///   - files: Texts whose rows follow each other.
    ///   - flattens: Whether objects within a row are columns `a.b`.
    /// - Complexity: O(bytes), in one pass.
    public init(lines files: [UnsafeRawBufferPointer], _ schema: TableSchema, flattens: Bool = false) {
        var reader = RowReader(ColumnSink(schema), flattens: flattens)
        var places = RowPlaces()
        var faults: [Fault] = []
        for (file, bytes) in files.enumerated() {
            places.beginFile()
            reader.open(bytes, endsAtLineBreak: true)
            reader.lines { line, fault in
                if let fault {
                    faults.append(Fault(file: file, number: line, fault: fault))
                } else {
                    places.append(line)
                }
            }
        }
        self.init(reader, places, faults)
    }

    init(_ reader: RowReader<ColumnSink>, _ places: RowPlaces, _ faults: [Fault]) {
        let sink = reader.sink
        reader.scanner.deallocate()
        columns = sink.takeColumns()
        count = sink.rows
        misfits = sink.misfits
        self.faults = faults
        self.places = places
        sink.deallocate()
    }
}

/// Where rows come from: numbers are kept only where they do not count up.
struct RowPlaces: Sendable {
    /// Of each file the row it begins with.
    private var starts: [Int] = []
    private var count = 0
    private var numbers: [Int]?

    mutating func beginFile() { starts.append(count) }

    mutating func append(_ number: Int) {
        if numbers == nil, number != count - starts[starts.count - 1] + 1 {
            numbers = (0..<count).map { self[$0].number }
        }
        numbers?.append(number)
        count += 1
    }

    subscript(row: Int) -> (file: Int, number: Int) {
        let file = starts.lastIndex { $0 <= row }!
        return (file, numbers?[row] ?? row - starts[file] + 1)
    }
}
