import CanonicalJSON
import DataFrames
import Estimators
import TableTypes

/// How `split.rows` is to cut, as its parameters say.
struct SplitMethod {
    enum Word: String, CaseIterable {
        case random, stratified, time, group

        /// The parameter that names the column; none for random.
        var parameter: String? {
            switch self {
            case .random: nil
            case .stratified: "stratify"
            case .time: "time"
            case .group: "group"
            }
        }

        /// Types of a column that rows can be split by.
        var takes: [ColumnType] {
            switch self {
            case .random: []
            case .stratified: [.boolean, .integer, .category, .text]
            case .time: [.date, .timestamp, .integer, .number]
            case .group: [.boolean, .integer, .category, .text, .date, .timestamp]
            }
        }

        /// As messages call it.
        var use: String {
            switch self {
            case .random: "split at random"
            case .stratified: "stratify"
            case .time: "split in time"
            case .group: "group"
            }
        }
    }

    let word: Word
    let column: String?

    /// - Throws: `SplitFinding` for parameters that contradict each other.
    init(_ parameters: JSONValue) throws(SplitFinding) {
        let given = Word.allCases.filter { $0.parameter.flatMap { parameters[$0]?.string } != nil }
        let told = parameters["method"]?.string.flatMap(Word.init)
        if given.count > 1 {
            throw .twoMethods(given[0].parameter ?? "", given[1].parameter ?? "")
        }
        if let told, let other = given.first, other != told {
            throw .parameterOfOther(parameter: other.parameter ?? "", method: told.rawValue)
        }
        word = told ?? given.first ?? .random
        column = word.parameter.flatMap { parameters[$0]?.string }
        if let parameter = word.parameter, column == nil {
            throw .methodWithout(method: word.rawValue, parameter: parameter)
        }
    }

    func check(_ type: ColumnType) throws(SplitFinding) {
        guard let column, !word.takes.contains(type) else { return }
        throw .columnType(column: column, type: type, use: word.use, takes: word.takes)
    }

    /// The rule of `RowSplit` for the rows of a table, and the level of each
    /// code of a stratified split.
    func rule(_ data: DataColumn?) throws(SplitFinding) -> (rule: RowSplit.Method, levels: [String]) {
        guard let data, let column else { return (.random, []) }
        try check(data.type)
        for row in 0..<data.count {
            var isThere = data.isValid(row)
            if case .float64(let values) = data.storage, values[row].isNaN { isThere = false }
            if !isThere { throw .noValue(row: row + 1, column: column, use: "to \(word.use)") }
        }
        if word == .time {
            switch data.storage {
            case .float64(let values): return (.time(values), [])
            case .int64(let values), .timestamp(let values): return (.timestamps(values), [])
            case .date32(let values): return (.timestamps(values.map(Int64.init)), [])
            case .boolean, .utf8, .binary, .dictionary: return (.random, [])
            }
        }
        let (codes, levels) = Self.codes(data)
        return (word == .group ? .group(codes) : .stratified(codes), levels)
    }

    /// A code for each distinct value, in ascending order of the values, so
    /// that the order of rows or of declared levels decides nothing.
    private static func codes(_ data: DataColumn) -> (codes: [Int], levels: [String]) {
        func ranked<Value: Hashable>(
            _ values: [Value], _ precedes: (Value, Value) -> Bool, _ text: (Value) -> String
        ) -> (codes: [Int], levels: [String]) {
            let distinct = Set(values).sorted(by: precedes)
            let places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
            return (values.map { places[$0] ?? 0 }, distinct.map(text))
        }
        switch data.storage {
        case .boolean(let values):
            return ranked(values, { !$0 && $1 }, { $0 ? "true" : "false" })
        case .int64(let values), .timestamp(let values): return ranked(values, <, { String($0) })
        case .date32(let values): return ranked(values, <, { FieldText.text(days: $0) ?? String($0) })
        case .float64(let values): return ranked(values, <, { "\($0)" })
        case .binary(let values):
            return ranked(
                (0..<data.count).map { values[$0] }, { $0.lexicographicallyPrecedes($1) },
                { "\($0.count) bytes" })
        case .utf8, .dictionary:
            let texts = (0..<data.count).map { data.string($0) ?? "" }
            return ranked(texts, { $0.utf8.lexicographicallyPrecedes($1.utf8) }, { $0 })
        }
    }
}
