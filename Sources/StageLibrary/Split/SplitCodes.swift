import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// What a table's rows are split by, read batch by batch from the one column that decides it: a code for each distinct
/// value, or a time.
struct SplitCodes {
    private let method: SplitMethod
    private var table: TableReader
    /// Distinct values, numbered as they come.
    private var known: [Value: Int32] = [:]
    private var codes: [Int32] = []
    private var times: [Int64] = []
    private var numbers: [Double] = []

    /// A value that rows can belong together by.
    private enum Value: Hashable {
        case integer(Int64)
        case text(String)
    }

    init(_ method: SplitMethod, _ table: TableReader) {
        self.method = method
        self.table = table
    }

    /// The rule of `RowSplit`, and the level of each code of a stratified split.
    ///
    /// - Throws: `SplitFinding` for a column that cannot be split by, and a row without a value.
    mutating func rule(
        _ budget: MemoryBudget
    ) throws -> (rule: RowSplit.Method, levels: [String]) {
        guard let name = method.column, let type = table.type[name]?.type else { return (.random, []) }
        try method.check(type)
        while true {
            let first = table.position
            guard let frame = try table.next() else { break }
            let column = frame.columns[0]
            try requireValues(column, first)
            if method.word == .time { takeTimes(column) } else { takeCodes(column) }
            try budget.check(rows: table.position)
        }
        if method.word == .time {
            return (numbers.isEmpty ? .timestamps(times) : .time(numbers), [])
        }
        let levels = ranked(type)
        return (method.word == .group ? .group(codes) : .stratified(codes), levels)
    }

    private func requireValues(_ column: DataColumn, _ first: Int) throws(SplitFinding) {
        for row in 0..<column.count {
            var isThere = column.isValid(row)
            if case .float64(let values) = column.storage, values[row].isNaN { isThere = false }
            if !isThere {
                throw .noValue(row: first + row + 1, column: column.name, use: "to \(method.word.use)")
            }
        }
    }

    private mutating func takeTimes(_ column: DataColumn) {
        switch column.storage {
        case .float64(let values): numbers += values
        case .int64(let values), .timestamp(let values): times += values
        case .date32(let values): times += values.lazy.map(Int64.init)
        case .boolean, .utf8, .binary, .dictionary: break
        }
    }

    private mutating func takeCodes(_ column: DataColumn) {
        switch column.storage {
        case .boolean(let values): for value in values { take(.integer(value ? 1 : 0)) }
        case .int64(let values), .timestamp(let values): for value in values { take(.integer(value)) }
        case .date32(let values): for value in values { take(.integer(Int64(value))) }
        case .float64(let values):
            for value in values { take(.integer(Int64(bitPattern: value.bitPattern))) }
        case .utf8(let texts): for row in 0..<texts.count { take(.text(texts[row])) }
        case .binary: preconditionFailure("no method splits by files")
        case .dictionary(let indices, let levels):
            var codes = [Int32?](repeating: nil, count: levels.count)
            for index in indices {
                let code = codes[Int(index)] ?? code(.text(levels[Int(index)]))
                codes[Int(index)] = code
                self.codes.append(code)
            }
        }
    }

    private mutating func take(_ value: Value) { codes.append(code(value)) }

    private mutating func code(_ value: Value) -> Int32 {
        if let code = known[value] { return code }
        let code = Int32(known.count)
        known[value] = code
        return code
    }

    /// Numbers the codes anew, in ascending order of the values, so that the order of rows or of declared levels decides
    /// nothing.
    ///
    /// - Returns: The value of each code as text.
    private mutating func ranked(_ type: ColumnType) -> [String] {
        let order = known.sorted { a, b in
            switch (a.key, b.key) {
            case (.integer(let a), .integer(let b)): a < b
            case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
            case (.integer, .text): true
            case (.text, .integer): false
            }
        }
        var places = [Int32](repeating: 0, count: order.count)
        for (place, entry) in order.enumerated() { places[Int(entry.value)] = Int32(place) }
        for row in codes.indices { codes[row] = places[Int(codes[row])] }
        return order.map { entry in
            switch entry.key {
            case .text(let text): text
            case .integer(let value):
                switch type {
                case .boolean: value == 1 ? "true" : "false"
                case .date: FieldText.text(days: Int32(value)) ?? "\(value)"
                default: "\(value)"
                }
            }
        }
    }
}
