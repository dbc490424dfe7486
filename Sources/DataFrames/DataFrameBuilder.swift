import TableTypes

/// A table put together from rows of others, which have the same columns one after another: what comes in pieces of any
/// size goes on in pieces of one.
///
/// Levels of a category may grow from piece to piece: those that were there keep their places.
public struct DataFrameBuilder {
    private var columns: [ColumnParts] = []
    /// Rows.
    public private(set) var count = 0

    public init() {}

    /// - Precondition: Names, types and layouts are those of the frames before.
    /// - Complexity: O(bytes taken).
    public mutating func append(_ frame: DataFrame, _ rows: Range<Int>) {
        if columns.isEmpty { columns = frame.columns.map(ColumnParts.init) }
        precondition(columns.count == frame.columns.count, "a frame with other columns")
        for (index, column) in frame.columns.enumerated() { columns[index].append(column, rows) }
        if !columns.isEmpty { count += rows.count }
    }

    /// The rows so far, which are taken away. Without any frame there are no columns.
    public mutating func take() -> DataFrame {
        defer { count = 0 }
        return DataFrame(unchecked: columns.indices.map { columns[$0].take() }, count: count)
    }
}

extension DataFrame {
    /// Some rows one after the other.
    ///
    /// - Precondition: They are there.
    /// - Complexity: O(bytes taken).
    public func rows(_ range: Range<Int>) -> DataFrame {
        if range == 0..<count { return self }
        var builder = DataFrameBuilder()
        builder.append(self, range)
        return builder.take()
    }

    /// Calls with so many rows at a time, or once without rows where there are none, and with the number of rows before.
    public func eachPiece(of rows: Int, _ body: (DataFrame, Int) throws -> Void) rethrows {
        var first = 0
        repeat {
            try body(self.rows(first..<min(first + rows, count)), first)
            first += rows
        } while first < count
    }
}

/// The rows of one column that have come so far.
private struct ColumnParts {
    private let name: String
    private let type: ColumnType
    private let layout: StorageLayout
    private var rows = 0
    private var validity: ValidityBitmap?
    private var booleans: [Bool] = []
    /// Integers and times.
    private var integers: [Int64] = []
    private var numbers: [Double] = []
    /// Days and indices of levels.
    private var shorts: [Int32] = []
    private var texts = StringStorage()
    private var files = BinaryStorage()
    private var levels: [String] = []

    init(_ column: DataColumn) {
        name = column.name
        type = column.type
        layout = column.storage.layout
    }

    mutating func append(_ column: DataColumn, _ range: Range<Int>) {
        precondition(
            column.name == name && column.type == type && column.storage.layout == layout,
            "column '\(column.name)' in place of '\(name)'")
        switch column.storage {
        case .boolean(let values): booleans += values[range]
        case .int64(let values), .timestamp(let values): integers += values[range]
        case .float64(let values): numbers += values[range]
        case .date32(let values): shorts += values[range]
        case .utf8(let values): texts.append(values, range)
        case .binary(let values): files.append(values, range)
        case .dictionary(let indices, let known):
            shorts += indices[range]
            if known.count > levels.count { levels = known }
        }
        if let other = column.validity {
            if validity == nil {
                validity = ValidityBitmap()
                validity!.append(repeating: true, count: rows)
            }
            validity!.append(other, range)
        } else {
            validity?.append(repeating: true, count: range.count)
        }
        rows += range.count
    }

    mutating func take() -> DataColumn {
        defer {
            rows = 0
            validity = nil
            booleans.removeAll()
            integers.removeAll()
            numbers.removeAll()
            shorts.removeAll()
            texts = StringStorage()
            files = BinaryStorage()
        }
        let storage: ColumnStorage =
            switch layout {
            case .boolean: .boolean(booleans)
            case .int64: .int64(integers)
            case .timestamp: .timestamp(integers)
            case .float64: .float64(numbers)
            case .date32: .date32(shorts)
            case .utf8: .utf8(texts)
            case .binary: .binary(files)
            case .dictionary: .dictionary(indices: shorts, levels: levels)
            }
        return DataColumn(name, type, storage, validity: validity)
    }
}
