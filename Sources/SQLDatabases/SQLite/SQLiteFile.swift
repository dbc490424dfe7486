import Platform

/// A SQLite database as one file that nobody writes to: all of it lies in the file, and reading leaves nothing beside it.
enum SQLiteFile {
    private static let magic = Array("SQLite format 3\0".utf8)

    /// - Parameter name: What messages call it.
    /// - Throws: `SQLError.file` for what is no database, and one of which a part lies beside it.
    static func check(_ path: String, name: String) throws(SQLError) {
        do {
            guard let size = try Files.status(path)?.size else {
                throw SQLError.file("'\(name)' does not exist", fix: "correct the path")
            }
            // A file without bytes is a database without tables.
            if size > 0, try beginning(of: path, magic.count) != magic {
                throw SQLError.file(
                    "'\(name)' is not a SQLite database",
                    fix: "if it is another kind of file, read it by that kind")
            }
            if let size = try Files.status(path + "-wal")?.size, size > 0 {
                throw SQLError.file(
                    "a part of '\(name)' lies in '\(name)-wal', which is not read",
                    fix: "bring it in: sqlite3 \(name) 'PRAGMA wal_checkpoint(TRUNCATE)'")
            }
            // A journal that is kept but not in use begins with zeros.
            if try Files.status(path + "-journal") != nil,
                try beginning(of: path + "-journal", 1).first ?? 0 != 0
            {
                throw SQLError.file(
                    "'\(name)' was left in the middle of a change: '\(name)-journal' takes it back",
                    fix: "open it once with sqlite3, or wait until who changes it is done")
            }
        } catch let error as SQLError {
            throw error
        } catch {
            throw .file(
                "'\(name)' cannot be read: \(error)", fix: "correct the path, or who may read the file")
        }
    }

    private static func beginning(of path: String, _ count: Int) throws -> [UInt8] {
        let file = try MappedFile(path)
        return withExtendedLifetime(file) { Array(file.bytes.prefix(count)) }
    }

    /// As SQLite opens it: read only, without locks or files beside it.
    ///
    /// Source: sqlite.org/uri.html.
    static func uri(_ path: String) -> String {
        var uri = "file:"
        for byte in path.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-".utf8.contains(byte)
            if isPlain {
                uri.append(Character(Unicode.Scalar(byte)))
            } else {
                let digits = String(byte, radix: 16)
                uri += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return uri + "?mode=ro&immutable=1"
    }
}
