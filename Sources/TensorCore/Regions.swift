import Platform

/// Large pieces of memory, cut from regions of the system's as they are asked for. What a step's
/// way there leaves in many pieces serves its way back in others.
///
/// A piece that is handed back waits for one of its own size: the last one goes out first. Where a
/// size has none, all that wait become gaps again, which join their neighbours, and the piece comes
/// from the smallest gap that holds it, the lowest of equals, so that pieces stay together and the
/// end of a region, whose pages are no memory before they are written, is touched last.
/// (Best fit: Knuth, "The art of computer programming", 2.5; that freed pieces wait first keeps
/// those of a step's few sizes whole.) A search looks at all gaps, some tens in a training.
struct Regions {
    /// Of a region, unless one piece is more.
    static let regionBytes = 1 << 25
    /// The beginning of a region beside which there is no other is in small pages: of a small model's
    /// huge ones much would lie idle.
    private static let smallPageBytes = 1 << 23
    /// Sizes are rounded up to it, so that few are alike but not the same.
    private static let grain = 1 << 12

    private typealias Span = (start: UInt, size: Int)

    /// Pieces that were handed back, by their size.
    private var waiting: [Int: [UInt]] = [:]
    /// By address; no two of one region touch.
    private var gaps: [Span] = []
    private var regions: [Span] = []

    /// Bytes that wait, and those in gaps.
    private(set) var freeBytes = 0

    /// What a piece of so many bytes takes. No more than whole pages: with a line of the cache more two
    /// pieces no longer fit where one of twice the size was, and a step of an encoder takes a quarter more
    /// memory.
    static func size(_ bytes: Int) -> Int { (bytes + grain - 1) / grain * grain }

    /// - Parameter size: A multiple of a line of the cache; of a tensor as `size(_:)` says.
    mutating func take(_ size: Int) -> UInt {
        if let piece = waiting[size]?.popLast() {
            freeBytes -= size
            return piece
        }
        join()
        var best: Int?
        for place in gaps.indices where gaps[place].size >= size {
            if best.map({ gaps[place].size < gaps[$0].size }) ?? true { best = place }
        }
        let place = best ?? addRegion(size)
        let start = gaps[place].start
        if gaps[place].size == size {
            gaps.remove(at: place)
        } else {
            gaps[place] = (start + UInt(size), gaps[place].size - size)
        }
        freeBytes -= size
        return start
    }

    mutating func give(_ start: UInt, _ size: Int) {
        waiting[size, default: []].append(start)
        freeBytes += size
    }

    /// Makes gaps of all that wait. In which order does not matter.
    private mutating func join() {
        for (size, pieces) in waiting { for piece in pieces { addGap(piece, size) } }
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func addGap(_ start: UInt, _ size: Int) {
        var place = firstGap(from: start)
        var span: Span = (start, size)
        let isRegion = { [regions] (start: UInt) in regions.contains { $0.start == start } }
        if place < gaps.count, span.start + UInt(span.size) == gaps[place].start, !isRegion(gaps[place].start)
        {
            span.size += gaps.remove(at: place).size
        }
        if place > 0, gaps[place - 1].start + UInt(gaps[place - 1].size) == span.start, !isRegion(span.start)
        {
            place -= 1
            span = (gaps[place].start, gaps[place].size + span.size)
            gaps[place] = span
        } else {
            gaps.insert(span, at: place)
        }
    }

    /// Gives the system back the regions of which nothing is in use.
    mutating func release() {
        join()
        var kept: [Span] = []
        for region in regions {
            let place = firstGap(from: region.start)
            if place < gaps.count, gaps[place] == region {
                gaps.remove(at: place)
                freeBytes -= region.size
                UnsafeMutableRawPointer(bitPattern: region.start)?.deallocate()
            } else {
                kept.append(region)
            }
        }
        regions = kept
    }

    /// For a piece that no gap holds. Regions of which nothing is in use are too small for
    /// it and go first, or sizes that grow from step to step would each leave theirs.
    ///
    /// - Returns: The number of the region's only gap.
    private mutating func addRegion(_ size: Int) -> Int {
        release()
        let bytes = max(StoragePool.sizeClass(size), Self.regionBytes)
        let region = Heap.allocateHugePages(
            bytes, smallBytes: regions.isEmpty && size < Self.smallPageBytes ? Self.smallPageBytes : 0)
        let span: Span = (UInt(bitPattern: region), bytes)
        regions.append(span)
        freeBytes += bytes
        let place = firstGap(from: span.start)
        gaps.insert(span, at: place)
        return place
    }

    /// The number of the first gap that does not begin before an address.
    private func firstGap(from start: UInt) -> Int {
        var (low, high) = (0, gaps.count)
        while low < high {
            let middle = (low + high) / 2
            if gaps[middle].start < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
