import ArrowIPC
import Glibc
import Platform

extension FuzzTarget {
    /// The Arrow reader: an error that says something, or a table that is
    /// written, read back and written to the same bytes.
    static let arrow = FuzzTarget(name: "arrow") { bytes in
        do {
            try Files.write(bytes, to: path)
        } catch {
            preconditionFailure("\(error)")
        }
        do throws(ArrowError) {
            let table = try ArrowFile.read(path)
            if let written = write(table) {
                // Bytes, because a NaN is not equal to itself.
                let again = try ArrowFile.read(copy)
                precondition(write(again) == written, "a table read back is written differently")
            }
            _ = try ArrowFile.type(of: path)
            _ = try ArrowFile.head(path, rows: 2)
        } catch {
            precondition(!error.description.isEmpty, "an error says nothing")
        }
    }

    /// The bytes of `table`, left in `copy`; nil where the writer refuses it,
    /// which it may.
    private static func write(_ table: ArrowTable) -> [UInt8]? {
        do {
            try ArrowFile.write(table.frame, roles: table.roles, to: copy)
            return try Files.read(copy)
        } catch {
            return nil
        }
    }

    /// The reader maps files, it takes no bytes.
    private static let path =
        (getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp") + "/fuzz-\(getpid()).arrow"
    private static let copy = path + ".copy"
}
