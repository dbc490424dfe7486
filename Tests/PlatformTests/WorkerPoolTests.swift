import Glibc
import Platform
import Testing

@Suite struct WorkerPoolTests {
    /// How often each share was done.
    private func counts(_ pool: WorkerPool, _ shares: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: max(0, shares))
        counts.withUnsafeMutableBufferPointer { counts in
            let place = counts.baseAddress
            nonisolated(unsafe) let start = place
            pool.run(shares) { start?[$0] += 1 }
        }
        return counts
    }

    @Test(arguments: [1, 2, 3, 8])
    func eachShareIsDoneOnce(size: Int) {
        let pool = WorkerPool(size: size)
        for shares in 0...(2 * size + 3) {
            for _ in 0..<50 { #expect(counts(pool, shares) == [Int](repeating: 1, count: shares)) }
        }
    }

    @Test(arguments: [1, 2, 3, 8])
    func eachItemIsTakenOnce(size: Int) {
        let pool = WorkerPool(size: size)
        for items in [0, 1, 2, 3, 7, 100] {
            for _ in 0..<50 {
                var counts = [Int](repeating: 0, count: items)
                counts.withUnsafeMutableBufferPointer { counts in
                    nonisolated(unsafe) let start = counts.baseAddress
                    pool.runEach(items) { start?[$0] += 1 }
                }
                #expect(counts == [Int](repeating: 1, count: items))
            }
        }
    }

    /// Tasks at once behind each other find spinning workers, later ones
    /// sleeping ones, and those in between workers that are just falling asleep.
    @Test(arguments: [0, 25, 31, 40, 500])
    func workersAreFoundAwakeAndAsleep(pause: UInt32) {
        let pool = WorkerPool(size: 3)
        var total = 0
        for round in 0..<(pause < 100 ? 2000 : 200) {
            total += counts(pool, 2 + round % 2).reduce(0, +)
            if pause > 0 { usleep(pause) }
        }
        #expect(total == (pause < 100 ? 5000 : 500))
    }

    @Test func aShareAlwaysFallsToTheSameThread() {
        let pool = WorkerPool(size: 3)
        func threads() -> [UInt] {
            var found = [UInt](repeating: 0, count: 3)
            found.withUnsafeMutableBufferPointer { found in
                nonisolated(unsafe) let start = found.baseAddress!
                pool.run(3) { start[$0] = UInt(pthread_self()) }
            }
            return found
        }
        let first = threads()
        #expect(Set(first).count == 3 && first[0] == UInt(pthread_self()))
        for _ in 0..<100 { #expect(threads() == first) }
    }

    @Test func aPoolThatIsLetGoLeavesNoThread() throws {
        func threadCount() -> Int {
            var info = stat()
            return stat("/proc/self/task", &info) == 0 ? Int(info.st_nlink) - 2 : 0
        }
        for _ in 0..<200 {
            let pool = WorkerPool(size: 4)
            #expect(counts(pool, 4) == [1, 1, 1, 1])
        }
        // Other tests have threads of their own, but no hundreds of them.
        #expect(threadCount() < 200)
    }
}
