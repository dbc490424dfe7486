import Diagnostics

/// Whether what goes into the ports of built-in stages is what they take.
struct PortCheck {
    let pipeline: Pipeline
    let catalog: StageCatalog

    func run(into findings: inout Diagnostics) {
        for stage in pipeline.stages {
            guard case .builtIn(let name, _, _) = stage.body, let kind = catalog[name] else { continue }
            check(stage, kind, into: &findings)
        }
    }

    private func check(_ stage: Stage, _ kind: StageKind, into findings: inout Diagnostics) {
        var given: Set<String> = []
        for input in stage.inputs {
            // `in: STAGE` is the first port.
            let port = input.port.isEmpty ? kind.inputs.first : kind.inputs.first { $0.name == input.port }
            guard let port else {
                findings.add(
                    LanguageFinding.unknownInput(input.port, kind: kind.name, known: kind.inputs.map(\.name)),
                    at: input.range)
                continue
            }
            given.insert(port.name)
            checkTypes(of: input, against: port, into: &findings)
        }
        for port in kind.inputs where port.isRequired && !given.contains(port.name) {
            findings.add(
                LanguageFinding.missingInput(port.name, kind: kind.name, type: port.type.description),
                at: stage.range)
        }
    }

    private func checkTypes(of input: Input, against port: InputPort, into findings: inout Diagnostics) {
        var isList = false
        var expected = port.type
        if case .list(let element) = port.type { (isList, expected) = (true, element) }
        switch input.origin {
        case .stages(let references):
            if references.count > 1, !isList {
                findings.add(
                    LanguageFinding.portType(
                        port: port.name, expected: port.type.description, found: "a list"),
                    at: input.range)
            }
            for reference in references {
                guard let found = type(of: reference), found != expected else { continue }
                findings.add(
                    LanguageFinding.portType(
                        port: port.name, expected: expected.description, found: "\(found)"),
                    at: reference.range)
            }
        case .file: checkSource(.file, input, port, expected, into: &findings)
        case .folder: checkSource(.folder, input, port, expected, into: &findings)
        case .glob: checkSource(.list(.file), input, port, port.type, into: &findings)
        }
    }

    private func checkSource(
        _ found: PortType, _ input: Input, _ port: InputPort, _ expected: PortType,
        into findings: inout Diagnostics
    ) {
        guard found != expected else { return }
        findings.add(
            LanguageFinding.portType(port: port.name, expected: port.type.description, found: "\(found)"),
            at: input.range)
    }

    /// Nil when the reference leads nowhere, which is a finding of its own.
    private func type(of reference: Reference) -> PortType? {
        guard let stage = pipeline[reference.stageName] else { return nil }
        switch stage.body {
        case .builtIn(let kind, _, _):
            let outputs = catalog[kind]?.outputs
            return reference.port == nil
                ? outputs?.first?.type : outputs?.first { $0.name == reference.port }?.type
        case .command(let command):
            return reference.port == nil
                ? command.outputs.first?.type : command.outputs.first { $0.name == reference.port }?.type
        }
    }
}
