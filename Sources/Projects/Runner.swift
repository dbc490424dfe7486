import ContentStore
import Executor
import Glibc
import PipelineLanguage
import Planner
import Platform
import StageLibrary

extension LoadedPipeline {
    /// A run of the plan that is ready to go.
    ///
    /// - Throws: `SystemError` when the store cannot be opened.
    public func newRun(
        _ options: RunOptions, tell: @escaping (RunEvent) -> Void = { _ in }
    ) throws -> PipelineRun {
        var tools = RunTools(
            executable: "/proc/self/exe", build: BuildIdentity.current, locked: lockedRecords,
            lockedRecipes: plan.stages.map { lock.blocks[$0.stage.name]?.recipe },
            tableType: StageLibrary.tableType(ofArtifact:))
        tools.settled = settled
        tools.lockedSnapshots = lock.blocks.compactMapValues(\.snapshot)
        if !plan.leftOut.isEmpty {
            let planned = Set(plan.stages.map(\.stage.name))
            for (name, block) in lock.blocks where !planned.contains(name) {
                tools.leftOut += block.outputs.entries.map(\.output.digest)
            }
        }
        return try PipelineRun(plan, in: project.workspace, options: options, tools: tools, tell: tell)
    }
}

/// Which program this is, for action keys.
public enum BuildIdentity {
    /// Nil for a program built from a committed state. `make build` puts a
    /// file `sluice.build` beside the binary when the sources it was built from
    /// were not; what it says is then in every built-in key, so half-finished
    /// code never answers for finished code.
    public static let current: String? = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let bytes = try? Files.read(path + ".build") else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()
}
