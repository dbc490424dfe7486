import Diagnostics
import StageLibrary
import TableTypes

/// A schema that was inferred, with what a first pipeline makes of it.
struct InferredTable {
    let schema: TableSchema
    let target: String

    /// - Throws: `DiagnosticError` when the target is no column, or none to learn.
    init(_ inferred: TableSchema, target: String, of data: String) throws {
        let names = inferred.fields.map(\.name)
        guard let place = names.firstIndex(of: target) else {
            throw DiagnosticError(NewProjectFinding.unknownTarget(target, data: data, columns: names))
        }
        var schema = inferred
        guard [.boolean, .integer, .category, .text].contains(schema.fields[place].columnType) else {
            throw DiagnosticError(
                NewProjectFinding.targetType(target, type: schema.fields[place].type.rawValue))
        }
        schema.fields[place].role = .target
        schema.fields[place].constraints.required = true
        for field in schema.fields.indices
        where field != place && SchemaProposal.isKey(schema.fields[field].name) {
            schema.fields[field].role = .id
        }
        self.schema = schema
        self.target = target
        if features.numeric.isEmpty, features.categorical.isEmpty {
            throw DiagnosticError(NewProjectFinding.noFeatures(target: target))
        }
    }

    /// Columns that the selectors of a step would take.
    private var features: (numeric: [String], categorical: [String]) {
        let free = schema.fields.filter { $0.role == nil }
        return (
            free.filter { $0.columnType.isNumeric }.map(\.name),
            free.filter { $0.columnType == .category || $0.columnType == .boolean }.map(\.name)
        )
    }

    func schemaText(source: String) -> String {
        var text = SchemaText(schema)
        text.head = [
            "A Table Schema, inferred from the first 10,000 rows of \(source): correct it where it guessed wrong.",
            "A role says what a column is for: target, id, group, weight, time or ignore; one without is a feature.",
        ]
        text.roleRemark = { $0.role == .id ? "by its name; a feature without this line" : nil }
        return text.text
    }

    /// - Parameter data: The file, relative to the root.
    func pipeline(name: String, data: String) -> String {
        var steps = ""
        if !features.numeric.isEmpty {
            steps += """
                        - impute: { columns: numeric, strategy: median }
                        - scale: { columns: numeric, method: standard }

                """
        }
        if !features.categorical.isEmpty {
            steps += "        - encode: { columns: categorical, method: one_hot, unknown: ignore }\n"
        }
        return """
            # yaml-language-server: $schema=../schemas/pipeline.schema.json
            name: \(YAMLText.scalar(name))
            seed: 1                        # of every random stage that states none: same seed, same bytes

            stages:
              rows:
                uses: collect.csv
                with:
                  path: \(YAMLText.scalar("//" + data))
                  schema: \(YAMLText.scalar("//schemas/\(name).yaml"))

              split:
                uses: split.rows
                in: rows
                with: { test: 0.2, stratify: \(YAMLText.scalar(target)) }

              features:
                uses: features.fit         # learns on the training rows only
                in: split.train
                with:
                  target: \(YAMLText.scalar(target))
                  steps:
            \(steps)
              model:
                uses: train.model
                in: { train: split.train, features: features }
                with: { estimator: logistic }    # or mlp, a neural network: sluice stages train.model

              report:
                uses: evaluate.model
                in: { model: model, test: split.test }
                # A run fails below this bound. Take away the # when you know what to ask for:
                # with: { gates: { accuracy: ">= 0.80" } }
                publish: { report: \(YAMLText.scalar("//reports/\(name).html")) }

            """
    }
}
