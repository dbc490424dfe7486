import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// Tables as stages read and write them: Arrow files, what a column is for in
/// the metadata of its field. Every kind goes through here, so that all tables
/// have the same form and tell the same facts.
extension StageRun {
    /// The table at a port.
    ///
    /// - Throws: `StageError` for an artifact that is no table of ours.
    /// - Precondition: Something goes into the port.
    public func table(_ port: String) throws -> ArrowTable {
        guard let artifact = input(port) else { preconditionFailure("nothing goes into '\(port)'") }
        return try table(artifact)
    }

    /// All tables at a port, in order; none when nothing goes in.
    public func tables(_ port: String) throws -> [ArrowTable] {
        try inputs.filter { $0.port == port }.map(table)
    }

    func table(_ artifact: Artifact) throws -> ArrowTable {
        try MemoryBudget(self, "'\(artifact.basename)' is held in memory").check(file: artifact.path)
        do {
            return try ArrowFile.read(artifact.path)
        } catch {
            throw StageError("'\(artifact.basename)': \(error.message)", fix: error.fix)
        }
    }

    /// Writes the table of an output in batches of 65,536 rows, and tells its
    /// facts `rows` and `columns`, the numbers of both.
    ///
    /// - Throws: `StageError` for a column whose storage cannot hold its type;
    ///   `SystemError`.
    /// - Precondition: The kind declares the output.
    public func write(_ table: ArrowTable, to port: String) throws {
        let writer = TableWriter(self, port, roles: table.roles)
        try writer.append(table.frame, isLast: true)
        try writer.finish()
    }
}

extension ArrowTable {
    /// The same columns and roles, other rows.
    public func gather(_ rows: [Int]) -> ArrowTable { ArrowTable(frame: frame.gather(rows), roles: roles) }
}

extension StageLibrary {
    /// The columns of a stored table, from its head only: names, types, roles,
    /// whether nulls occur. Levels of categories stay unknown.
    ///
    /// - Throws: `StageError`.
    public static func tableType(ofArtifact path: String) throws -> TableType {
        do {
            return try ArrowFile.type(of: path).type
        } catch {
            throw StageError(error.message, fix: error.fix)
        }
    }
}
