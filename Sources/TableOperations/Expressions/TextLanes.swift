import DataFrames

/// The UTF-8 of one text, in place.
struct TextSlice {
    var start: UnsafePointer<UInt8>?
    var count: Int

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Below, at or above zero; bytewise, which is the order of scalars.
    func order(_ other: TextSlice) -> Int {
        let common = min(count, other.count)
        for index in 0..<common where bytes[index] != other.bytes[index] {
            return Int(bytes[index]) - Int(other.bytes[index])
        }
        return count - other.count
    }

    func starts(with part: TextSlice, at offset: Int = 0) -> Bool {
        guard offset >= 0, offset + part.count <= count else { return false }
        for index in 0..<part.count where bytes[offset + index] != part.bytes[index] { return false }
        return true
    }

    /// Where a part stands first, from an offset on.
    func find(_ part: TextSlice, from offset: Int = 0) -> Int? {
        var place = offset
        while place + part.count <= count {
            if starts(with: part, at: place) { return place }
            place += 1
        }
        return nil
    }

    /// Scalars: bytes that continue none.
    var length: Int { bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } }

    /// The byte at which a scalar begins, from 0; the end for one past it.
    func offset(ofScalar number: Int) -> Int {
        var left = number
        for index in 0..<count where bytes[index] & 0xC0 != 0x80 {
            if left <= 0 { return index }
            left -= 1
        }
        return count
    }
}

extension StringStorage {
    /// The texts as slices in place, while `body` runs.
    func withSlices<R>(_ body: ((Int) -> TextSlice) -> R) -> R {
        offsets.withView { offsets in
            bytes.withUnsafeBufferPointer { bytes in
                body { row in
                    let start = offsets[row]
                    return TextSlice(
                        start: bytes.baseAddress.map { $0 + start }, count: offsets[row + 1] - start)
                }
            }
        }
    }

    /// As many texts as rows, each written by `body` at the end of the bytes.
    static func written(_ rows: Int, _ body: (Int, inout [UInt8]) -> Void) -> StringStorage {
        var offsets = Offsets()
        offsets.reserveCapacity(rows + 1)
        var bytes: [UInt8] = []
        for row in 0..<rows {
            body(row, &bytes)
            offsets.append(bytes.count)
        }
        return StringStorage(uncheckedOffsets: offsets, bytes: bytes)
    }
}

/// Two columns of texts side by side, either of which may be constant.
struct TextPairs {
    private let a: StringStorage
    private let b: StringStorage
    private let aMask: Int
    private let bMask: Int

    init(_ a: StringStorage, _ b: StringStorage, _ aMask: Int, _ bMask: Int) {
        self.a = a
        self.b = b
        self.aMask = aMask
        self.bMask = bMask
    }

    func map<R>(_ rows: Int, _ f: (TextSlice, TextSlice) -> R) -> [R] {
        a.withSlices { x in
            b.withSlices { y in (0..<rows).map { f(x($0 & aMask), y($0 & bMask)) } }
        }
    }

    func select(_ isFirst: [Bool]) -> StringStorage {
        a.withSlices { x in
            b.withSlices { y in
                StringStorage.written(isFirst.count) { row, bytes in
                    bytes.append(contentsOf: (isFirst[row] ? x(row & aMask) : y(row & bMask)).bytes)
                }
            }
        }
    }
}
