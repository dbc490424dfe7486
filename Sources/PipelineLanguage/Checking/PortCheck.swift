import Diagnostics

/// Whether what goes into the ports of built-in stages is what they take.
struct PortCheck {
    let stages: [Stage]
    /// The same stages as they were written.
    let drafts: [Assembly.Draft]
    let catalog: StageCatalog

    func run(into findings: inout Diagnostics) {
        for (stage, item) in zip(stages, drafts) {
            guard case .builtIn(let name, _, _, _) = stage.body, let kind = catalog[name] else { continue }
            check(stage, item.draft, kind, into: &findings)
        }
    }

    private func check(
        _ stage: Stage, _ draft: DraftStage, _ kind: StageKind, into findings: inout Diagnostics
    ) {
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
        // What could not be resolved is a finding of its own, and its port is
        // not missing besides.
        for input in draft.inputs where !input.isOptional {
            if let name = input.port.isEmpty ? kind.inputs.first?.name : input.port { given.insert(name) }
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
        case .artifact(let reference): check(reference, expected, of: port, into: &findings)
        case .artifacts(let references):
            if !isList && !port.takesSeveral {
                findings.add(
                    LanguageFinding.portType(
                        port: port.name, expected: port.type.description, found: "a list"),
                    at: input.range)
            }
            for reference in references { check(reference, expected, of: port, into: &findings) }
        case .file: checkSource(.file, input, port, expected, into: &findings)
        case .folder: checkSource(.folder, input, port, expected, into: &findings)
        case .glob: checkSource(.list(.file), input, port, port.type, into: &findings)
        }
    }

    private func checkSource(
        _ found: PortType, _ input: Input, _ port: InputPort, _ expected: PortType,
        into findings: inout Diagnostics
    ) {
        guard found != expected, !port.takesSeveral else { return }
        findings.add(
            LanguageFinding.portType(port: port.name, expected: port.type.description, found: "\(found)"),
            at: input.range)
    }

    private func check(
        _ reference: Reference, _ expected: PortType, of port: InputPort, into findings: inout Diagnostics
    ) {
        guard
            let found = stages[reference.index].outputTypes(catalog)?.first(where: {
                $0.port == reference.port
            })?.type,
            found != expected, !(found == .folder && port.takesSeveral)
        else { return }
        findings.add(
            LanguageFinding.portType(port: port.name, expected: expected.description, found: "\(found)"),
            at: reference.range)
    }
}

extension Stage {
    /// What it puts out, the main output first; nil when its kind is unknown,
    /// which is a finding of its own.
    func outputTypes(_ catalog: StageCatalog) -> [(port: String, type: PortType)]? {
        switch body {
        case .builtIn(let kind, _, _, _): catalog[kind]?.outputs.map { ($0.name, $0.type) }
        case .command(let command): command.outputs.map { ($0.name, $0.type) }
        }
    }
}
