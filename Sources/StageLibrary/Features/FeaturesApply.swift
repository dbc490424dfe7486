import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// `features.apply`: a table prepared by a transform that was fitted before.
enum FeaturesApply {
    static let kind = StageKind(
        "features.apply",
        versions: [
            .init(1, "first"), .init(2, "texts are told apart by their bytes"),
            .init(3, "what a step gives a name of its own stands behind the other columns"),
        ],
        summary: "Prepares a table with a transform that features.fit has learned.",
        documentation: """
            Features are filled and scaled in place; an encoded one gives way to a boolean column a level, called COLUMN=LEVEL. Which levels there are is
            known only once the transform is fitted, so what stands after an encoder is checked before the stage that reads it starts. All other columns,
            the target among them, stay as they are. Nothing is learned here.
            """,
        example: """
            prepared:
              uses: features.apply
              in: { table: split.test, features: features }
            """,
        inputs: [
            InputPort("table", .table, "The rows."),
            InputPort("features", .transform, "The transform."),
        ],
        outputs: [OutputPort("table", .table, "The prepared rows.")], parameters: [],
        libraries: ["features": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        guard let transform = check.transform("features") else { return }
        var table = check.table("table")
        for feature in transform.inputs.columns {
            if let column = table[feature.name] {
                if !FeatureShape.isSameKind(column.type, feature.type) {
                    check.report(
                        StageLibraryFinding.columnChangedType(
                            column: column.name, type: column.type, expected: feature.type), atInput: "table")
                }
            } else if !table.isOpen {
                check.reportMissing(
                    feature.name, at: "table", why: check.neededBy("transform", at: "features"))
            }
        }
        let inputs = Set(transform.inputs.names)
        func placed(_ output: Column, over column: Column) -> Column? {
            guard output.type != .vector else {
                table.isOpen = true
                return nil
            }
            var column = column
            if output.type != column.type { column.levels = nil }
            column.type = output.type
            column.isNullable = output.isNullable
            return column
        }
        let columns = table.columns.compactMap { column in
            guard let output = transform.outputs[column.name] else {
                return inputs.contains(column.name) ? nil : column
            }
            return placed(output, over: column)
        }
        table.columns =
            columns
            + transform.outputs.columns.lazy.filter { !inputs.contains($0.name) }
            .compactMap { placed($0, over: $0) }
        // What an unknown transform does to the columns nobody can tell.
        check.outputs["table"] = .table(transform.outputs.isOpen ? .unknown : table)
    }

    private static func run(_ run: StageRun) throws {
        guard let artifact = run.input("features") else { throw StageError("there is no transform to apply") }
        let transform: FittedTransform
        do {
            transform = try FittedTransform(json: JSONValue(parsing: Files.read(artifact.path)))
        } catch let error as JSONSyntaxError {
            throw StageError(StageLibraryFinding.badTransform("\(error)"))
        }
        var reader = try run.reader("table")
        try run.require(
            transform.inputColumns, of: reader.type.names, at: "table",
            why: run.neededBy("transform", at: "features"))
        let writer = TableWriter(run, "table", roles: reader.roles)
        try reader.eachBatch { frame, first in try writer.append(transform.apply(frame, first: first)) }
        try writer.finish()
    }
}
