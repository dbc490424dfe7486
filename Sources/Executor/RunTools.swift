import ContentStore
import Planner
import TableTypes

/// What a run needs from above: the things only the top of the program knows.
public struct RunTools {
    /// The program itself, started as keeper and worker.
    public var executable: String
    /// See `Action.build`.
    public var build: String?
    /// What the committed lock says of each stage of the plan.
    public var locked: [ActionRecord?]
    /// Of each stage's block in the lock.
    public var lockedRecipes: [Digest?]
    /// Of external sources, by stage.
    public var lockedSnapshots: [String: LockFile.Snapshot] = [:]
    /// Stages that are known to be hits, by number: nothing they depend on has
    /// changed, and all they gave is there. The lock has their records.
    public var settled: Set<Int> = []
    /// What stages gave that the plan leaves out.
    public var leftOut: [Digest] = []
    /// The columns of a stored table.
    public var tableType: (_ path: String) throws -> TableType

    public init(
        executable: String, build: String?, locked: [ActionRecord?],
        lockedRecipes: [Digest?],
        tableType: @escaping (_ path: String) throws -> TableType
    ) {
        self.executable = executable
        self.build = build
        self.locked = locked
        self.lockedRecipes = lockedRecipes
        self.tableType = tableType
    }
}
