import Diagnostics

/// Turns references as written into references to stages and ports that exist.
struct ReferenceResolver {
    private let assembly: Assembly
    private let catalog: StageCatalog
    /// Of each draft; nil where its kind is unknown.
    private let outputs: [[(port: String, type: PortType)]?]

    init(assembly: Assembly, catalog: StageCatalog) {
        self.assembly = assembly
        self.catalog = catalog
        outputs = assembly.drafts.map { $0.draft.stage.outputTypes(catalog) }
    }

    func stages(into findings: inout Diagnostics) -> [Stage] {
        assembly.drafts.enumerated().map { place, item in
            let stage = item.draft.stage
            stage.inputs = item.draft.inputs.compactMap { input in
                origin(of: input, in: item.file, into: &findings).map {
                    Input(port: input.port, origin: $0, form: input.form, range: input.range)
                }
            }
            for written in item.draft.after {
                switch resolve(written, in: item.file, isOrder: true, into: &findings) {
                case .one(let reference): stage.after.append(reference)
                case .many(let references): stage.after += references
                case .source, .off, .reported: break
                }
            }
            checkPublished(stage, outputs[place], into: &findings)
            return stage
        }
    }

    private func checkPublished(
        _ stage: Stage, _ outputs: [(port: String, type: PortType)]?, into findings: inout Diagnostics
    ) {
        guard let outputs else { return }
        for publication in stage.publish where !outputs.contains(where: { $0.port == publication.port }) {
            let name = String(stage.name.prefix { $0 != "@" })
            findings.add(
                LanguageFinding.unknownPort(
                    stage: name, port: publication.port, known: outputs.map(\.port)), at: publication.range)
        }
    }

    private enum Target {
        case one(Reference)
        case many([Reference])
        /// An included file's input that is bound to a file.
        case source(Input.Origin)
        case off(String)
        case reported
    }

    // MARK: Inputs

    /// - Returns: Nil when nothing goes in: it is off and may be, or is wrong.
    private func origin(
        of input: DraftInput, in file: FileScope, into findings: inout Diagnostics
    ) -> Input.Origin? {
        switch input.origin {
        case .source(let origin): return origin
        case .reference(let written):
            switch resolve(written, in: file, isOrder: false, into: &findings) {
            case .one(let reference): return .artifact(reference)
            case .many(let references): return .artifacts(references)
            case .source(let origin): return origin
            case .reported: return nil
            case .off(let name):
                if !input.isOptional {
                    findings.add(LanguageFinding.stageIsOff(name), at: written.range)
                }
                return nil
            }
        case .references(let list):
            var references: [Reference] = []
            for written in list {
                switch resolve(written, in: file, isOrder: false, into: &findings) {
                case .one(let reference): references.append(reference)
                case .many(let members): references += members
                case .source: findings.add(LanguageFinding.sourceInList(written.text), at: written.range)
                case .reported: break
                case .off(let name):
                    if !input.isOptional {
                        findings.add(LanguageFinding.stageIsOff(name), at: written.range)
                    }
                }
            }
            return references.isEmpty && input.isOptional ? nil : .artifacts(references)
        }
    }

    // MARK: References

    /// - Parameter isOrder: Under `after`, where no port is needed.
    private func resolve(
        _ written: DraftReference, in file: FileScope, isOrder: Bool, into findings: inout Diagnostics
    ) -> Target {
        let text = Substring(written.text)
        guard let at = text.utf8.firstIndex(of: UInt8(ascii: "@")) else {
            let dot = text.utf8.firstIndex(of: UInt8(ascii: "."))
            let base = dot.map { text[..<$0] } ?? text
            let port = dot.map { text[text.index(after: $0)...] }
            if !file.inputs.isEmpty, let binding = file.inputs[String(base)] {
                return resolve(binding, base, port, at: written.range, isOrder: isOrder, into: &findings)
            }
            guard let group = group(base, in: file, at: written.range, into: &findings) else {
                return .reported
            }
            if group.isMatrix {
                let labels = group.members.map { "\(base)@\($0.label)" }
                findings.add(
                    LanguageFinding.referenceToMatrix(String(base), members: labels), at: written.range)
                return .reported
            }
            if group.members[0].isOff { return .off(String(base)) }
            return one(group.members[0], base, nil, port, at: written.range, isOrder, into: &findings)
        }
        let base = text[..<at]
        guard let group = group(base, in: file, at: written.range, into: &findings) else { return .reported }
        return member(
            text[text.index(after: at)...], of: group, base, at: written.range, isOrder: isOrder,
            into: &findings)
    }

