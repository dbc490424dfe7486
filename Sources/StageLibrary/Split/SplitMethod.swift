import CanonicalJSON
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
}
