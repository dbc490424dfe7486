import TensorKernels
import Testing

@testable import TensorCore

@Suite struct StoragePoolTests {
    @Test func classesWasteAFifthAtMost() {
        var last = 0
        for bytes in Array(0...5000) + [200_000, 1 << 18] {
            let size = StoragePool.sizeClass(bytes)
            #expect(size >= bytes && size >= last)
            #expect(bytes <= 64 || size - bytes <= bytes / 4, "\(bytes) in \(size)")
            last = size
        }
        #expect(
            [64, 65, 80, 81, 96, 112, 128, 129].map(StoragePool.sizeClass) == [
                64, 80, 80, 96, 96, 112, 128, 160,
            ])
    }

    @Test func memoryIsUsedAgain() {
        let pool = StoragePool()
        var first: Storage? = Storage(1000, from: pool)
        let place = first?.base
        #expect(Int(bitPattern: place) % StoragePool.alignment == 0)
        #expect(pool.bytes == (used: 1024, free: 0))
        first = nil
        #expect(pool.bytes == (used: 0, free: 1024))
        // Another size of the same class.
        let second = Storage(900, from: pool)
        #expect(second.base == place)
        let third = Storage(1000, from: pool)
        #expect(third.base != place)
        #expect(pool.peakBytes == 2048)
        pool.release()
        #expect(pool.bytes == (used: 2048, free: 0))
    }

    @Test func inSteadyStateNothingIsAllocated() throws {
        let context = TensorContext()
        let a = Tensor(repeating: 0.5 as Float, [64, 64], in: context)
        func step() throws -> Tensor { try a.product(with: a.transposed()).product(with: a) }
        _ = try step()
        let before = context.memory.bytes
        for _ in 0..<100 { _ = try step() }
        #expect(context.memory.bytes == before)
    }

    @Test func largePiecesAreUsedAgain() {
        let pool = StoragePool()
        for bytes in [1 << 18, (1 << 18) + 1, 40 << 20] {
            var first: Storage? = Storage(bytes, from: pool)
            let place = first?.base
            #expect(Int(bitPattern: place) % StoragePool.alignment == 0)
            let all = pool.bytes.used + pool.bytes.free
            first = nil
            #expect(pool.bytes == (used: 0, free: all))
            #expect(Storage(bytes, from: pool).base == place)
        }
        pool.release()
        #expect(pool.bytes == (used: 0, free: 0))
    }

    @Test func aViewKeepsItsMemory() throws {
        let context = TensorContext()
        func view() throws -> Tensor {
            try Tensor((0..<100).map { Float($0) }, [10, 10], in: context).sliced(0, 3..<4).squeezed(0)
        }
        let row = try view()
        let other = Tensor(repeating: 7 as Float, [10, 10], in: context)
        #expect(try row.values() == (30..<40).map { Float($0) })
        #expect(try other.values(Float.self).allSatisfy { $0 == 7 })
    }
}

@Suite struct RegionsTests {
    private let unit = StoragePool.largestClass

    @Test func aPieceServesItsOwnSizeAgain() {
        var regions = Regions()
        defer { regions.release() }
        let pieces = (0..<3).map { _ in regions.take(2 * unit) }
        regions.give(pieces[0], 2 * unit)
        regions.give(pieces[2], 2 * unit)
        // The one handed back last.
        #expect(regions.take(2 * unit) == pieces[2])
        #expect(regions.take(2 * unit) == pieces[0])
        for piece in pieces { regions.give(piece, 2 * unit) }
    }

    @Test func neighboursJoinForALargerOne() {
        var regions = Regions()
        defer { regions.release() }
        let pieces = (0..<4).map { _ in regions.take(unit) }
        #expect(pieces == (0..<4).map { pieces[0] + UInt($0 * unit) })
        let free = regions.freeBytes
        for piece in pieces[0..<3] { regions.give(piece, unit) }
        // Of the gap of three units the first two, then the one that is left; not the end of the region.
        #expect(regions.take(2 * unit) == pieces[0])
        #expect(regions.take(unit) == pieces[2])
        #expect(regions.freeBytes == free)
        regions.give(pieces[0], 2 * unit)
        regions.give(pieces[2], unit)
        regions.give(pieces[3], unit)
    }

    @Test func theSmallestGapThatHoldsItServes() {
        var regions = Regions()
        defer { regions.release() }
        let sizes = [5, 1, 3, 1].map { $0 * unit }
        let pieces = sizes.map { regions.take($0) }
        regions.give(pieces[0], sizes[0])
        regions.give(pieces[2], sizes[2])
        let piece = regions.take(2 * unit)
        #expect(piece == pieces[2])
        regions.give(piece, 2 * unit)
        for place in [1, 3] { regions.give(pieces[place], sizes[place]) }
    }

    @Test func regionsOfWhichNothingIsInUseGoBack() {
        var regions = Regions()
        let first = regions.take(Regions.regionBytes)
        let second = regions.take(1 << 26)
        regions.give(second, 1 << 26)
        regions.release()
        #expect(regions.freeBytes == 0)
        regions.give(first, Regions.regionBytes)
        #expect(regions.freeBytes == Regions.regionBytes)
        regions.release()
        #expect(regions.freeBytes == 0)
    }

    @Test func piecesOfAPowerOfTwoFillARegion() {
        for doubling in 19...24 {
            var regions = Regions()
            defer { regions.release() }
            let size = Regions.size(1 << doubling)
            let pieces = (0..<(1 << (25 - doubling))).map { _ in regions.take(size) }
            #expect(pieces.max()! - pieces.min()! < UInt(Regions.regionBytes))
            for piece in pieces { regions.give(piece, size) }
        }
    }

    @Test func sizesThatGrowDoNotAddUp() {
        var regions = Regions()
        defer { regions.release() }
        for step in 0..<1000 {
            let size = (40 << 20) + step << 12
            regions.give(regions.take(size), size)
            #expect(regions.freeBytes <= 64 << 20)
        }
    }

    /// Pieces of any sizes in any order never lie over each other, and all of it is free in the end.
    @Test func piecesAreApart() {
        var regions = Regions()
        let philox = Philox(seed: 3)
        var used: [(start: UInt, size: Int)] = []
        for step in 0..<4000 {
            let chance = philox(SIMD4(UInt32(step), 0, 0, 0))
            if used.count > 40 || (chance[0] % 2 == 0 && !used.isEmpty) {
                let piece = used.remove(at: Int(chance[1]) % used.count)
                regions.give(piece.start, piece.size)
            } else {
                let size = Regions.size(unit + Int(chance[2] % 8) * unit / 2 + 1)
                let start = regions.take(size)
                #expect(
                    used.allSatisfy { start + UInt(size) <= $0.start || $0.start + UInt($0.size) <= start })
                used.append((start, size))
            }
        }
        for piece in used { regions.give(piece.start, piece.size) }
        regions.release()
        #expect(regions.freeBytes == 0)
    }
}
