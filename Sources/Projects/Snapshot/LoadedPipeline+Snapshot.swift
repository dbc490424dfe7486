import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Platform

extension LoadedPipeline {
    /// Keeps a snapshot of a run in which all went well; where one would not be
    /// sound or of use, none is kept.
    ///
    /// - Parameters:
    ///   - lockBytes: The lock as the run left it.
    ///   - listing: Lines that the next run prints again, like `closing`.
    public func saveSnapshot(
        of run: PipelineRun, _ summary: RunSummary, lockBytes: [UInt8], listing: [String], closing: [String]
    ) {
        guard !hasWarnings, let readAt,
            plan.stages.allSatisfy({ $0.tools.isEmpty && $0.stage.isCached })
        else { return }
        let isInParts = plan.size >= PipelinePart.fewest && !plan.readsFolders
        let texts = part?.edit.texts ?? (isInParts ? pipeline?.stageTexts : nil)
        // Only what can be read in parts is of use when some of it is not known.
        guard texts != nil || summary.hits == plan.size && summary.published == 0 else { return }
        let files = plan.sources.indices.filter { plan.sources[$0].isFile }
        let places = Dictionary(uniqueKeysWithValues: zip(files, 0...))
        let stages = plan.stages.indices.compactMap { writable($0, of: run, summary, texts, places) }
        guard stages.count == plan.stages.count else { return }
        let absolute = Project.absolute(file)
        var environment = part?.known.header["environment"]?.object ?? [:]
        for (name, value) in self.environment { environment[name] = PlanSnapshot.environment(value) }
        let isCommands = part?.isCut ?? plan.stages.allSatisfy { $0.kind == nil }
        var writer = SnapshotWriter(header: [
            "boot": .string(BootRecord.current), "closing": .strings(closing),
            "commands": .boolean(isCommands), "end": .integer(Int64(texts?.end ?? 0)),
            "environment": .object(environment), "file": .string(absolute), "listing": .strings(listing),
            "lock": .string(Digest.of(lockBytes).hex), "program": PlanSnapshot.program,
            "root": .string(project.root), "store": .string(project.workspace.store),
        ])
        guard write(filesReadAt: readAt, to: &writer) else { return }
        write(sourcesOf: run, readAt, to: &writer)
        write(foldersOf: run, readAt, to: &writer)
        writer.append(count: plan.size)
        write(stages, texts, to: &writer)
        if texts != nil { writer.append(part?.text ?? pipeline?.source.bytes ?? []) }
        // Without a snapshot the next run only takes longer.
        try? writer.save(to: PlanSnapshot.path(of: absolute, in: project))
    }

    /// - Returns: False when one of them cannot be looked at, or is new to a
    ///   pipeline of which a part was read.
    private func write(filesReadAt readAt: Int64, to writer: inout SnapshotWriter) -> Bool {
        let read = [lockPath] + files.map { $0.absolute(in: project.root) }
        let schemas = plan.schemaFiles.map { $0.absolute(in: project.root) }
        let known = part?.known.files.dropFirst(read.count)
        if let known, !Set(known.map(\.name)).isSuperset(of: schemas) { return false }
        let looked = known == nil ? read + schemas : read
        writer.append(count: looked.count + (known?.count ?? 0))
        for path in looked {
            guard let status = try? Files.status(path) else { return false }
            writer.append(Self.words(FileStamp(status), readAt), path)
        }
        // What stages that are known made of a schema is of the stamp it had.
        for file in known ?? [] { writer.append(file.words, file.name) }
        return true
    }

    /// A stamp that may be remembered: that of a file which nobody has written
    /// since the first look at it. (A stage that is settled was looked at before
    /// the run; what was saved in between, another stage of the run may have read.)
    private static func words(_ stamp: FileStamp?, _ readAt: Int64) -> [UInt64] {
        stamp.flatMap { $0.isSettled(at: readAt) ? $0.words : nil } ?? SnapshotStamp.unknown
    }

