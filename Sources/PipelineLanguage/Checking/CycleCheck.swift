import Diagnostics

/// Stages that wait for each other.
struct CycleCheck {
    let stages: [Stage]

    /// Each cycle once, as the path a reader can follow.
    ///
    /// - Complexity: O(stages + references); the walk keeps its own stack, so a
    ///   chain of any length does not overflow the call stack.
    func run(into findings: inout Diagnostics) {
        // Whoever writes a pipeline from top to bottom has no cycle.
        if stages.indices.allSatisfy({ stages[$0].waitsOnly(forStagesBefore: $0) }) { return }
        let next = stages.map(\.references)
        enum Colour { case white, grey, black }
        var colours = [Colour](repeating: .white, count: stages.count)
        for root in stages.indices where colours[root] == .white {
            var path: [(stage: Int, position: Int)] = [(root, 0)]
            colours[root] = .grey
            while let top = path.last {
                guard top.position < next[top.stage].count else {
                    colours[top.stage] = .black
                    path.removeLast()
                    continue
                }
                path[path.count - 1].position += 1
                let reference = next[top.stage][top.position]
                let target = reference.index
                if colours[target] == .grey, let start = path.firstIndex(where: { $0.stage == target }) {
                    // The path runs from reader to source; people follow it the other way.
                    let loop = ([target] + path[start...].map(\.stage).reversed())
                    findings.add(
                        LanguageFinding.dependencyCycle(loop.map { stages[$0].name }), at: reference.range)
                } else if colours[target] == .white {
                    colours[target] = .grey
                    path.append((target, 0))
                }
            }
        }
    }
}

extension Stage {
    /// Every output it reads or stage it comes behind.
    var references: [Reference] { inputs.flatMap(\.references) + after }

    func waitsOnly(forStagesBefore place: Int) -> Bool {
        inputs.allSatisfy { input in
            switch input.origin {
            case .artifact(let reference): reference.index < place
            case .artifacts(let references): references.allSatisfy { $0.index < place }
            case .file, .folder, .glob: true
            }
        } && after.allSatisfy { $0.index < place }
    }
}

extension Input {
    var references: [Reference] {
        switch origin {
        case .artifact(let reference): [reference]
        case .artifacts(let references): references
        case .file, .folder, .glob: []
        }
    }
}
