import DataFrames
import Glibc

/// The texts of a dictionary page, end to end.
struct TextDictionary {
    private(set) var bytes: [UInt8] = []
    /// Entry `i` is the bytes from `ends[i]` to `ends[i + 1]`.
    private(set) var ends: [Int] = [0]
    /// Entries that are no UTF-8.
    private var failures: Set<UInt32> = []

    var count: Int { ends.count - 1 }

    /// Nil where the bytes are no dictionary.
    init?(_ page: Page, _ values: TextValues, budget: Budget, place: String) throws(ParquetError) {
        let entries = page.values
        guard entries <= page.body.count || entries == 0,
            try values.decode(PageEncoding.plain, page.body, count: entries, limit: budget.limit)
        else { return nil }
        try budget.take(values.total + entries * 8, for: place)
        bytes.reserveCapacity(values.total)
        ends.reserveCapacity(entries + 1)
        for entry in 0..<entries {
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(start: values.start(entry), count: values.length(entry)))
            ends.append(bytes.count)
        }
        guard TextCheck.failure(bytes, ends, from: 0, count: entries) != nil else { return }
        for entry in 0..<entries where TextCheck.failure(bytes, ends, from: entry, count: 1) != nil {
            failures.insert(UInt32(entry))
        }
    }

    func text(_ entry: Int) -> String {
        String(decoding: bytes[ends[entry]..<ends[entry + 1]], as: UTF8.self)
    }

    /// The first use of an entry that is no UTF-8.
    func failure(_ indices: UnsafePointer<UInt32>, _ count: Int) -> ValueFailure? {
        guard !failures.isEmpty else { return nil }
        return (0..<count).first { failures.contains(indices[$0]) }.map(TextCheck.failure)
    }
}

/// Whether texts are UTF-8.
enum TextCheck {
    static func failure(_ index: Int) -> ValueFailure {
        ValueFailure(
            index: index, what: "the text is not UTF-8", fix: "write the column from text, not from bytes")
    }

    /// The first of the rows from `from` on whose bytes are not UTF-8: their run
    /// is, and none begins inside a character.
    ///
    /// - Complexity: O(bytes); rows are looked at only where a byte is not ASCII.
    static func failure(_ bytes: [UInt8], _ offsets: [Int], from: Int, count: Int) -> ValueFailure? {
        let (start, end) = (offsets[from], offsets[from + count])
        let scan = bytes.withUnsafeBytes { UTF8Scan(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
        let rows = 0..<count
        switch scan {
        case .ascii: return nil
        case .valid:
            return rows.dropFirst().first { row in
                let place = offsets[from + row]
                return place < end && bytes[place] & 0xC0 == 0x80
            }.map { failure($0 - 1) }
        case .invalid(let offset):
            return failure(row(at: start + offset, offsets, from: from, count: count))
        }
    }

    /// The row in which a byte lies, by halving.
    private static func row(at byte: Int, _ offsets: [Int], from: Int, count: Int) -> Int {
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offsets[from + middle] <= byte { low = middle } else { high = middle }
        }
        return low
    }
}
