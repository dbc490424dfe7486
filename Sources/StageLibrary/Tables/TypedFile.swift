import ArrowIPC
import DataFrames
import Parquet
import PipelineLanguage
import TableTypes

/// A file whose columns have types of their own, read some rows at a time: Arrow by 65,536 rows, Parquet by row groups.
struct TypedFile {
    private enum Reader {
        case arrow(ArrowReader)
        case parquet(ParquetReader)
    }

    /// Of the columns that are read, in the order they were asked for; levels of categories stay unknown.
    let type: TableType
    private var reader: Reader
    /// What messages call the file; nil where who asks says which it is.
    private let name: String?

    /// - Parameter columns: Those to read, in this order; nil is all.
    /// - Throws: `StageError`, also for a column the file lacks.
    init(arrow path: String, name: String?, columns: [String]? = nil) throws(StageError) {
        self.name = name
        let arrow: ArrowReader
        do throws(ArrowError) {
            arrow = try ArrowReader(path, columns: columns)
            type = try arrow.type().type
        } catch {
            throw Self.error(error.message, error.fix, name)
        }
        if let lacking = columns?.first(where: { !arrow.names.contains($0) }) {
            let known = (try? ArrowReader(path).names) ?? []
            throw StageError(StageLibraryFinding.unknownColumn(lacking, known: known))
        }
        reader = .arrow(arrow)
    }

    /// - Parameter columns: Those to read, in this order; nil is all.
    /// - Throws: `StageError`, also for a column the file lacks.
    init(parquet path: String, name: String?, columns: [String]? = nil) throws(StageError) {
        self.name = name
        do throws(ParquetError) {
            let parquet = try ParquetReader(path, columns: columns)
            var type = parquet.tableType
            // The file's order is another.
            if let columns { type.columns = columns.compactMap { type[$0] } }
            self.type = type
            reader = .parquet(parquet)
        } catch {
            throw Self.error(error.message, error.fix, name)
        }
    }

    private static func error(_ message: String, _ fix: String?, _ name: String?) -> StageError {
        StageError((name.map { "'\($0)': " } ?? "") + message, fix: fix)
    }

    /// Calls with the rows, some at a time, or once without rows where there are none.
    mutating func eachBatch(_ body: (DataFrame) throws -> Void) throws {
        var isEmpty = true
        while let frame = try next() {
            isEmpty = false
            try body(frame)
        }
        if isEmpty { try body(empty()) }
    }

    private mutating func next() throws(StageError) -> DataFrame? {
        switch reader {
        case .arrow(var arrow):
            defer { reader = .arrow(arrow) }
            do throws(ArrowError) {
                return try arrow.next()
            } catch {
                throw Self.error(error.message, error.fix, name)
            }
        case .parquet(var parquet):
            defer { reader = .parquet(parquet) }
            do throws(ParquetError) {
                return try parquet.next().map(inOrder)
            } catch {
                throw Self.error(error.message, error.fix, name)
            }
        }
    }

    /// The columns without rows; of Arrow with all levels, of Parquet only where no row is left.
    func empty() throws(StageError) -> DataFrame {
        switch reader {
        case .arrow(var arrow):
            do throws(ArrowError) {
                return try arrow.empty()
            } catch {
                throw Self.error(error.message, error.fix, name)
            }
        case .parquet(var parquet):
            do throws(ParquetError) {
                return inOrder(try parquet.rest())
            } catch {
                throw Self.error(error.message, error.fix, name)
            }
        }
    }

    private func inOrder(_ frame: DataFrame) -> DataFrame {
        DataFrame(checked: type.names.compactMap { frame[$0] })
    }
}