    private func write(sourcesOf run: PipelineRun, _ readAt: Int64, to writer: inout SnapshotWriter) {
        guard let known = part?.known.sources else {
            let paths = plan.sources.filter(\.isFile).compactMap { $0.path?.absolute(in: project.root) }
            writer.append(count: paths.count)
            for path in paths {
                writer.append(Self.words(run.stamp(of: path), readAt), path)
            }
            return
        }
        let read = Set(
            plan.stages.indices.filter { !settled.contains($0) }.flatMap { sourcePaths(of: plan.stages[$0]) })
        writer.append(count: known.count)
        for source in known {
            let path = source.name
            writer.append(
                read.contains(path) ? Self.words(run.stamp(of: path), readAt) : source.words, path)
        }
    }

    /// None for a part: a pipeline that reads folders is read whole.
    private func write(foldersOf run: PipelineRun, _ readAt: Int64, to writer: inout SnapshotWriter) {
        writer.append(count: plan.searched.count)
        for folder in plan.searched { writer.append(Self.words(folder.stamp, readAt), folder.path) }
        let folders = plan.sources.compactMap { source -> (Plan.Source, ProjectPath)? in
            source.isFile ? nil : source.path.map { (source, $0) }
        }
        writer.append(count: folders.count)
        for (source, path) in folders {
            writer.append([], path.absolute(in: project.root))
            let hashed = run.folder(of: source)
            writer.append([], hashed?.ignored.hex ?? "")
            writer.append(count: 1 + (hashed?.listing.entries.count ?? 0))
            writer.append(Self.words((hashed?.listing.status).map(FileStamp.init), readAt), ".")
            for entry in hashed?.listing.entries ?? [] {
                writer.append(Self.words(FileStamp(entry.status), readAt), hashed!.listing.path(of: entry))
            }
        }
    }

    /// All stages of the pipeline: those that did not take part, or were known,
    /// as they were known.
    private func write(
        _ stages: [SnapshotWriter.Stage], _ texts: StageTexts?, to writer: inout SnapshotWriter
    ) {
        guard let part, let texts else {
            for stage in stages { writer.append(stage) }
            return
        }
        var next = 0
        for (number, known) in part.known.stages.enumerated() {
            let isKept = next < part.kept.count && part.kept[next] == number
            if isKept, part.isAffected[number] {
                writer.append(stages[next])
            } else {
                writer.append(record: part.known.bytes(of: known), start: texts.starts[number])
            }
            if isKept { next += 1 }
        }
    }

    /// What is to be written of a stage; nil for one that cannot be known.
    ///
    /// - Parameter places: Of sources that are files, among those alone.
    private func writable(
        _ number: Int, of run: PipelineRun, _ summary: RunSummary, _ texts: StageTexts?, _ places: [Int: Int]
    ) -> SnapshotWriter.Stage? {
        let planned = plan.stages[number]
        guard let record = summary.records[number], let holdings = run.holdings(of: number, record) else {
            return nil
        }
        let place = part?.kept[number] ?? number
        var stage = SnapshotWriter.Stage(
            start: texts?.starts[place] ?? 0, flags: [], dependencies: planned.dependencies, sources: [],
            name: planned.stage.name,
            published: holdings.published.map { ($0, run.stamp(of: $0)?.words ?? SnapshotStamp.unknown) },
            blobs: holdings.blobs)
        if case .hit = summary.results[number] { stage.flags.insert(.wasHit) }
        if planned.outputs.contains(where: { $0.type == .metrics }) { stage.flags.insert(.hasMetrics) }
        if let part {
            stage.dependencies = planned.dependencies.map { part.kept[$0] }
            stage.sources = part.known.stages[place].sources
        } else {
            for input in planned.inputs {
                guard case .source(let source) = input.origin, let place = places[source] else { continue }
                stage.sources.append(place)
            }
        }
        return stage
    }
}
