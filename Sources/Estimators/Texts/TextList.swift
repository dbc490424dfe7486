/// Texts that are kept, end to end.
public struct TextList: Sendable, Equatable {
    public private(set) var bytes: [UInt8] = []
    public private(set) var offsets: [Int] = [0]

    public init() {}

    public init(_ texts: some Sequence<String>) {
        for text in texts { append(text.utf8) }
    }

    public var count: Int { offsets.count - 1 }

    public subscript(row: Int) -> String { String(decoding: self.bytes(of: row), as: UTF8.self) }

    public func bytes(of row: Int) -> ArraySlice<UInt8> { bytes[offsets[row]..<offsets[row + 1]] }

    mutating func append(_ utf8: some Sequence<UInt8>) {
        bytes.append(contentsOf: utf8)
        offsets.append(bytes.count)
    }

    /// The texts as those of a column are lent.
    ///
    /// - Precondition: They are less than 4 GiB.
    public func withBatch<T, Failure: Error>(_ body: (TextBatch) throws(Failure) -> T) throws(Failure) -> T {
        try TextBatch.with(bytes: bytes, offsets: offsets.map { UInt32($0) }, body)
    }
}
