import CanonicalJSON
import Diagnostics
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
        for field in schema.fields.indices where field != place && Self.isKey(schema.fields[field].name) {
            schema.fields[field].role = .id
        }
        self.schema = schema
        self.target = target
        if features.numeric.isEmpty, features.categorical.isEmpty {
            throw DiagnosticError(NewProjectFinding.noFeatures(target: target))
        }
    }

    /// A name that people give to what tells rows apart.
    private static func isKey(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "id" || name.hasSuffix("_id") || name == "uuid"
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
        var text = """
            # A Table Schema, inferred from the first 10,000 rows of \(source): correct it where it guessed wrong.
            # A role says what a column is for: target, id, group, weight, time or ignore; one without is a feature.

            """
        if schema.missingValues != [""] {
            text += "missingValues: [\(schema.missingValues.map(Self.quoted).joined(separator: ", "))]\n"
        }
        text += "fields:\n"
        for field in schema.fields {
            text += "  - name: \(Self.scalar(field.name))\n    type: \(field.type.rawValue)\n"
            if let role = field.role {
                let why = role == .id ? "    # by its name; a feature without this line" : ""
                text += "    role: \(role.rawValue)\(why)\n"
            }
            if field.constraints.required { text += "    constraints:\n      required: true\n" }
        }
        return text
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
            name: \(Self.scalar(name))
            seed: 1                        # of every random stage that states none: same seed, same bytes

            stages:
              rows:
                uses: collect.csv
                with:
                  path: \(Self.scalar("//" + data))
                  schema: \(Self.scalar("//schemas/\(name).yaml"))

              split:
                uses: split.rows
                in: rows
                with: { test: 0.2, stratify: \(Self.scalar(target)) }

              features:
                uses: features.fit         # learns on the training rows only
                in: split.train
                with:
                  target: \(Self.scalar(target))
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
                publish: { report: \(Self.scalar("//reports/\(name).html")) }

            """
    }

    /// Plain where every YAML reader takes it for this text in a flow mapping,
    /// else in quotes (a JSON string is a YAML double-quoted scalar).
    static func scalar(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let startsWell = text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" } ?? false
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_-./".unicodeScalars.contains($0)
        }
        return startsWell && isPlain && !words.contains(text.lowercased()) ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).canonicalText }
}
