import Diagnostics
import PipelineLanguage

/// Whether anything was fitted on rows that a later evaluation calls unseen.
///
/// Two lineages go with every artifact: the rows a table consists of, and all
/// that its bytes may depend on. A test table that went through a transform
/// fitted on training rows still consists of test rows only.
struct LeakCheck {
    private struct Origin {
        var rows = Lineage()
        var influences = Lineage()
    }

    private let plan: Plan
    /// By stage, then output port.
    private var origins: [[String: Origin]]

    init(_ plan: Plan) {
        self.plan = plan
        origins = Array(repeating: [:], count: plan.stages.count)
    }

    mutating func run(into findings: inout Diagnostics) {
        // Without a stage that judges there is no test to leak into.
        let judges = plan.stages.contains { $0.kind?.inputs.contains { $0.use == .evaluate } == true }
        guard judges else { return }
        for index in plan.topological {
            follow(index)
            judge(index, into: &findings)
        }
    }

    private func origin(_ input: PlannedInput) -> Origin {
        switch input.origin {
        case .source(let number):
            let lineage = Lineage(source: plan.sources[number].name)
            return Origin(rows: lineage, influences: lineage)
        case .output(let stage, let port): return origins[stage][port] ?? Origin()
        }
    }

    private mutating func follow(_ index: Int) {
        let planned = plan.stages[index]
        var all = Origin()
        var rowsOnly = Lineage()
        for input in planned.inputs {
            let origin = origin(input)
            all.rows = all.rows.union(origin.rows)
            all.influences = all.influences.union(origin.influences).union(origin.rows)
            let isLookup = planned.kind?.inputs.first { $0.name == input.port }?.use == .lookup
            if [.table, .file, .folder].contains(input.type), !isLookup {
                rowsOnly = rowsOnly.union(origin.rows)
            }
        }
        if planned.inputs.isEmpty {
            let own = Lineage(source: planned.stage.name)
            all = Origin(rows: own, influences: own)
            rowsOnly = own
        }
        for output in planned.outputs {
            guard let kind = planned.kind else {
                // A command may do anything with anything it was given.
                origins[index][output.port] = Origin(rows: all.influences, influences: all.influences)
                continue
            }
            var origin = Origin(rows: rowsOnly, influences: all.influences)
            if kind.outputs.first(where: { $0.name == output.port })?.isPart == true {
                origin.rows = rowsOnly.cut(by: planned.stage.name, to: output.port)
                origin.influences = all.influences.cut(by: planned.stage.name, to: output.port)
            }
            origins[index][output.port] = origin
        }
    }

    private func judge(_ index: Int, into findings: inout Diagnostics) {
        let planned = plan.stages[index]
        guard let kind = planned.kind, planned.stage.leakReason == nil else { return }
        func inputs(_ use: InputPort.Use) -> [PlannedInput] {
            planned.inputs.filter { input in
                kind.inputs.contains { $0.name == input.port && $0.use == use }
            }
        }
        for tested in inputs(.evaluate) {
            let unseen = origin(tested).rows
            for judged in inputs(.data) where judged.type == .model || judged.type == .transform {
                let influence = origin(judged).influences.overlap(withTested: unseen)
                if influence == .none { continue }
                let fitted = fit(behind: judged, seeing: unseen)
                let by = fitted?.name ?? name(judged)
                let place = fitted?.place ?? place(planned.stage.range)
                // A model that learned from one part and a transform fitted on
                // another are no mixture: each was seen for certain.
                let isCertain = if case .certain = influence { true } else { false }
                switch isCertain ? influence : fitted?.overlap ?? influence {
                case .none: break
                case .certain(let mine, _):
                    findings.add(
                        PlanFinding.leak(fitted: "\(mine)", tested: name(tested), by: by, place: place),
                        at: tested.range)
                case .possible(let mine, _):
                    findings.add(
                        PlanFinding.possibleLeak(
                            fitted: "\(mine)", tested: name(tested), by: by, place: place),
                        at: tested.range)
                }
            }
        }
    }

    private struct Fit {
        var name: String
        var place: String
        /// Nil for a command: what it did with the rows is not known.
        var overlap: Lineage.Overlap?
    }

    /// The first stage upstream that learns from rows that overlap the tested:
    /// a certain overlap before a possible one, and a kind that fits before a
    /// command, which may only have prepared the rows.
    private func fit(behind input: PlannedInput, seeing unseen: Lineage) -> Fit? {
        guard case .output(let start, _) = input.origin else { return nil }
        let upstream = Set(plan.closure(of: [start]))
        var possible: Fit?
        var command: Fit?
        for index in plan.topological where upstream.contains(index) {
            let planned = plan.stages[index]
            for input in planned.inputs {
                let overlap = origin(input).rows.overlap(withTested: unseen)
                if overlap == .none { continue }
                var fit = Fit(name: planned.stage.name, place: place(planned.stage.range))
                guard let kind = planned.kind else {
                    // The last command is the nearest to the model.
                    command = fit
                    continue
                }
                fit.overlap = overlap
                guard kind.inputs.contains(where: { $0.name == input.port && $0.use == .fit }) else {
                    continue
                }
                if case .certain = overlap { return fit }
                possible = possible ?? fit
            }
        }
        return possible ?? command
    }

    private func name(_ input: PlannedInput) -> String {
        switch input.origin {
        case .source(let number): plan.sources[number].name
        case .output(let stage, let port): plan.outputName(stage, port)
        }
    }

    private func place(_ range: SourceRange) -> String {
        "\(range.source.path):\(range.start.line):\(range.start.column)"
    }
}
