/// Values of a fixed width as the file has them, whatever the encoding: one
/// after the other, little-endian.
final class FixedValues {
    private let leaf: Leaf
    private let width: Int
    private let scratch = Scratch<UInt64>()
    private let words = Scratch<Int64>()

    /// - Precondition: The leaf's type has a width.
    init(_ leaf: Leaf) {
        self.leaf = leaf
        width = leaf.type.width!
    }

    /// `count` values; nil where the bytes have fewer. What is returned is valid
    /// until the next call, or as long as `body` is.
    func decode(
        _ encoding: Int, _ body: UnsafeRawBufferPointer, count: Int
    ) throws(ParquetError) -> UnsafeRawPointer? {
        let (size, isOver) = count.multipliedReportingOverflow(by: width)
        guard !isOver else { return nil }
        guard count > 0 else { return UnsafeRawPointer(scratch.room(1)) }
        switch encoding {
        case PageEncoding.plain:
            if leaf.type == .boolean { return bits(body, count) }
            return body.count >= size ? body.baseAddress : nil
        case PageEncoding.rle where leaf.type == .boolean:
            guard body.count >= 4 else { return nil }
            let length = Int(UInt32(littleEndian: body.loadUnaligned(as: UInt32.self)))
            guard length <= body.count - 4 else { return nil }
            var runs = HybridRuns(UnsafeRawBufferPointer(rebasing: body[4..<(4 + length)]), width: 1)
            let found = UnsafeMutableRawPointer(words.room(count)).assumingMemoryBound(to: UInt32.self)
            guard runs.decode(count, into: found) else { return nil }
            let target = bytes(count)
            for place in 0..<count { target[place] = UInt8(truncatingIfNeeded: found[place]) & 1 }
            return UnsafeRawPointer(target)
        case PageEncoding.byteStreamSplit where leaf.type != .boolean && leaf.physical != 3:
            return body.count >= size ? joined(body, count) : nil
        case PageEncoding.deltaBinaryPacked where leaf.physical == 1 || leaf.physical == 2:
            return differences(body, count)
        case PageEncoding.deltaByteArray where leaf.physical == 7:
            return try fronts(body, count)
        default:
            throw ParquetError(.encoding(column: leaf.path, name: PageEncoding.name(encoding)))
        }
    }

    private func bytes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(scratch.room((count + 7) / 8)).assumingMemoryBound(to: UInt8.self)
    }

    private func bits(_ body: UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawPointer? {
        guard body.count >= (count + 7) / 8 else { return nil }
        let target = bytes(count)
        for place in 0..<count { target[place] = body[place >> 3] >> UInt8(place & 7) & 1 }
        return UnsafeRawPointer(target)
    }

    /// All first bytes, then all second ones, and so on.
    private func joined(_ body: UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawPointer? {
        let target = bytes(count * width)
        let source = body.baseAddress!.assumingMemoryBound(to: UInt8.self)
        for byte in 0..<width {
            let stream = source + byte * count
            for place in 0..<count { target[place &* width &+ byte] = stream[place] }
        }
        return UnsafeRawPointer(target)
    }

    private func differences(_ body: UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawPointer? {
        guard var deltas = DeltaIntegers(body), deltas.count == count else { return nil }
        let found = words.room(count)
        guard deltas.decode(into: found) else { return nil }
        guard width == 4 else { return UnsafeRawPointer(found) }
        let target = UnsafeMutableRawPointer(bytes(count * 4)).assumingMemoryBound(to: Int32.self)
        for place in 0..<count { target[place] = Int32(truncatingIfNeeded: found[place]) }
        return UnsafeRawPointer(target)
    }

    private func fronts(
        _ body: UnsafeRawBufferPointer, _ count: Int
    ) throws(ParquetError) -> UnsafeRawPointer? {
        let texts = VariableValues(leaf)
        // Each value has the width, so no more is unfolded than that.
        guard try texts.decode(PageEncoding.deltaByteArray, body, count: count, limit: count * width) else {
            return nil
        }
        let target = bytes(count * width)
        for place in 0..<count {
            let value = texts.value(place)
            guard value.count == width else { return nil }
            UnsafeMutableRawPointer(target + place * width).copyMemory(
                from: value.baseAddress!, byteCount: width)
        }
        return UnsafeRawPointer(target)
    }
}
