import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `combine`: makes one column of several, which stay.
struct CombineStep: FeatureStep {
    static let name = "combine"
    static let summary = "Makes one column of several, which stay; null where one of them is null."
    static let isJoint = true
    static let parameters = [
        Parameter(
            "method",
            .choice([
                .init("cross", "Each combination of levels is a level, as of A and B the column A&B."),
                .init("product", "The product of numbers, A*B."),
                .init(
                    "ratio",
                    "The first number divided by the second, A/B; null where that is no finite number."),
            ]), .required, "What is made.")
    ]

    private let combination: Combination

    init?(_ members: JSONValue) {
        guard let combination = Combination(members) else { return nil }
        self.combination = combination
    }

    var operation: String { "combine by \(combination.method.rawValue)" }

    func outputs(of columns: [Column]) throws(StageLibraryFinding) -> [Column] {
        guard combination.takes(columns.count) else {
            throw .columnCount(
                operation: operation, count: columns.count,
                takes: combination.method == .ratio ? "two columns" : "two columns or more")
        }
        try require(columns, combination.takes)
        let isNullable = combination.method == .ratio || columns.contains(where: \.isNullable)
        return columns + [
            Column(combination.name(columns.map(\.name)), combination.type, isNullable: isNullable)
        ]
    }

    func learning(_ columns: [Column], holding most: Int) -> FeatureLearning<Combination> {
        .known(combination)
    }
}

/// One column of several.
struct Combination: FittedStep {
    enum Method: String, CaseIterable, Sendable {
        case cross, product, ratio
    }

    let method: Method

    init?(_ json: JSONValue) {
        guard let method = json["method"]?.string.flatMap(Method.init) else { return nil }
        self.method = method
    }

    var json: JSONValue { ["method": .string(method.rawValue)] }

    var type: ColumnType { method == .cross ? .text : .number }

    var takes: [ColumnType] {
        method == .cross ? [.boolean, .integer, .category, .text] : [.boolean, .integer, .number]
    }

    func takes(_ columns: Int) -> Bool { method == .ratio ? columns == 2 : columns >= 2 }

    private var sign: String {
        switch method {
        case .cross: "&"
        case .product: "*"
        case .ratio: "/"
        }
    }

    func name(_ columns: [String]) -> String { columns.joined(separator: sign) }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard takes(columns.count), columns.allSatisfy({ takes.contains($0.type) }) else { return nil }
        return columns + [FeatureShape(name: name(columns.map(\.name)), type: type)]
    }

    func apply(to columns: [DataColumn], first: Int) -> [FeatureValues] {
        let made = method == .cross ? crossed(columns) : calculated(columns)
        return (columns + [made]).map { .column($0) }
    }

    private func crossed(_ columns: [DataColumn]) -> DataColumn {
        let texts = (0..<columns[0].count).map { row -> String? in
            guard columns.allSatisfy({ $0.isValid(row) }) else { return nil }
            // No two combinations have one text.
            return columns.map { column in
                let level = OneHot.level(column, row)
                return level.contains("&") || level.contains("\\")
                    ? String(level.flatMap { $0 == "&" || $0 == "\\" ? ["\\", $0] : [$0] }) : level
            }.joined(separator: "&")
        }
        return DataColumn(
            name(columns.map(\.name)), .text, .utf8(StringStorage(texts.lazy.map { $0 ?? "" })),
            validity: ValidityBitmap(texts.map { $0 != nil }))
    }

    private func calculated(_ columns: [DataColumn]) -> DataColumn {
        var values = columns[0].numbers ?? []
        for column in columns.dropFirst() {
            let others = column.numbers ?? []
            for row in values.indices {
                if method == .ratio { values[row] /= others[row] } else { values[row] *= others[row] }
            }
        }
        let isThere = values.map { $0.isFinite }
        return DataColumn(
            name(columns.map(\.name)), .number, .float64(values.map { $0.isFinite ? $0 : 0 }),
            validity: ValidityBitmap(isThere))
    }

    /// Nothing was learned.
    var learned: [(quantity: String, value: JSONValue)] { [] }
    var text: String { method.rawValue }
}
