import ContentStore
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
