import Platform
import Synchronization

/// Work that columns do not share, several columns at a time.
enum ColumnWork {
    /// Below so many bytes threads cost more than they bring.
    static let leastBytes = 1 << 20

    /// What `body` makes of every column, in their order, whatever the number of
    /// threads. Of several errors the first column's is thrown.
    static func map<Made>(
        _ count: Int, threads: Int, _ body: (Int) throws(ParquetError) -> Made
    ) throws(ParquetError) -> [Made] {
        var made: [Made] = []
        guard min(threads, count) > 1 else {
            for column in 0..<count { made.append(try body(column)) }
            return made
        }
        let outcomes = UnsafeMutableBufferPointer<Result<Made, ParquetError>?>.allocate(capacity: count)
        outcomes.initialize(repeating: nil)
        defer {
            outcomes.deinitialize()
            outcomes.deallocate()
        }
        // Columns differ in their work, so each thread takes the next one.
        let next = Atomic<Int>(0)
        let workers = WorkerPool(size: min(threads, count))
        workers.run(workers.size) { _ in
            while true {
                let column = next.add(1, ordering: .relaxed).oldValue
                guard column < count else { return }
                do throws(ParquetError) {
                    outcomes[column] = .success(try body(column))
                } catch {
                    outcomes[column] = .failure(error)
                }
            }
        }
        for outcome in outcomes {
            switch outcome {
            case .success(let one): made.append(one)
            case .failure(let error): throw error
            case nil: preconditionFailure("a column was left out")
            }
        }
        return made
    }
}
