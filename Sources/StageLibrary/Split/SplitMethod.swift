import CanonicalJSON
import Estimators
import PipelineLanguage
import TableTypes

/// How rows are to be cut, as the parameters of a split say.
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

        /// Whether rows are drawn one by one, so that those of one content may come to lie on both sides.
        var drawsSingleRows: Bool { self == .random || self == .stratified }
    }

    let word: Word
    let column: String?
    /// Whether rows of the same content are a group.
    let groupsByContent: Bool
    /// The columns that are the content, where they are named.
    private let content: [String]?

    /// - Throws: `SplitFinding` for parameters that contradict each other.
    init(_ parameters: JSONValue) throws(SplitFinding) {
        groupsByContent = parameters[Self.groupBy]?.string != nil
        content = parameters[Self.content]?.array?.compactMap(\.string)
        var given = Word.allCases.compactMap { word in
            word.parameter.flatMap { parameters[$0]?.string == nil ? nil : (name: $0, word: word) }
        }
        if groupsByContent { given.append((Self.groupBy, .group)) }
        let told = parameters["method"]?.string.flatMap(Word.init)
        if given.count > 1 { throw .twoMethods(given[0].name, given[1].name) }
        if let told, let other = given.first, other.word != told {
            throw .parameterOfOther(parameter: other.name, method: told.rawValue)
        }
        word = told ?? given.first?.word ?? .random
        column = word.parameter.flatMap { parameters[$0]?.string }
        if let parameter = word.parameter, given.isEmpty {
            throw .methodWithout(method: word.rawValue, parameter: parameter)
        }
        if parameters[Self.content] != nil, !groupsByContent, !word.drawsSingleRows {
            throw .parameterOfOther(parameter: Self.content, method: word.rawValue)
        }
    }

    func check(_ type: ColumnType) throws(SplitFinding) {
        guard let column, !word.takes.contains(type) else { return }
        throw .columnType(column: column, type: type, use: word.use, takes: word.takes)
    }

    // MARK: Content

    static let groupBy = "group_by"
    static let content = "content"
    private static let compared: [ColumnType] = [.text, .category, .image, .audio]

    /// The columns whose values are a row's content: those named, else all of texts, images and audio without a role.
    ///
    /// - Throws: `SplitFinding` for a column that has no content, and where rows are to be grouped by none.
    func contentColumns(_ table: TableType) throws(SplitFinding) -> [String] {
        for name in content ?? [] {
            guard let type = table[name]?.type, !Self.compared.contains(type) else { continue }
            throw .columnType(column: name, type: type, use: "compare content", takes: Self.compared)
        }
        let columns =
            content
            ?? table.columns.filter { column in
                column.role == nil && [.text, .image, .audio].contains(column.type)
            }.map(\.name)
        if columns.isEmpty, groupsByContent, !table.isOpen { throw .noContent }
        return columns
    }
}

// MARK: Parameters

extension SplitMethod {
    /// What all splits take to say how rows are chosen.
    static let parameters = [
        Parameter(
            "method",
            .choice([
                .init("random", "Each row by itself."),
                .init("stratified", "At random within each level of `stratify`."),
                .init("time", "By the order of `time`."),
                .init("group", "At random, groups of `group` or `group_by` whole."),
            ]), .optional,
            "How rows are chosen; without it the method of the column given below, else random."),
        Parameter(
            "stratify", .column(port: "in"), .optional,
            "The column whose levels keep their shares: boolean, integer, category or text."),
        Parameter(
            "time", .column(port: "in"), .optional,
            "The column that orders the rows: date, timestamp, integer or number."),
        Parameter(
            "group", .column(port: "in"), .optional, "The column that tells which rows belong together."),
        Parameter(
            groupBy, .choice([.init(content, "Rows of the same content belong together.")]), .optional,
            "What tells which rows belong together where no column does."),
        Parameter(
            content, .selector(port: "in"), .optional,
            "The columns that are a row's content: text, category, image or audio; without it all of text, image and audio without a role."
        ),
    ]

    /// What documentation says of content.
    static let contentDocumentation = """
        `group_by: content` keeps rows of one content together. Two contents are the same where all columns of `content` are: texts and levels whose
        letters are the same but for case and white space (any run of it is one space, at either end it is nothing; full-width forms, accents and signs
        do count), images and audio of the same bytes, and gaps where the other row has one. A row with nothing in all of them is the same as no other.
        Name the columns where others are texts too, such as a label.
        A random or stratified split says in its log, and in the fact `repeated` of a part, how many rows of the part have a content that train has too.
        """

    /// Reports what is wrong with how rows are chosen.
    static func check(_ check: inout StageCheck) {
        let table = check.table("in")
        do {
            let method = try SplitMethod(check.parameters)
            if let name = method.column, let column = table[name] {
                do throws(SplitFinding) {
                    try method.check(column.type)
                } catch {
                    check.report(error, at: [method.word.parameter ?? ""])
                }
            }
            do throws(SplitFinding) {
                if method.groupsByContent || method.content != nil { _ = try method.contentColumns(table) }
            } catch {
                if case .columnType(let column, _, _, _) = error {
                    check.report(error, at: [content, column])
                } else {
                    check.report(error, at: [groupBy])
                }
            }
        } catch {
            let place =
                switch error {
                case .twoMethods(_, let second): second
                case .parameterOfOther(content, _): content
                default: "method"
                }
            check.report(error, at: [place])
        }
    }
}
