import CanonicalJSON
import Diagnostics
import PipelineLanguage

extension FuzzTarget {
    /// The decoder of the pipeline language, over a catalogue of one kind that
    /// has every form of parameter.
    static let pipeline = FuzzTarget(name: "pipeline") { bytes in
        let findings = decode(SourceText(path: "p.yaml", bytes: bytes))
        precondition(
            findings.isEmpty == DiagnosticRenderer().render(findings).isEmpty, "a finding is not shown")
    }
}

extension FuzzTarget {
    /// The parser of conditions: the bytes are the text of a `when`.
    static let when = FuzzTarget(name: "when") { bytes in
        let condition = JSONValue.string(String(decoding: bytes, as: UTF8.self)).canonicalText
        let text = """
            params: { depth: 2, rate: 0.5, name: base, sizes: [1, 2], deep: true }
            stages:
              s: { run: "true", when: \(condition) }
            """
        _ = decode(SourceText(path: "p.yaml", text: text))
    }
}

/// Everything the decoder says about a text. Its one caller of the language.
private func decode(_ source: SourceText) -> Diagnostics {
    var findings = Diagnostics()
    let pipeline = PipelineReader(catalog: catalog).read(source, into: &findings)
    precondition(pipeline != nil || findings.hasErrors, "no pipeline and no error")
    return findings
}

private let catalog = StageCatalog([
    StageKind(
        "clean.sample", versions: [.init(1, "first")], summary: "Every form of parameter.",
        example: "clean:\n  uses: clean.sample\n  in: raw",
        inputs: [
            InputPort("in", .table, "The rows."),
            InputPort("models", .list(.model), isRequired: false, "Models."),
        ],
        outputs: [OutputPort("table", .table, "Rows."), OutputPort("model", .model, "A model.")],
        parameters: [
            Parameter("flag", .boolean, .optional, "A switch."),
            Parameter("count", .integer(.within(0...9)), .defaulted(1), "A count."),
            Parameter("factor", .number(.above(0)), .defaulted(1.5), "A number."),
            Parameter(
                "word", .choice([.init("drop", "Drop."), .init("clip", "Clip.")]), .optional, "A word."),
            Parameter("path", .path, .optional, "A file."),
            Parameter("schema", .schema, .optional, "A schema."),
            Parameter("gates", .gates, .optional, "Bounds."),
            Parameter("column", .column(port: "in"), .optional, "A column."),
            Parameter("columns", .selector(port: "in"), .optional, "Columns."),
            Parameter("names", .map(.text), .optional, "Texts by name."),
            Parameter(
                "steps",
                .list(
                    .variant([
                        .init("fill", "Fills.", [Parameter("value", .text, .required, "With what.")]),
                        .init(
                            "scale", "Scales.", [Parameter("by", .number(.all), .required, "By how much.")]),
                    ])), .optional, "In order."),
            Parameter(
                "either", .either([.integer(.all), .record([Parameter("x", .text, .optional, "Text.")])]),
                .optional, "One of two."),
        ], isRandom: true, run: { _ in })
])
