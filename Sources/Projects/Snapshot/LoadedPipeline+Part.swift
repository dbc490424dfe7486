import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Platform

extension LoadedPipeline {
    /// Reads and plans a part of a pipeline.
    ///
    /// - Returns: Nil where the pipeline is to be read whole, because anything
    ///   is to be said of it, or is not as the part supposes.
    public static func load(_ part: PipelinePart, of file: String) -> LoadedPipeline? {
        let project = Project(containing: folder(of: Project.absolute(file)))
        let source = SourceText(path: file, bytes: part.reducedText)
        var findings = Diagnostics()
        let loaded = load(
            source, of: project, readAt: part.readAt, Options(), withoutInputs: part.withoutInputs,
            into: &findings)
        guard var loaded, findings.all.isEmpty, loaded.bears(out: part) else { return nil }
        loaded.part = part
        loaded.settled = Set(part.kept.indices.filter { !part.isAffected[part.kept[$0]] })
        let (records, blocks) = (loaded.lockedRecords, loaded.lock.blocks)
        guard loaded.settled.allSatisfy({ records[$0] != nil }), blocks.count == part.isAffected.count else {
            return nil
        }
        loaded.leaveOutTheRest(of: part)
        return loaded
    }

    /// Whether what was read is what the part claims: just its stages, each in
    /// its place, and behind them what stood there before; none of them reading
    /// or publishing other files than before, which the rest of the pipeline might
    /// publish or read; and the lock is the one that goes with the snapshot.
    private func bears(out part: PipelinePart) -> Bool {
        guard let lockBytes, Digest.of(lockBytes).hex == part.known.header["lock"]?.string,
            !plan.readsFolders, plan.stages.count == part.kept.count, let texts = pipeline?.stageTexts,
            (pipeline?.source.bytes.count ?? 0) - texts.end == part.text.count - part.edit.texts.end
        else { return false }
        let lines = part.edit.lines
        return zip(plan.stages, part.kept).allSatisfy { planned, number in
            let before = part.known.stages[number]
            guard planned.stage.name == before.name, planned.stage.range.start.line == lines[number],
                planned.kind == nil || !part.isCut
            else { return false }
            guard part.isAffected[number] else { return true }
            let sources = before.sources.map { part.known.sources[$0].name }
            return Set(sourcePaths(of: planned)) == Set(sources)
                && planned.stage.publish.map { $0.path.absolute(in: project.root) }
                    == before.published.map(\.name)
        }
    }

    /// Absolute paths of what a stage reads of the project.
    func sourcePaths(of planned: PlannedStage) -> [String] {
        planned.inputs.compactMap { input in
            guard case .source(let number) = input.origin else { return nil }
            return plan.sources[number].path?.absolute(in: project.root)
        }
    }

    private mutating func leaveOutTheRest(of part: PipelinePart) {
        let inFront = project.root == "/" ? 1 : project.root.utf8.count + 1
        var place = 0
        plan.leftOut = part.known.stages.enumerated().compactMap { number, stage in
            if place < part.kept.count, part.kept[place] == number {
                place += 1
                return nil
            }
            return Plan.LeftOut(
                place: place, published: stage.published.map { $0.name.dropping(bytes: inFront) })
        }
    }
}
