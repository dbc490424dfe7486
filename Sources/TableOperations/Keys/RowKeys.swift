import DataFrames

/// The keys of rows, over one or several columns, numbered in the order they
/// first come.
struct RowKeys {
    /// What becomes of a row with a null among its keys.
    enum Nulls {
        /// Null is a value like another: it equals itself.
        case group
        /// The row has no key: number -1 (SQL's equality).
        case apart
    }

    let numbers: [Int32]
    let count: Int
    private let columns: [ColumnKeys]
    /// Of the pairs of what came before and one more column.
    private let pairs: [PairKeys]

    /// - Precondition: At least one column, all with `rows` rows, at most 2^31 - 2 of them.
    /// - Complexity: O(bytes of the columns), expected.
    init(_ keys: [DataColumn], nulls: Nulls) {
        precondition(!keys.isEmpty && keys[0].count < Int(Int32.max), "\(keys.count) key columns")
        let columns = keys.map(ColumnKeys.init)
        var (numbers, count) = (columns[0].numbers, columns[0].count)
        if nulls == .group, keys[0].nullCount > 0 { (numbers, count) = Self.withNull(numbers, count) }
        var pairs: [PairKeys] = []
        for (column, key) in zip(columns, keys).dropFirst() {
            var (next, width) = (column.numbers, column.count)
            if nulls == .group, key.nullCount > 0 { (next, width) = Self.withNull(next, width) }
            let pair = PairKeys(numbers, count, next, width)
            pairs.append(pair)
            (numbers, count) = (pair.numbers, pair.count)
        }
        self.numbers = numbers
        self.count = count
        self.columns = columns
        self.pairs = pairs
    }

    /// Null gets the number that its first row's place in the order gives it.
    private static func withNull(_ numbers: [Int32], _ count: Int) -> ([Int32], Int) {
        guard let first = numbers.firstIndex(of: -1) else { return (numbers, count) }
        let null = numbers[..<first].max().map { $0 + 1 } ?? 0
        return (numbers.map { $0 < 0 ? null : $0 >= null ? $0 + 1 : $0 }, count + 1)
    }

    /// The numbers of another table's keys, -1 for what is not among these.
    ///
    /// - Precondition: As many columns, each comparable with its own; the keys
    ///   were made with nulls apart.
    func find(_ keys: [DataColumn]) -> [Int32] {
        var numbers = columns[0].find(keys[0])
        for (index, pair) in pairs.enumerated() {
            numbers = pair.find(numbers, columns[index + 1].find(keys[index + 1]))
        }
        return numbers
    }

    /// The first row of each key, by its number.
    var firstRows: [Int32] {
        var rows = [Int32](repeating: -1, count: count)
        var found = 0
        for (row, number) in numbers.enumerated() where number == found {
            rows[found] = Int32(row)
            found += 1
            if found == count { break }
        }
        return rows
    }
}

/// Pairs of numbers, numbered in the order they first come.
struct PairKeys {
    private enum Index {
        /// By first times width plus second: for few different pairs.
        case square(width: Int, numbers: [Int32])
        case words(WordTable)
    }

    let numbers: [Int32]
    let count: Int
    private let index: Index

    init(_ first: [Int32], _ firstCount: Int, _ second: [Int32], _ secondCount: Int) {
        let rows = first.count
        var made = Index.square(width: secondCount, numbers: [])
        var count = 0
        let (cells, isOver) = firstCount.multipliedReportingOverflow(by: secondCount)
        numbers = [Int32](unsafeUninitializedCapacity: rows) { numbers, filled in
            filled = rows
            guard let start = numbers.baseAddress, rows > 0 else { return }
            first.withUnsafeBufferPointer { first in
                second.withUnsafeBufferPointer { second in
                    if !isOver, cells <= max(1024, rows * 4) {
                        var known = [Int32](repeating: -1, count: cells)
                        known.withUnsafeMutableBufferPointer { known in
                            for row in 0..<rows {
                                guard first[row] >= 0, second[row] >= 0 else {
                                    start[row] = -1
                                    continue
                                }
                                let cell = Int(first[row]) * secondCount + Int(second[row])
                                if known[cell] < 0 {
                                    known[cell] = Int32(count)
                                    count += 1
                                }
                                start[row] = known[cell]
                            }
                        }
                        made = .square(width: secondCount, numbers: known)
                        return
                    }
                    var table = WordTable()
                    table.number(rows: 0..<rows, into: start) { row in
                        guard first[row] >= 0, second[row] >= 0 else {
                            start[row] = -1
                            return nil
                        }
                        return Self.word(first[row], second[row])
                    }
                    made = .words(table)
                    count = table.count
                }
            }
        }
        index = made
        self.count = count
    }

    func find(_ first: [Int32], _ second: [Int32]) -> [Int32] {
        let rows = first.count
        return [Int32](unsafeUninitializedCapacity: rows) { numbers, filled in
            filled = rows
            guard let start = numbers.baseAddress, rows > 0 else { return }
            switch index {
            case .square(let width, let known):
                for row in 0..<rows {
                    let isIn = first[row] >= 0 && second[row] >= 0 && !known.isEmpty
                    start[row] = isIn ? known[Int(first[row]) * width + Int(second[row])] : -1
                }
            case .words(let table):
                table.find(rows: 0..<rows, into: start) {
                    first[$0] >= 0 && second[$0] >= 0 ? Self.word(first[$0], second[$0]) : nil
                }
            }
        }
    }

    @inline(__always)
    private static func word(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }
}

/// The rows of each key, ascending, end to end: what is done a group at a time.
struct RowsByKey {
    /// Row numbers, those of key `k` from `starts[k]` to `starts[k + 1]`.
    let rows: [Int32]
    let starts: [Int32]

    /// A counting sort; rows without a key are left out. O(rows + keys).
    init(_ numbers: [Int32], count: Int) {
        var ends = [Int32](repeating: 0, count: count + 1)
        var kept = 0
        for number in numbers where number >= 0 {
            ends[Int(number) + 1] += 1
            kept += 1
        }
        for key in 0..<count { ends[key + 1] += ends[key] }
        starts = ends
        var next = ends
        rows = [Int32](unsafeUninitializedCapacity: kept) { rows, filled in
            for (row, number) in numbers.enumerated() where number >= 0 {
                rows.initializeElement(at: Int(next[Int(number)]), to: Int32(row))
                next[Int(number)] += 1
            }
            filled = kept
        }
    }

    subscript(key: Int) -> ArraySlice<Int32> { rows[Int(starts[key])..<Int(starts[key + 1])] }
}
