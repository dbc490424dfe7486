import Diagnostics
import PipelineLanguage
import Platform

/// Keeps what a stage holds within its `resources: { memory }`, so that it ends with an error that says what did not
/// fit, before it is ended from outside.
struct MemoryBudget {
    private let limit: Int64?
    /// What is held, as in "sorting holds all rows in memory".
    private let holder: String
    private let advice: String?

    /// - Parameters:
    ///   - share: Of the memory that may be held: what comes with the next rows must fit too, and what is made of them.
    ///   - advice: What besides a larger limit would help.
    init(_ run: StageRun, _ holder: String, share: Double = 0.875, advice: String? = nil) {
        limit = run.memory.map { Int64(Double($0) * share) }
        self.holder = holder
        self.advice = advice
    }

    /// To be called now and then, batch by batch.
    ///
    /// - Parameter rows: So far.
    /// - Throws: `StageError`.
    func check(rows: Int) throws(StageError) {
        guard let limit else { return }
        let used = ProcessMemory.own
        guard used > limit else { return }
        throw StageError(
            MemoryFinding.beyond(holder: holder, rows: rows, used: used, limit: limit, advice: advice))
    }

    /// For what has to be as large as a file at least.
    ///
    /// - Throws: `StageError` where that is beyond the limit.
    func check(file path: String) throws(StageError) {
        guard let limit, let size = try? Files.status(path)?.size, size > limit else { return }
        throw StageError(
            MemoryFinding.beyond(holder: holder, rows: nil, used: size, limit: limit, advice: advice))
    }
}

/// A stage that needs more memory than it may take.
enum MemoryFinding: Finding, Hashable {
    case beyond(holder: String, rows: Int?, used: Int64, limit: Int64, advice: String?)

    var message: String {
        switch self {
        case .beyond(let holder, let rows, let used, let limit, _):
            "\(holder): \(byteSize(used))\(rows.map { " after \($0) rows" } ?? "")"
                + " are more than the \(byteSize(limit)) that its 'memory' leaves"
        }
    }

    var notes: [Diagnostic.Note] { [] }

    var fix: String? {
        switch self {
        case .beyond(_, _, _, _, let advice):
            "raise 'resources: { memory: ... }' if the machine has it" + (advice.map { ", or \($0)" } ?? "")
        }
    }
}
