import Diagnostics
import Executor
import Glibc
import Planner
import Platform

/// A terminal's live block: what has ended scrolls away above it, what runs
/// stands in it with its progress and time.
final class LiveDisplay: RunDisplay {
    private struct Running {
        var started: Double
        var fraction: Double?
        var detail = ""
    }

    private let plan: Plan
    private let text: StageText
    private let paint: Paint
    private let listsHits: Bool
    private let records: () -> RunSummary?
    private var running: [Int: Running] = [:]
    private var ended: Int
    private var linesDrawn = 0
    private var lastDrawn = 0.0

    init(_ plan: Plan, color: Bool, isVerbose: Bool, records: @escaping () -> RunSummary?) {
        self.plan = plan
        paint = Paint(isOn: color)
        text = StageText(plan, paint: paint)
        ended = plan.leftOut.count
        listsHits = isVerbose || plan.size <= 40
        self.records = records
    }

    func tell(_ event: RunEvent) {
        switch event {
        case .started(let number): running[number] = Running(started: monotonicSeconds())
        case .progress(let number, let fraction, let detail):
            running[number]?.fraction = fraction
            running[number]?.detail = detail
        case .ended(let number, let result):
            running[number] = nil
            ended += 1
            if case .hit = result, !listsHits { break }
            above {
                if case .failed(let diagnostic) = result {
                    Terminal.finding(diagnostic, color: self.paint.isOn)
                } else {
                    Terminal.message(self.text.ended(number, result, self.records()?.records[number]) + "\n")
                }
            }
        case .notice(let diagnostic): above { Terminal.finding(diagnostic, color: self.paint.isOn) }
        case .retrying(let number, let attempt, let diagnostic):
            above {
                Terminal.message(
                    "↻ \(self.text.padded(number))  attempt \(attempt) failed, trying again: \(diagnostic.message)\n"
                )
            }
        case .waiting(let number):
            above {
                Terminal.message(
                    self.paint("… \(self.text.padded(number))  another run is at it, waiting\n", .faint))
            }
        case .interrupted(let count):
            above {
                Terminal.message(
                    count == 1
                        ? "stopping: running stages may finish for 10 s; press Ctrl-C again to kill them\n"
                        : "killing\n")
            }
        case .published, .judged, .tick: break
        }
        if monotonicSeconds() - lastDrawn > 0.08 { draw() }
    }

    func end(_ summary: RunSummary) {
        erase()
        let closing = ClosingText(plan: plan, summary: summary, paint: paint)
        Terminal.message(
            (closing.metrics + closing.published + [closing.counts]).joined(separator: "\n") + "\n")
    }

    private func above(_ write: () -> Void) {
        erase()
        write()
        draw()
    }

    private func draw() {
        lastDrawn = monotonicSeconds()
        guard !running.isEmpty else { return erase() }
        let width = Self.columns
        var lines = running.sorted { $0.key < $1.key }.prefix(12).map { line($0.key, $0.value, width) }
        let total = plan.size
        if total > 1 { lines.append(paint("  \(ended) of \(total) stages", .faint)) }
        let up = linesDrawn > 0 ? "\u{1B}[\(linesDrawn)A" : ""
        Terminal.message(up + lines.map { "\u{1B}[2K" + $0 + "\n" }.joined() + "\u{1B}[0J")
        linesDrawn = lines.count
    }

    private func erase() {
        if linesDrawn > 0 { Terminal.message("\u{1B}[\(linesDrawn)A\u{1B}[0J") }
        linesDrawn = 0
    }

    /// `▸ model   ━━━━━━╸─────  epoch 12 of 30   4.10 s, 0:06 left`
    private func line(_ number: Int, _ state: Running, _ width: Int) -> String {
        let elapsed = monotonicSeconds() - state.started
        var line = "▸ \(text.padded(number))  "
        if let fraction = state.fraction {
            let filled = Int((fraction * 20).rounded())
            line += String(repeating: "━", count: min(20, max(0, filled)))
            line += String(repeating: "─", count: 20 - min(20, max(0, filled))) + "  \(state.detail)  "
            line += StageText.duration(elapsed)
            if fraction > 0.02, elapsed > 1 {
                line += ", \(StageText.duration(elapsed / fraction * (1 - fraction))) left"
            }
        } else {
            line += StageText.duration(elapsed)
        }
        return paint(Self.cut(line, to: width - 1), .cyan)
    }

    private static func cut(_ text: String, to width: Int) -> String {
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += DiagnosticRenderer.width(of: scalar)
            if used > width { break }
            result.append(scalar)
        }
        return String(result)
    }

    private static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }
}