    private func group(
        _ base: Substring, in file: FileScope, at range: SourceRange, into findings: inout Diagnostics
    ) -> StageGroup? {
        guard let group = assembly[file.fullName(base)] else {
            let stages = assembly.order.filter { $0.hasPrefix(file.prefix) }
                .map { String($0.dropFirst(file.prefix.count)) }
            findings.add(
                LanguageFinding.unknownStage(String(base), known: stages + file.inputs.keys.sorted()),
                at: range)
            return nil
        }
        return group.isBroken ? nil : group
    }

    /// `*`, or a selection, with or without a port. A selection may hold dots,
    /// so the longest beginning that is one counts.
    private func member(
        _ rest: Substring, of group: StageGroup, _ base: Substring, at range: SourceRange, isOrder: Bool,
        into findings: inout Diagnostics
    ) -> Target {
        guard group.isMatrix else {
            findings.add(LanguageFinding.noMatrix(String(base)), at: range)
            return .reported
        }
        var end = rest.endIndex
        while true {
            let selection = rest[..<end]
            let port = end == rest.endIndex ? nil : rest[rest.index(after: end)...]
            if selection == "*" {
                return list(group.members, base, port, at: range, isOrder, into: &findings)
            }
            if let members = group.selected(selection) {
                if members.count == 1, group.isWhole(selection) {
                    if members[0].isOff { return .off("\(base)@\(members[0].label)") }
                    return one(
                        members[0], base, members[0].label, port, at: range, isOrder, into: &findings)
                }
                return list(members, base, port, at: range, isOrder, into: &findings)
            }
            guard let dot = selection.lastIndex(of: ".") else { break }
            end = dot
        }
        let labels = group.members.map { "\(base)@\($0.label)" }
        findings.add(
            LanguageFinding.unknownMember("\(base)@\(rest)", stage: String(base), members: labels), at: range)
        return .reported
    }

    private func list(
        _ members: [StageGroup.Member], _ base: Substring, _ port: Substring?, at range: SourceRange,
        _ isOrder: Bool, into findings: inout Diagnostics
    ) -> Target {
        let on = members.filter { !$0.isOff }
        if on.isEmpty { return .off(String(base)) }
        var references: [Reference] = []
        for member in on {
            switch one(member, base, member.label, port, at: range, isOrder, into: &findings) {
            case .one(let reference): references.append(reference)
            default: return .reported
            }
        }
        return .many(references)
    }

    private func one(
        _ member: StageGroup.Member, _ base: Substring, _ label: String?, _ port: Substring?,
        at range: SourceRange, _ isOrder: Bool, into findings: inout Diagnostics
    ) -> Target {
        guard let place = member.place else { return .reported }
        let known = outputs[place]
        let port = port.map(String.init)
        let first = known?.first?.port
        if let known, let port, !known.contains(where: { $0.port == port }) {
            findings.add(
                LanguageFinding.unknownPort(stage: String(base), port: port, known: known.map(\.port)),
                at: range)
            return .reported
        }
        if known != nil, first == nil, !isOrder {
            findings.add(LanguageFinding.noOutput(stage: String(base)), at: range)
            return .reported
        }
        let reference = Reference(
            stage: assembly.drafts[place].draft.stage.name, index: place, port: port ?? first ?? "",
            label: label, range: range)
        return .one(reference)
    }

    // MARK: Inputs of an included file

    /// What an input of an included file is bound to, found in the includer.
    private func resolve(
        _ binding: FileScope.Binding, _ name: Substring, _ port: Substring?, at range: SourceRange,
        isOrder: Bool, into findings: inout Diagnostics
    ) -> Target {
        guard case .bound(let given, let outer, let type) = binding else { return .reported }
        if let port {
            findings.add(
                LanguageFinding.portOfInput(String(name), port: String(port)), at: range)
            return .reported
        }
        // The binding's own findings are told at the binding, once.
        guard let origin = origin(of: given, in: outer, into: &findings) else {
            return given.isOptional ? .off(String(name)) : .reported
        }
        check(origin, of: given, type, into: &findings)
        switch origin {
        case .artifact(var reference):
            reference.range = range
            return .one(reference)
        case .artifacts(let references): return .many(references)
        case .file, .folder, .glob: return .source(origin)
        }
    }

    private func check(
        _ origin: Input.Origin, of given: DraftInput, _ type: PortType?, into findings: inout Diagnostics
    ) {
        guard let type else { return }
        let found: [PortType] =
            switch origin {
            case .artifact(let reference): typeOf(reference).map { [$0] } ?? []
            case .artifacts(let references): references.compactMap(typeOf)
            case .file: [.file]
            case .folder: [.folder]
            case .glob: [.list(.file)]
            }
        if let other = found.first(where: { $0 != type }) {
            findings.add(
                LanguageFinding.portType(port: given.port, expected: "\(type)", found: "\(other)"),
                at: given.range)
        }
    }

    private func typeOf(_ reference: Reference) -> PortType? {
        outputs[reference.index]?.first { $0.port == reference.port }?.type
    }
}
