/// Distinct terms, numbered as they come: a table with open addressing, whose hash is the same in every process.
///
/// Terms that are looked up have 16 bytes behind them that may be read (`TermCutter`).
struct TermTable: ~Copyable {
    /// Bytes of terms, end to end.
    private var text = GrowingBuffer<UInt8>(capacity: 1 << 12)
    private var heads = GrowingBuffer<Head>()
    private var slots: UnsafeMutablePointer<Slot>
    /// One less than their number, a power of two; at most half of them are taken.
    private var mask: Int

    /// What most terms are told apart by.
    private struct Head: BitwiseCopyable {
        var first: UInt64
        var second: UInt64
        var hash: UInt64
        var start: Int
        var count: Int
    }

    private struct Slot: BitwiseCopyable {
        /// Bits of the hash that do not say the place.
        var tag: UInt32
        /// Below zero where the slot is free.
        var number: Int32
    }

    init() {
        mask = 1023
        slots = Self.free(mask + 1)
    }

    deinit { slots.deallocate() }

    private static func free(_ count: Int) -> UnsafeMutablePointer<Slot> {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(tag: 0, number: -1), count: count)
        return slots
    }

    var count: Int { heads.count }

    func bytes(of number: Int) -> UnsafeBufferPointer<UInt8> {
        let head = heads.start[number]
        return UnsafeBufferPointer(start: text.start + head.start, count: head.count)
    }

    /// The number of a term, -1 if it is not among them.
    @inline(__always)
    func find(_ term: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        slots[place(term, Self.head(term, count))].number
    }

    /// The number of a term, which is put in if need be.
    @inline(__always)
    mutating func insert(_ term: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        let head = Self.head(term, count)
        let place = place(term, head)
        let number = slots[place].number
        return number < 0 ? add(term, head, place) : number
    }

    /// The number of a term that lies anywhere, which is put in if need be.
    mutating func insert(copying term: UnsafeBufferPointer<UInt8>) -> Int32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: term.count + 16) { room in
            guard let start = room.baseAddress else { return -1 }
            if let from = term.baseAddress { start.initialize(from: from, count: term.count) }
            (start + term.count).initialize(repeating: 0, count: 16)
            return insert(start, term.count)
        }
    }

    @inline(never)
    private mutating func add(_ term: UnsafePointer<UInt8>, _ head: Head, _ place: Int) -> Int32 {
        precondition(heads.count < Int32.max, "more terms than are numbered")
        let number = Int32(heads.count)
        var head = head
        head.start = text.count
        // What is looked at while comparing may lie behind the last one.
        text.makeRoom(head.count + 16)
        (text.start + text.count).update(from: term, count: head.count)
        text.count += head.count
        heads.append(head)
        slots[place] = Slot(tag: Self.tag(head), number: number)
        if heads.count * 2 > mask { grow() }
        return number
    }

    private mutating func grow() {
        slots.deallocate()
        mask = mask * 2 + 1
        slots = Self.free(mask + 1)
        for number in 0..<heads.count {
            let head = heads.start[number]
            var place = Int(truncatingIfNeeded: head.hash) & mask
            while slots[place].number >= 0 { place = (place + 1) & mask }
            slots[place] = Slot(tag: Self.tag(head), number: Int32(number))
        }
    }

    /// Where a term is, or would be put.
    @inline(__always)
    private func place(_ term: UnsafePointer<UInt8>, _ head: Head) -> Int {
        let tag = Self.tag(head)
        var place = Int(truncatingIfNeeded: head.hash) & mask
        while true {
            let slot = slots[place]
            if slot.number < 0 || slot.tag == tag && holds(slot.number, term, head) { return place }
            place = (place &+ 1) & mask
        }
    }

    @inline(__always)
    private func holds(_ number: Int32, _ term: UnsafePointer<UInt8>, _ head: Head) -> Bool {
        let known = heads.start + Int(number)
        return known.pointee.first == head.first && known.pointee.second == head.second
            && known.pointee.count == head.count
            && (head.count <= 16 || Self.equal(text.start + known.pointee.start, term, head.count))
    }

    private static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for index in 16..<count where a[index] != b[index] { return false }
        return true
    }

    @inline(__always)
    private static func tag(_ head: Head) -> UInt32 { UInt32(truncatingIfNeeded: head.hash >> 32) }

    @inline(__always)
    private static func head(_ term: UnsafePointer<UInt8>, _ count: Int) -> Head {
        let (first, second) = TermHash.words(term, count)
        return Head(
            first: first, second: second, hash: TermHash.of(term, count, first, second), start: 0,
            count: count)
    }
}

/// Terms that stay as they are, for threads to look up side by side.
final class FixedTerms: @unchecked Sendable {
    let table: TermTable

    init(_ table: consuming TermTable) { self.table = table }
}
