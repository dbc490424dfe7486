import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Projects

/// What a run would do: one line a stage, and the counts.
struct StatusText {
    let loaded: LoadedPipeline
    let preview: Preview
    private let paint = Paint(isOn: Terminal.hasColor)

    init(_ loaded: LoadedPipeline, _ run: PipelineRun) {
        self.loaded = loaded
        preview = run.preview()
    }

    func print(json: Bool, isVerbose: Bool) {
        if json { printJSON() } else { printLines(isVerbose) }
    }

    private func printLines(_ isVerbose: Bool) {
        let text = StageText(loaded.plan, paint: paint)
        let listsHits = isVerbose || loaded.plan.stages.count <= 40
        var lines = ""
        for (number, forecast) in preview.forecasts.enumerated() {
            switch forecast {
            case .hit:
                if listsHits {
                    lines += paint("· \(text.padded(number))  hit\(marks(number))", .faint) + "\n"
                }
            case .run: lines += "\(paint("▸", .green)) \(text.padded(number))  run\(marks(number))\n"
            case .maybe(let upstream):
                lines +=
                    "\(paint("?", .yellow)) \(text.padded(number))  maybe, after '\(text.name(upstream))'\(marks(number))\n"
            case .broken(let problems):
                lines += paint("✗ \(text.padded(number))  \(problems.first?.message ?? "")", .red) + "\n"
            case .unselected: break
            }
        }
        for name in loaded.plan.off { lines += paint("  \(name)  off", .faint) + "\n" }
        Terminal.data(lines + counts + "\n")
    }

    private func marks(_ number: Int) -> String {
        if case .command(let command) = loaded.plan.stages[number].stage.body, command.runsInProject {
            return "  not hermetic"
        }
        return ""
    }

    private var counts: String {
        let parts = [("hit", "hit"), ("run", "run"), ("maybe", "maybe"), ("broken", "broken")]
            .compactMap { word, label -> String? in
                let count = preview.forecasts.count { Self.word($0) == word }
                return count > 0 ? "\(count) \(label)" : nil
            }
        let total = preview.forecasts.count { Self.word($0) != "unselected" }
        return "\(total) stage\(total == 1 ? "" : "s"): " + parts.joined(separator: ", ")
    }

    private func printJSON() {
        for (number, forecast) in preview.forecasts.enumerated() {
            var object: JSONValue = [
                "event": "status", "stage": .string(loaded.plan.stages[number].stage.name),
                "state": .string(Self.word(forecast)),
            ]
            if case .maybe(let upstream) = forecast {
                object["upstream"] = .string(loaded.plan.stages[upstream].stage.name)
            }
            if let action = preview.actions[number] { object["key"] = .string(action.key.hex) }
            Terminal.data(object.canonicalText + "\n")
        }
        for name in loaded.plan.off {
            Terminal.data(
                (["event": "status", "stage": .string(name), "state": "off"] as JSONValue).canonicalText
                    + "\n")
        }
        let summary: JSONValue = [
            "event": "summary", "stages": .integer(Int64(preview.forecasts.count)),
            "fresh": .boolean(preview.isFresh),
        ]
        Terminal.data(summary.canonicalText + "\n")
    }

    private static func word(_ forecast: Forecast) -> String {
        switch forecast {
        case .hit: "hit"
        case .run: "run"
        case .maybe: "maybe"
        case .broken: "broken"
        case .unselected: "unselected"
        }
    }
}
