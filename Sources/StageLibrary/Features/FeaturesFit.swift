import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// `features.fit`: learns on one table how to prepare every table.
enum FeaturesFit {
    static let kind = StageKind(
        "features.fit",
        versions: [.init(1, "first"), .init(2, "texts are told apart by their bytes")],
        summary: "Learns how to fill, scale and encode columns, on the rows it is given only.",
        documentation: """
            The steps come one after the other, each learned from what those before it have made of the table; nulls and NaN are never learned from.
            What comes out is a transform: what it has learned, as canonical JSON, for training, evaluation, serving and features.apply. `learned` is
            the same as a table to look at.

            The features are the columns that a step names, and those of type boolean, integer or number that none does; never the target, nor a column
            whose schema gives it a role. A text or category that is not encoded has no number and does not reach a model.

            An encoder gives one vector a column, an element a level that was there when fitting, levels in the order of their UTF-8 bytes; null is none
            of them. Numbers agree with scikit-learn's SimpleImputer, StandardScaler, MinMaxScaler and OneHotEncoder.
            """,
        example: """
            features:
              uses: features.fit
              in: split.train
              with:
                target: creditability
                steps:
                  - impute: { columns: numeric, strategy: median }
                  - scale: { columns: numeric, method: standard }
                  - encode: { columns: categorical, method: one_hot, unknown: ignore }
            """,
        inputs: [InputPort("in", .table, use: .fit, "The rows to learn from: training rows.")],
        outputs: [
            OutputPort("features", .transform, "The transform."),
            OutputPort(
                "learned", .table, "What each step learned: column, step, quantity, number, text."),
        ],
        parameters: [
            Parameter(
                "target", .column(port: "in"), .optional,
                "The column that is to be learned; without it the one whose role in the schema is target, if any."
            ),
            Parameter(
                "steps", .list(.variant(steps)), .defaulted([]), "What to do to which columns, in order."),
        ],
        libraries: ["features": 1], check: check, run: run)

    private static let columns = Parameter("columns", .selector(port: "in"), .required, "Which columns.")

    private static let steps: [ParameterType.Variant] = [
        .init(
            "impute", "Fills in missing values.",
            [
                columns,
                Parameter(
                    "strategy",
                    .choice([
                        .init("median", "The median."), .init("mean", "The mean."),
                        .init("most_frequent", "The value that comes most often; of several, the smallest."),
                        .init("constant", "`value`."),
                    ]), .defaulted(.string(FeatureStep.defaultStrategy.rawValue)), "What is filled in."),
                Parameter(
                    "value", .either([.boolean, .number(.all), .text]), .optional,
                    "What strategy: constant fills in."),
            ]),
        .init(
            "scale", "Brings numbers to one scale.",
            [
                columns,
                Parameter(
                    "method",
                    .choice([
                        .init("standard", "Mean 0 and deviation 1."), .init("min_max", "From 0 to 1."),
                    ]), .defaulted(.string(FeatureStep.defaultMethod.rawValue)), "Which scale."),
            ]),
        .init(
            "encode", "Makes numbers of levels.",
            [
                columns,
                Parameter(
                    "method", .choice([.init("one_hot", "A 1 in the place of the level, else 0.")]),
                    .defaulted(.string(FeatureStep.defaultEncoding.rawValue)), "Which numbers."),
                Parameter(
                    "unknown",
                    .choice([
                        .init("error", "Is an error."), .init("ignore", "Is no level, like a null."),
                    ]), .defaulted(.string(FeatureStep.defaultUnknown.rawValue)),
                    "What a level means that was not there when fitting."),
            ]),
    ]

    /// Columns of `learned`.
    static let learnedType = TableType([
        Column("column", .text, isNullable: false), Column("step", .text, isNullable: false),
        Column("quantity", .text, isNullable: false), Column("number", .number), Column("text", .text),
    ])

    /// The column to learn: as told, else the one with the role.
    private static func target(_ parameters: JSONValue, _ table: TableType) -> String? {
        parameters["target"]?.string ?? table.columns.first { $0.role == .target }?.name
    }

    private static func check(_ check: inout StageCheck) {
        check.outputs["learned"] = .table(learnedType)
        guard let steps = check.parameters["steps"].flatMap(FeatureStep.list) else { return }
        let table = check.table("in")
        let target = target(check.parameters, table)
        /// Of each feature what the steps have made of it; nil once encoded.
        var current: [String: ColumnType?] = [:]
        var filled: Set<String> = []
        for (index, step) in steps.enumerated() {
            for name in step.columns {
                guard let column = table[name] else { continue }
                do throws(StageLibraryFinding) {
                    if name == target { throw .targetInStep(column: name, step: step.operation) }
                    guard let type = current[name, default: column.type] else {
                        throw .stepAfterEncode(column: name, step: step.operation)
                    }
                    current.updateValue(try step.outputType(of: name, type), forKey: name)
                    if case .impute = step { filled.insert(name) }
                } catch {
                    let end = error.isAboutConstant ? ["value"] : ["columns", name]
                    check.report(error, at: ["steps", String(index), step.name] + end)
                }
            }
        }
        let features = table.columns.filter { column in
            current[column.name] != nil
                || column.name != target && column.role == nil && FittedTransform.isFeature(column.type)
        }
        let outputs = features.map { column -> Column in
            guard let type = current[column.name, default: column.type] else {
                return Column(column.name, .vector, isNullable: false)
            }
            return Column(
                column.name, type, isNullable: column.isNullable && !filled.contains(column.name))
        }
        check.outputs["features"] = .transform(
            TransformType(
                inputs: TableType(features, isOpen: table.isOpen),
                outputs: TableType(outputs, isOpen: table.isOpen), target: target))
    }

    private static func run(_ run: StageRun) throws {
        let table = try run.table("in")
        let transform = try FittedTransform.fit(
            steps: run.parameters["steps"] ?? [], target: target(run.parameters, table.tableType),
            roles: table.roles, on: table.frame)
        try Files.write(transform.json.canonicalBytes, to: run.output("features"))
        run.tell(
            .fact(port: "features", name: "columns", .integer(Int64(transform.outputNames.count))))
        try run.write(ArrowTable(frame: transform.learned), to: "learned")
    }
}
