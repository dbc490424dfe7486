import Testing

@testable import TensorCore

@Suite struct StoragePoolTests {
    @Test func classesWasteAFifthAtMost() {
        var last = 0
        for bytes in Array(0...5000) + [1 << 20, (1 << 20) + 1, 1_000_000_007] {
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

    @Test func aPieceOfTheNextClassServes() {
        let pool = StoragePool()
        var first: Storage? = Storage(1200, from: pool)
        let place = first?.base
        #expect(pool.bytes == (used: 1280, free: 0))
        first = nil
        var second: Storage? = Storage(1000, from: pool)
        #expect(second?.base == place)
        #expect(pool.bytes == (used: 1280, free: 0))
        second = nil
        // It is still of its own class.
        let third = Storage(1280, from: pool)
        #expect(third.base == place)
        // Two classes up is too far.
        var fourth: Storage? = Storage(1200, from: pool)
        fourth = nil
        let fifth = Storage(896, from: pool)
        #expect(fifth.byteCount == 896 && pool.bytes == (used: 1280 + 896, free: 1280))
        withExtendedLifetime((second, third, fourth, fifth)) {}
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
