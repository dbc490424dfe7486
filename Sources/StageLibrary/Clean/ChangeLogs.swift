import Platform

/// A log for each step. Steps follow each other in the table of changes and take turns with the rows, so what is long
/// goes into a file until its turn has come: one for all of them, for there may be a step for every column.
final class ChangeLogs {
    private let logs: [ChangeLog]
    private let path: String
    private var file: FileReplacement?
    /// Of each log where its entries stand in the file.
    private var blocks: [[Range<Int>]]
    private let most: Int

    /// Entries that are taken from the file at once.
    private static let readAtOnce = 8192

    /// - Parameters:
    ///   - path: Of a file that is gone when the logs have been told.
    ///   - most: Entries of all logs that are held.
    init(_ count: Int, path: String, most: Int = 65_536) {
        logs = (0..<count).map { _ in ChangeLog() }
        blocks = Array(repeating: [], count: count)
        self.path = path
        self.most = most
    }

    subscript(step: Int) -> ChangeLog { logs[step] }

    /// Keeps the logs short; to be called now and then.
    func shorten() throws {
        guard logs.reduce(0, { $0 + $1.count }) >= most else { return }
        var file = try takeFile()
        for (step, log) in logs.enumerated() where log.count > 0 {
            let start = file.count
            try log.spill(to: &file)
            blocks[step].append(start..<file.count)
        }
        self.file = consume file
    }

    private func takeFile() throws -> FileReplacement {
        if let file = file.take() { return file }
        return try FileReplacement(path)
    }

    /// Tells all, one step after another.
    func write(to output: TableWriter) throws {
        let spilled = try finishFile()
        defer { if spilled != nil { try? Files.remove(path) } }
        for (log, blocks) in zip(logs, blocks) {
            if let spilled {
                for block in blocks { try write(spilled.bytes[block], to: output) }
            }
            try output.append(log.take())
        }
    }

    private func write(_ block: Slice<UnsafeRawBufferPointer>, to output: TableWriter) throws {
        let entries = ChangeLog()
        var rest = UnsafeRawBufferPointer(rebasing: block)
        while !rest.isEmpty {
            rest = entries.read(rest, atMost: Self.readAtOnce)
            try output.append(entries.take())
        }
    }

    private func finishFile() throws -> MappedFile? {
        guard var file = file.take() else { return nil }
        try file.finish()
        return try MappedFile(path)
    }
}
