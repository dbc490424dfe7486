import DataFrames
import Glibc

/// The texts of a row group on their way into pages.
struct TextPacking {
    private let texts: StringStorage
    private let rows: Range<Int>
    private let validity: ValidityBitmap?
    /// Rows that have a text; nil where all have.
    private let there: [Int]?
    private let present: Int

    init(_ texts: StringStorage, _ rows: Range<Int>, _ validity: ValidityBitmap?, present: Int) {
        self.texts = texts
        self.rows = rows
        self.validity = validity
        self.present = present
        there = validity.map { validity in rows.filter { validity[$0] } }
    }

    private func row(_ value: Int) -> Int { there?[value] ?? rows.lowerBound + value }

    /// The text of a value that is there, counted from 0.
    func text(_ value: Int) -> ArraySlice<UInt8> {
        let row = row(value)
        return texts.bytes[texts.offsets[row]..<texts.offsets[row + 1]]
    }

    /// A dictionary may not be longer than this: it is read before the rest.
    private static let mostDictionaryBytes = 1 << 20

    /// The distinct texts, where a dictionary of them pays.
    var distinct: DistinctValues? {
        let found: DistinctValues? = texts.bytes.withUnsafeBytes { bytes in
            texts.offsets.withView { offsets in
                let lower = rows.lowerBound
                func find(_ row: (Int) -> Int) -> DistinctValues? {
                    DistinctValues(
                        count: present,
                        hash: { value in
                            let row = row(value)
                            return Self.hash(bytes, offsets[row], offsets[row &+ 1])
                        },
                        isEqual: { one, other in
                            let (a, b) = (row(one), row(other))
                            let count = offsets[a &+ 1] &- offsets[a]
                            return count == offsets[b &+ 1] &- offsets[b]
                                && (count == 0
                                    || memcmp(
                                        bytes.baseAddress! + offsets[a], bytes.baseAddress! + offsets[b],
                                        count) == 0)
                        })
                }
                guard let there else { return find { lower &+ $0 } }
                return there.withUnsafeBufferPointer { there in find { there[$0] } }
            }
        }
        guard let found else { return nil }
        let size = found.firsts.reduce(0) { $0 + text($1).count + 4 }
        return size <= Self.mostDictionaryBytes ? found : nil
    }

    /// FNV-1a (Fowler, Noll, Vo) over words of eight bytes.
    private static func hash(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(truncatingIfNeeded: end &- start)
        var place = start
        while end &- place >= 8 {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x100_0000_01B3
            hash ^= hash >> 29
            place &+= 8
        }
        while place < end {
            hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3
            place &+= 1
        }
        return hash ^ hash >> 32
    }

    func bounds() -> (least: [UInt8]?, greatest: [UInt8]?) {
        var bounds = TextBounds()
        for value in 0..<present { bounds.take(text(value)) }
        return bounds.found
    }

    /// Rows of data pages: `ChunkPacking.pageRows`, or fewer that fill a page.
    func pages() -> [Range<Int>] {
        var pages: [Range<Int>] = []
        var start = rows.lowerBound
        while start < rows.upperBound {
            let most = min(start + ChunkPacking.pageRows, rows.upperBound)
            let limit = texts.offsets[start] + ChunkPacking.pageBytes
            var end = most
            if texts.offsets[most] > limit {
                // The first row past the limit, by halving.
                var (low, high) = (start + 1, most)
                while low < high {
                    let middle = (low + high) / 2
                    if texts.offsets[middle] >= limit { high = middle } else { low = middle + 1 }
                }
                end = low
            }
            pages.append(start..<end)
            start = end
        }
        return pages
    }

    /// Lengths and texts of rows, in plain encoding.
    func append(_ range: Range<Int>, to page: inout [UInt8]) {
        let total = texts.offsets[range.upperBound] - texts.offsets[range.lowerBound]
        let start = page.count
        page.append(contentsOf: repeatElement(0, count: total + 4 * range.count))
        let end = page.withUnsafeMutableBytes { page -> Int in
            texts.bytes.withUnsafeBytes { bytes in
                texts.offsets.withView { offsets in
                    var place = page.baseAddress! + start
                    for row in range where validity?[row] ?? true {
                        let length = offsets[row &+ 1] &- offsets[row]
                        place.storeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian, as: UInt32.self)
                        place += 4
                        if length > 0 { memcpy(place, bytes.baseAddress! + offsets[row], length) }
                        place += length
                    }
                    return place - page.baseAddress!
                }
            }
        }
        // Null rows took no place.
        page.removeLast(page.count - end)
    }
}

/// The least and the greatest text by their bytes. Long ones are left out: a
/// bound is there to skip by, not to be read.
struct TextBounds {
    private var least: ArraySlice<UInt8>?
    private var greatest: ArraySlice<UInt8>?
    private static let longest = 64

    mutating func take(_ text: ArraySlice<UInt8>) {
        guard let least, let greatest else {
            self.least = text
            self.greatest = text
            return
        }
        if Self.precedes(text, least) { self.least = text }
        if Self.precedes(greatest, text) { self.greatest = text }
    }

    private static func precedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                let count = min(a.count, b.count)
                let order = count == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, count)
                return order < 0 || order == 0 && a.count < b.count
            }
        }
    }

    var found: (least: [UInt8]?, greatest: [UInt8]?) {
        func short(_ text: ArraySlice<UInt8>?) -> [UInt8]? {
            text.flatMap { $0.count <= Self.longest ? Array($0) : nil }
        }
        return (short(least), short(greatest))
    }
}
