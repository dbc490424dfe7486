import ArrowIPC
import DataFrames
import Glibc
import Parquet
import Platform

extension FuzzTarget {
    /// The Parquet reader: an error that says something, or a table that is
    /// written, read back and written to the same bytes.
    static let parquet = FuzzTarget(name: "parquet") { bytes in
        do {
            try Files.write(bytes, to: path)
        } catch {
            preconditionFailure("\(error)")
        }
        do throws(ParquetError) {
            let table = try ParquetFile.read(path)
            // A run of one value unfolds to very many rows; writing them all
            // would only show that the fuzzer is slow.
            if table.frame.count <= 1 << 16, let written = write(table) {
                // Bytes, because a NaN is not equal to itself.
                let again = try ParquetFile.read(copy)
                precondition(write(again) == written, "a table read back is written differently")
            }
            _ = try ParquetFile.type(of: path)
            var reader = try ParquetReader(path)
            while try reader.next() != nil {}
        } catch {
            precondition(!error.description.isEmpty, "an error says nothing")
        }
    }

    /// The bytes of `table`, left in `copy`; nil where the writer refuses it,
    /// which it may.
    private static func write(_ table: ArrowTable) -> [UInt8]? {
        do {
            try ParquetFile.write(table.frame, roles: table.roles, to: copy)
            return try Files.read(copy)
        } catch {
            return nil
        }
    }

    /// The reader maps files, it takes no bytes.
    private static let path =
        (getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp") + "/fuzz-\(getpid()).parquet"
    private static let copy = path + ".copy"
}
