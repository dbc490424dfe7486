import Platform

/// SQLite files of a test, gone with it.
public final class SQLiteFolder {
    public let path: String

    public init() throws { path = try ServerProcess.makeFolder("sqlite") }

    deinit { try? Files.remove(path) }

    /// A database made by SQLite itself, through functions of its that the reader does not use.
    public func make(_ name: String, _ statements: String) throws -> String {
        let place = "\(path)/\(name)"
        let library = DynamicLibrary("libsqlite3.so.0", package: "libsqlite3-0")
        let open = try library.function(
            "sqlite3_open",
            as: (@convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> CInt).self)
        let close = try library.function("sqlite3_close", as: (@convention(c) (OpaquePointer?) -> CInt).self)
        let run = try library.function(
            "sqlite3_exec",
            as: (@convention(c) (
                OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?
            ) -> CInt).self)
        var database: OpaquePointer?
        guard open(place, &database) == 0, run(database, statements, nil, nil, nil) == 0, close(database) == 0
        else {
            throw ServerTrouble(text: "SQLite does not take: \(statements)")
        }
        return place
    }

    /// A path, and the folder for as long as it is used.
    public func keep(
        _ body: (SQLiteFolder) throws -> String
    ) rethrows -> (folder: SQLiteFolder, place: String) {
        (self, try body(self))
    }
}
