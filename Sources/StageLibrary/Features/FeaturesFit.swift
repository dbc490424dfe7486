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
        versions: [
            .init(1, "first"), .init(2, "texts are told apart by their bytes"),
            .init(3, "a transform is a list of steps, each with the columns it takes"),
        ],
        summary: "Learns how to fill, scale and encode columns, on the rows it is given only.",
        documentation: """
            The steps come one after the other, each learned from what those before it have made of the table; nulls and NaN are never learned from.
            The rows pass as often as the longest chain of steps needs, so the table may be larger than the memory.

            What comes out is a transform: what it has learned, as canonical JSON, for training, evaluation, serving and features.apply. `learned` is
            the same as a table to look at.

            The features are the columns that a step names, and those of type boolean, integer or number that none does; never the target, nor a column
            whose schema gives it a role. A text or category that is not encoded has no number and does not reach a model.

            An encoder gives one vector a column, an element a level that was there when fitting, levels in the order of their UTF-8 bytes; null is none
            of them. Numbers agree with those of the scikit-learn classes that do the same: SimpleImputer, StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler,
            QuantileTransformer and KBinsDiscretizer (without their subsampling), OneHotEncoder, OrdinalEncoder.
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
                "steps", .list(.variant(FeatureSteps.variants)), .defaulted([]),
                "What to do to which columns, in order."),
        ],
        libraries: ["features": 1], columnEffects: ["steps": .init(port: "in", table: after)], check: check,
        run: run)

    /// What a step makes of the columns there are; as they were, where it is wrong.
    private static func after(_ step: JSONValue, _ table: TableType) -> TableType {
        guard let step = DeclaredStep(step) else { return table }
        var types = FeatureTypes(table, target: nil)
        for columns in step.groups where types.columns(columns) != nil {
            _ = try? types.take(step.step, columns)
        }
        return TableType(types.columns, isOpen: table.isOpen)
    }

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
        guard let steps = check.parameters["steps"].flatMap(DeclaredStep.list) else { return }
        let table = check.table("in")
        let target = target(check.parameters, table)
        var types = FeatureTypes(table, target: target)
        for (index, step) in steps.enumerated() {
            for columns in step.groups where types.columns(columns) != nil {
                do throws(StageLibraryFinding) {
                    _ = try types.take(step.step, columns)
                } catch {
                    let end =
                        error.isAboutConstant ? ["value"] : ["columns"] + (error.column.map { [$0] } ?? [])
                    check.report(error, at: ["steps", String(index), step.name] + end)
                }
            }
        }
        let features = types.inputs
        let outputs = types.outputs
        check.outputs["features"] = .transform(
            TransformType(
                inputs: TableType(features, isOpen: table.isOpen),
                outputs: TableType(outputs, isOpen: table.isOpen), target: target))
    }

    private static func run(_ run: StageRun) throws {
        let all = try run.reader("in")
        let table = all.type
        let budget = MemoryBudget(run, "values and levels that steps learn from are held in memory")
        let transform = try FittedTransform.fit(
            steps: run.parameters["steps"] ?? [], target: target(run.parameters, table), table,
            rows: all.rows, memory: run.memory, threads: run.threads
        ) { columns, body in
            var reader = try run.reader("in", columns: columns)
            try reader.eachBatch { frame, first in
                try body(frame, first)
                try budget.check(rows: first + frame.count)
            }
        }
        try Files.write(transform.json.canonicalBytes, to: run.output("features"))
        run.tell(
            .fact(port: "features", name: "columns", .integer(Int64(transform.outputNames.count))))
        try run.write(ArrowTable(frame: transform.learned), to: "learned")
    }
}
