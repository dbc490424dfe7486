import DataFrames

/// All values of JSON rows, looked at once: what a schema of theirs is inferred from.
public struct JSONProfile {
    /// Keys in the order they are first seen.
    public let columns: [(name: String, profile: ColumnProfile)]
    /// Rows that were read.
    public private(set) var rows = 0
    /// The first of what is no row, with the number of the line or element.
    public private(set) var faults: [(number: Int, fault: JSONFault)] = []
    public private(set) var faultCount = 0

    private static let faultsKept = 3

    /// - Parameters:
    ///   - flattens: Whether objects within a row are columns `a.b`.
    ///   - progress: Is told now and then how many rows have been read.
    /// - Complexity: O(bytes).
    public init(
        ofLines bytes: UnsafeRawBufferPointer, flattens: Bool = false, progress: (Int) -> Void = { _ in }
    ) {
        var reader = RowReader(ObservationSink(), flattens: flattens)
        defer { reader.scanner.deallocate() }
        var seen = JSONProfile()
        reader.open(bytes, endsAtLineBreak: true)
        reader.lines { seen.note($0, $1, progress) }
        self.init(reader.sink, seen)
    }

    /// - Parameter path: Keys that lead to the rows, from the outermost.
    public init(
        ofDocument bytes: UnsafeRawBufferPointer, rows path: [String], flattens: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws(JSONDocumentError) {
        var reader = RowReader(ObservationSink(), flattens: flattens)
        defer { reader.scanner.deallocate() }
        var seen = JSONProfile()
        reader.open(bytes, endsAtLineBreak: false)
        try reader.document(path) {
            seen.note($0, $1, progress)
            return true
        }
        self.init(reader.sink, seen)
    }

    private init() { columns = [] }

    private init(_ sink: ObservationSink, _ seen: JSONProfile) {
        columns = sink.profiles
        (rows, faults, faultCount) = (seen.rows, seen.faults, seen.faultCount)
    }

    private mutating func note(_ number: Int, _ fault: JSONFault?, _ progress: (Int) -> Void) {
        if let fault {
            faultCount += 1
            if faults.count < Self.faultsKept { faults.append((number, fault)) }
        } else {
            rows += 1
        }
        if number % 4096 == 0 { progress(number) }
    }
}
