import Diagnostics

/// What only the whole pipeline can tell: references that lead nowhere, ports
/// that do not exist, cycles, two stages that publish to one path.
struct ReferenceCheck {
    let pipeline: Pipeline
    /// Names under `stages`, those too broken to be read included, so that one
    /// broken stage is one finding and not one for each reader of it.
    let declared: Set<String>
    let catalog: StageCatalog

    func run(into findings: inout Diagnostics) {
        for stage in pipeline.stages {
            for reference in stage.references { check(reference, into: &findings) }
        }
        checkCycles(into: &findings)
        checkPublications(into: &findings)
    }

    private func check(_ reference: Reference, into findings: inout Diagnostics) {
        let name = reference.stageName
        guard let stage = pipeline[name] else {
            if !declared.contains(name) {
                findings.add(
                    LanguageFinding.unknownStage(name, known: pipeline.stages.map(\.name)),
                    at: reference.range)
            }
            return
        }
        guard let ports = ports(of: stage) else { return }
        if let port = reference.port, !ports.contains(port) {
            findings.add(
                LanguageFinding.unknownPort(stage: name, port: port, known: ports), at: reference.range)
        }
    }

    /// Nil when the kind is unknown, which is a finding of its own.
    private func ports(of stage: Stage) -> [String]? {
        switch stage.body {
        case .builtIn(let kind, _, _): catalog[kind]?.outputs.map(\.name)
        case .command(let command): command.outputs.map(\.name)
        }
    }

    /// Each cycle once, as the path a reader can follow.
    ///
    /// - Complexity: O(stages + references); the walk keeps its own stack, so a
    ///   chain of any length does not overflow the call stack.
    private func checkCycles(into findings: inout Diagnostics) {
        let indices = Dictionary(
            pipeline.stages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let next = pipeline.stages.map { stage in
            stage.references.compactMap { reference in indices[reference.stageName].map { ($0, reference) } }
        }
        enum Colour { case white, grey, black }
        var colours = [Colour](repeating: .white, count: pipeline.stages.count)
        for root in pipeline.stages.indices where colours[root] == .white {
            var path: [(stage: Int, position: Int)] = [(root, 0)]
            colours[root] = .grey
            while let top = path.last {
                guard top.position < next[top.stage].count else {
                    colours[top.stage] = .black
                    path.removeLast()
                    continue
                }
                path[path.count - 1].position += 1
                let (target, reference) = next[top.stage][top.position]
                if colours[target] == .grey, let start = path.firstIndex(where: { $0.stage == target }) {
                    // The path runs from reader to source; people follow it the other way.
                    let loop = ([target] + path[start...].map(\.stage).reversed())
                    findings.add(
                        LanguageFinding.dependencyCycle(loop.map { pipeline.stages[$0].name }),
                        at: reference.range)
                } else if colours[target] == .white {
                    colours[target] = .grey
                    path.append((target, 0))
                }
            }
        }
    }

    private func checkPublications(into findings: inout Diagnostics) {
        var first: [String: String] = [:]
        for stage in pipeline.stages {
            for publication in stage.publish {
                if let ports = ports(of: stage), !ports.contains(publication.port) {
                    findings.add(
                        LanguageFinding.unknownPort(stage: stage.name, port: publication.port, known: ports),
                        at: publication.range)
                }
                checkPath(publication, into: &findings)
                let source = "\(stage.name).\(publication.port)"
                if let earlier = first[publication.path] {
                    findings.add(
                        LanguageFinding.publishedTwice(publication.path, first: earlier),
                        at: publication.range)
                } else {
                    first[publication.path] = source
                }
            }
        }
    }

    /// A published path stays inside the project.
    private func checkPath(_ publication: Stage.Publication, into findings: inout Diagnostics) {
        let path = publication.path
        let expected = "a path of the project, such as //reports/report.html"
        if path.hasPrefix("//") {
            if PathDepth.escapes(String(path.dropFirst(2))) {
                findings.add(LanguageFinding.escapingPath(path, expected: expected), at: publication.range)
            }
        } else if path.hasPrefix("/") {
            findings.add(LanguageFinding.absolutePath(path, expected: expected), at: publication.range)
        }
    }
}

extension Stage {
    /// Every stage it reads or comes behind.
    var references: [Reference] {
        inputs.flatMap(\.references) + after
    }
}

extension Input {
    fileprivate var references: [Reference] {
        if case .stages(let references) = origin { references } else { [] }
    }
}

extension Reference {
    /// The stage as it is declared, without a matrix member behind `@`.
    var stageName: String { String(stage.prefix { $0 != "@" }) }
}
