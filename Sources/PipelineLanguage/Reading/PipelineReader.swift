import Diagnostics
import YAMLSyntax

/// Reads a pipeline file: text in, a typed pipeline and every finding out.
///
/// Nothing is looked up outside the text, so a check costs milliseconds and
/// never touches data or the network.
public struct PipelineReader: Sendable {
    let catalog: StageCatalog

    static let keys = [
        "$schema", "name", "description", "seed", "params", "profiles", "requires", "stages",
    ]

    public init(catalog: StageCatalog) { self.catalog = catalog }

    /// - Returns: The pipeline, as far as it could be understood, or nil when
    ///   the text is not YAML. Whether it may be used is `findings.hasErrors`.
    public func read(_ source: SourceText, into findings: inout Diagnostics) -> Pipeline? {
        guard let root = parseYAML(source, into: &findings) else { return nil }
        let mapping = MappingReader(root, as: "the pipeline", into: &findings)
        mapping.checkKeys(Self.keys, into: &findings)

        var pipeline = Pipeline(
            source: source, name: mapping.scalarText("name", into: &findings),
            description: mapping.scalarText("description", into: &findings),
            seed: mapping.integer("seed", in: .atLeast(0), into: &findings), params: [], profiles: [],
            requires: mapping.texts("requires", into: &findings).compactMap(\.text), stages: [])
        pipeline.params = namedValues(mapping["params"], as: "'params'", into: &findings)
        readProfiles(mapping["profiles"], into: &pipeline, findings: &findings)
        if let stages = mapping["stages"] {
            let reader = MappingReader(stages, as: "'stages'", into: &findings)
            if reader.entries.isEmpty, stages.entries != nil {
                findings.add(LanguageFinding.noStages, at: stages.range)
            }
            for entry in reader.entries {
                checkName(entry.key, into: &findings)
                let stage = StageReader(
                    name: entry.name, range: entry.key.range, catalog: catalog,
                    params: pipeline.params
                ).read(entry.value, into: &findings)
                if let stage { pipeline.stages.append(stage) }
            }
            ReferenceCheck(pipeline: pipeline, declared: Set(reader.entries.map(\.name)), catalog: catalog)
                .run(into: &findings)
            PortCheck(pipeline: pipeline, catalog: catalog).run(into: &findings)
        } else if root.entries != nil {
            findings.add(LanguageFinding.missingKey("stages", of: "the pipeline"), at: start(of: root))
        }
        return pipeline
    }

    private func start(of root: Node) -> SourceRange {
        root.entries?.first?.key.range ?? root.range
    }

    private func namedValues(
        _ node: Node?, as place: String, into findings: inout Diagnostics
    ) -> [(name: String, value: Node)] {
        guard let node else { return [] }
        let mapping = MappingReader(node, as: place, into: &findings)
        for entry in mapping.entries { checkName(entry.key, into: &findings) }
        return mapping.entries.map { ($0.name, $0.value) }
    }

    private func readProfiles(_ node: Node?, into pipeline: inout Pipeline, findings: inout Diagnostics) {
        guard let node else { return }
        let known = pipeline.params.map(\.name)
        for entry in MappingReader(node, as: "'profiles'", into: &findings).entries {
            let values = MappingReader(entry.value, as: "profile '\(entry.name)'", into: &findings)
            values.checkKeys(known, into: &findings)
            pipeline.profiles.append((entry.name, values.entries.map { ($0.name, $0.value) }))
        }
    }

    private func checkName(_ key: Node, into findings: inout Diagnostics) {
        let name = key.text ?? ""
        if name.contains("${") {
            findings.add(LanguageFinding.referenceInKey, at: key.range)
        } else if !Name.isValid(name) {
            findings.add(LanguageFinding.badName(name), at: key.range)
        }
    }
}

/// Names of stages, ports and parameters: letters and digits of any script,
/// `_` and `-`, at least one.
enum Name {
    static func isValid(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(isPart)
    }

    static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "_" || scalar == "-" { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .nonspacingMark, .spacingMark:
            return true
        default: return false
        }
    }
}
