import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// What is written into the project: no path by two stages, none inside
/// another, and none that a stage reads as a source.
struct PublicationCheck {
    let stages: [Stage]
    let catalog: StageCatalog

    private struct Target {
        let path: ProjectPath
        let stage: String
        let port: String
        let range: SourceRange

        var source: String { "\(stage).\(port)" }
    }

    func run(into findings: inout Diagnostics) {
        let targets = self.targets
        if targets.isEmpty { return }
        var folders = FoldersAbove()
        var byPath = [String: Target](minimumCapacity: targets.count)
        for target in targets {
            if let first = byPath[target.path.text] {
                // Members of one matrix: their stage has been told already.
                if first.range.start == target.range.start, first.range.source === target.range.source {
                    continue
                }
                findings.add(
                    LanguageFinding.publishedTwice(target.path.text, first: first.source), at: target.range)
            } else {
                byPath[target.path.text] = target
            }
        }
        // Each folder above a published path leads to the first one in it.
        var above: [String: Target] = [:]
        for target in targets {
            for folder in folders.above(target.path.text) {
                if let outer = byPath[folder] {
                    findings.add(
                        LanguageFinding.publishedInside(target.path.text, folder, outer: outer.source),
                        at: target.range)
                }
                if above[folder] == nil { above[folder] = target }
            }
        }
        for stage in stages { checkSources(of: stage, byPath, above, targets, &folders, into: &findings) }
    }

    /// What stages publish, and what commands write that run in the project.
    private var targets: [Target] {
        stages.flatMap { stage in
            var targets = stage.publish.filter { !$0.path.isOutside && $0.path.text != "." }.map {
                Target(path: $0.path, stage: stage.name, port: $0.port, range: $0.range)
            }
            if case .command(let command) = stage.body, command.runsInProject {
                targets += command.outputs.map {
                    Target(path: ProjectPath($0.path), stage: stage.name, port: $0.name, range: $0.range)
                }
            }
            return targets
        }
    }

    /// A path as a folder above it sees it; nil where it does not lie in there.
    private static func path(_ path: String, below folder: String) -> Substring? {
        if folder == "." { return path[...] }
        return path.hasPrefix(folder + "/") ? path.dropFirst(folder.count + 1) : nil
    }

    private func checkSources(
        of stage: Stage, _ byPath: [String: Target], _ above: [String: Target], _ targets: [Target],
        _ folders: inout FoldersAbove, into findings: inout Diagnostics
    ) {
        func report(_ path: String, _ target: Target?, at range: SourceRange) {
            guard let target else { return }
            findings.add(
                LanguageFinding.readsPublished(path, published: target.path.text, by: target.source),
                at: range)
        }
        /// The target that is the path, or a folder it lies in.
        func covering(_ path: String) -> Target? {
            byPath[path] ?? folders.above(path).lazy.compactMap { byPath[$0] }.first
        }
        func matching(_ pattern: String) -> Target? {
            covering(Glob.fixedFolder(pattern))
                ?? targets.first { Glob.matchesPath(pattern, $0.path.text) }
        }
        for input in stage.inputs {
            switch input.origin {
            case .artifact, .artifacts: break
            case .file(let path): report(path.text, covering(path.text), at: input.range)
            case .folder(let path, let exclude):
                let inside =
                    exclude.isEmpty
                    ? above[path.text]
                    : targets.first {
                        guard let inside = Self.path($0.path.text, below: path.text) else { return false }
                        return !Glob.excludes(exclude, inside)
                    }
                report(path.text, covering(path.text) ?? inside, at: input.range)
            case .glob(let pattern): report(pattern.text, matching(pattern.text), at: input.range)
            }
        }
        if case .builtIn(let kind, _, let parameters, let with) = stage.body, let kind = catalog[kind] {
            for parameter in kind.parameters {
                guard parameter.type.isPath, let path = parameters[parameter.name]?.string else { continue }
                let target = parameter.type.isGlob(path) ? matching(path) : covering(path)
                report(path, target, at: with?[parameter.name]?.range ?? stage.range)
            }
        }
    }
}

/// The folders a path lies in, innermost first and the root last. Paths of one
/// folder share the answer.
private struct FoldersAbove {
    private var known: [String: [String]] = [:]

    mutating func above(_ path: String) -> [String] {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(path[..<$0]) } ?? "."
        if let folders = known[folder] { return folders }
        let folders = folder == "." ? [folder] : [folder] + above(folder)
        known[folder] = folders
        return folders
    }
}
