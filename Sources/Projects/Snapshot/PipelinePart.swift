import CanonicalJSON
import ContentStore
import Executor
import PipelineLanguage
import Platform

/// The part of a pipeline that a run must look at when little has changed since
/// a snapshot: stages whose text or files are other ones, all that depends on
/// them, and what those need of others, which are known to be up to date.
public struct PipelinePart {
    /// Below so many stages a pipeline is always read whole, and its hits listed.
    static let fewest = 41

    let known: SnapshotFile
    /// The file system's time before the pipeline was read, and before any file
    /// was looked at that it depends on.
    let readAt: Int64
    /// The whole pipeline file.
    let text: [UInt8]
    let edit: StageEdit
    /// By stage of the whole pipeline: whether it may not be what it was.
    let isAffected: [Bool]
    /// Stages that take part, ascending.
    let kept: [Int]
    /// Whether stages that are known are read without their inputs.
    let isCut: Bool

    /// - Parameter affected: Looks, stage by stage, whether a file it depends on
    ///   has changed. Asked once `readAt` is taken, though it was asked before.
    /// - Returns: Nil where the pipeline is to be read whole.
    init?(of file: String, in project: Project, _ known: SnapshotFile, affected: () -> [Bool]) {
        let stages = known.stages
        guard known.isInParts, let end = known.header["end"]?.integer,
            let readAt = try? StatCache.now(in: project.workspace.local), let text = try? Files.read(file),
            let edit = StageEdit(
                from: known.text[...], StageTexts(starts: stages.map(\.start), end: Int(end)), to: text)
        else { return nil }
        self.known = known
        self.readAt = readAt
        self.text = text
        self.edit = edit
        // Columns and lineage come down through built-in stages; a command's
        // outputs are what it declares, so that only these are asked for.
        isCut = known.header["commands"] == true
        let dependencies = stages.map(\.dependencies)
        let dependents = Self.reversed(dependencies)
        var isAffected = [Bool](repeating: false, count: stages.count)
        for stage in edit.changed { isAffected[stage] = true }
        Self.spread(&isAffected, along: dependents)
        // Of more than half, reading all costs no more.
        func areFew(_ marks: [Bool]) -> Bool { 2 * marks.count { $0 } <= stages.count }
        guard areFew(isAffected) else { return nil }
        for (stage, isMarked) in affected().enumerated() where isMarked { isAffected[stage] = true }
        Self.spread(&isAffected, along: dependents)
        var isKept = isAffected
        for (number, stage) in stages.enumerated() {
            if isAffected[number] { for needed in stage.dependencies { isKept[needed] = true } }
            if stage.flags.contains(.hasMetrics) { isKept[number] = true }
        }
        if !isCut { Self.spread(&isKept, along: dependencies) }
        guard isAffected.contains(true), areFew(isKept) else { return nil }
        self.isAffected = isAffected
        kept = stages.indices.filter { isKept[$0] }
    }

    /// Marks whatever can be reached from what is marked.
    private static func spread(_ marks: inout [Bool], along edges: [[Int]]) {
        var open = marks.indices.filter { marks[$0] }
        while let next = open.popLast() {
            for neighbour in edges[next] where !marks[neighbour] {
                marks[neighbour] = true
                open.append(neighbour)
            }
        }
    }

    private static func reversed(_ edges: [[Int]]) -> [[Int]] {
        var reversed = [[Int]](repeating: [], count: edges.count)
        for (from, targets) in edges.enumerated() { for target in targets { reversed[target].append(from) } }
        return reversed
    }

    /// The pipeline file with the lines of this part alone.
    var reducedText: [UInt8] {
        var isKept = [Bool](repeating: false, count: isAffected.count)
        for stage in kept { isKept[stage] = true }
        return edit.text { isKept[$0] }
    }

    /// Names of stages whose inputs may not be there.
    var withoutInputs: Set<String> {
        isCut ? Set(kept.filter { !isAffected[$0] }.map { known.stages[$0].name }) : []
    }
}
