import DataFrames
import Glibc
import Parquet
import Platform
import TableTypes
import Testing

/// A folder of its own for a test, removed with it.
final class Scratch {
    let path: String
    init() throws {
        var template = Array("/tmp/sluice-parquet-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }
    deinit { try? Files.remove(path) }
}

/// The folder of this file.
let here = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()

/// Files of other writers; `Goldens/make.py` made them.
let goldens = here + "/Goldens"
