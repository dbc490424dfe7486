import PipelineLanguage
import Transfers

extension StageError {
    /// What kept a file or an object from being brought here.
    init(fault: any TransferFault) { self.init(fault.message, fix: fault.fix) }
}

extension FetchRun {
    /// Runs what asks a server, so that its faults are this stage's.
    ///
    /// - Throws: `StageError`.
    func asking<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let fault as any TransferFault {
            throw StageError(fault: fault)
        }
    }

    /// - Parameter total: Nil where the server does not say.
    func tell(bytes: Int64, of total: Int64?, _ what: String = "") {
        let megabytes = { (count: Int64) in "\((count + 500_000) / 1_000_000) MB" }
        let text = total.map { "\(megabytes(bytes)) of \(megabytes($0))" } ?? megabytes(bytes)
        let share = total.map { $0 > 0 ? Double(bytes) / Double($0) : 1 } ?? 0
        tell(.progress(share, what + text))
    }
}
