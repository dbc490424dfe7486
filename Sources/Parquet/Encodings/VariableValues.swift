import Glibc

/// Values that each have a length of their own, whatever the encoding.
///
/// Source: apache/parquet-format 2.11, Encodings.md, "Plain",
/// "DELTA_LENGTH_BYTE_ARRAY" and "DELTA_BYTE_ARRAY".
final class VariableValues {
    private let leaf: Leaf
    private let starts = Scratch<UnsafeRawPointer>()
    private let lengths = Scratch<Int>()
    private let words = Scratch<Int64>()
    private let prefixes = Scratch<Int64>()
    private let unfolded = Scratch<UInt8>()
    /// Of the last page.
    private var found: (starts: UnsafeMutablePointer<UnsafeRawPointer>, lengths: UnsafeMutablePointer<Int>)
    /// Bytes of all values of the last page.
    private(set) var total = 0

    init(_ leaf: Leaf) {
        self.leaf = leaf
        found = (starts.room(1), lengths.room(1))
    }

    /// One value of the last page; never without an address.
    func value(_ place: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: found.starts[place], count: found.lengths[place])
    }

    func start(_ place: Int) -> UnsafeRawPointer { found.starts[place] }
    func length(_ place: Int) -> Int { found.lengths[place] }

    /// Takes `count` values apart; false where the bytes have fewer. Valid until
    /// the next call, as long as `body` is.
    ///
    /// - Parameter limit: Bytes that shared beginnings may unfold to.
    func decode(
        _ encoding: Int, _ body: UnsafeRawBufferPointer, count: Int, limit: Int
    ) throws(ParquetError) -> Bool {
        total = 0
        guard count > 0, let base = body.baseAddress else { return count == 0 }
        // Before anything is reserved: a value takes a bit at least, whatever
        // the encoding, but for a run of equal lengths.
        guard count <= max(1 << 24, body.count * 8) else { return false }
        switch encoding {
        case PageEncoding.plain:
            guard count <= body.count / 4 else { return false }
            reserve(count)
            return plain(base, end: base + body.count, count)
        case PageEncoding.deltaLengthByteArray:
            reserve(count)
            return suffixes(body, count, limit: limit) != nil
        case PageEncoding.deltaByteArray:
            reserve(count)
            return shared(body, count, limit: limit)
        default:
            throw ParquetError(.encoding(column: leaf.path, name: PageEncoding.name(encoding)))
        }
    }

    private func reserve(_ count: Int) { found = (starts.room(count), lengths.room(count)) }

    private func plain(_ base: UnsafeRawPointer, end: UnsafeRawPointer, _ count: Int) -> Bool {
        var place = base
        var total = 0
        let (starts, lengths) = found
        for index in 0..<count {
            guard end - place >= 4 else { return false }
            let length = Int(UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)))
            place += 4
            guard length <= end - place else { return false }
            starts[index] = place
            lengths[index] = length
            total &+= length
            place += length
        }
        self.total = total
        return true
    }

    /// Lengths, then all bytes; what is left behind them.
    private func suffixes(
        _ body: UnsafeRawBufferPointer, _ count: Int, limit: Int
    ) -> UnsafeRawBufferPointer? {
        guard var deltas = DeltaIntegers(body), deltas.count == count else { return nil }
        let words = words.room(count)
        guard deltas.decode(into: words), let base = body.baseAddress else { return nil }
        var position = deltas.position
        for index in 0..<count {
            let length = words[index]
            guard length >= 0, length <= Int64(body.count - position) else { return nil }
            found.starts[index] = base + position
            found.lengths[index] = Int(length)
            position += Int(length)
        }
        total = position - deltas.position
        return UnsafeRawBufferPointer(rebasing: body[position...])
    }

    /// How much of the value before each begins with, then the rest of each.
    private func shared(_ body: UnsafeRawBufferPointer, _ count: Int, limit: Int) -> Bool {
        guard var deltas = DeltaIntegers(body), deltas.count == count else { return false }
        let prefixes = prefixes.room(count)
        guard deltas.decode(into: prefixes) else { return false }
        let rest = UnsafeRawBufferPointer(rebasing: body[deltas.position...])
        guard suffixes(rest, count, limit: limit) != nil else { return false }
        var total = 0
        for index in 0..<count {
            let before = index == 0 ? 0 : Int(prefixes[index - 1]) + found.lengths[index - 1]
            guard prefixes[index] >= 0, prefixes[index] <= Int64(before) else { return false }
            total += Int(prefixes[index]) + found.lengths[index]
            guard total <= limit else { return false }
        }
        let target = UnsafeMutableRawPointer(unfolded.room(max(total, 1)))
        var position = 0
        var last = target
        for index in 0..<count {
            let (prefix, suffix) = (Int(prefixes[index]), found.lengths[index])
            let start = target + position
            memmove(start, last, prefix)
            memcpy(start + prefix, found.starts[index], suffix)
            found.starts[index] = UnsafeRawPointer(start)
            found.lengths[index] = prefix + suffix
            position += prefix + suffix
            last = start
        }
        self.total = total
        return true
    }
}
