import CTensorKernels
import TensorKernels
import Testing

/// Pools and their gradients against their meaning, bit for bit on each level.
@Suite struct PoolingTests {
    private static func windows(channels: Int) -> [SluiceWindow] {
        func window(
            _ images: Int, _ size: (Int, Int), _ window: (Int, Int), stride: (Int, Int) = (1, 1),
            pad: (Int, Int) = (0, 0), out: (Int, Int)
        ) -> SluiceWindow {
            SluiceWindow(
                images: images, height: size.0, width: size.1, channels: channels, windowHeight: window.0,
                windowWidth: window.1, strideY: stride.0, strideX: stride.1, padTop: pad.0, padLeft: pad.1,
                outHeight: out.0, outWidth: out.1)
        }
        return [
            window(2, (4, 6), (2, 2), stride: (2, 2), out: (2, 3)),
            window(2, (5, 7), (3, 3), stride: (2, 2), pad: (1, 1), out: (3, 4)),
            // More lines and columns of y than x has: windows that end, or lie, in the padding.
            window(1, (4, 3), (3, 2), stride: (2, 1), pad: (1, 1), out: (4, 6)),
            window(1, (3, 5), (3, 5), out: (1, 1)),
            window(3, (1, 1), (1, 1), out: (1, 1)),
            window(1, (2, 2), (1, 1), stride: (3, 3), pad: (2, 2), out: (2, 2)),
            window(0, (2, 2), (2, 2), out: (1, 1)),
        ]
    }

    /// Numbers with ties, zeros of both signs, NaN, infinities and subnormal ones.
    private func mixed(_ count: Int, seed: UInt64) -> [Float] {
        let special: [Float] = [
            0, -0.0, 1, 1, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        ]
        return numbers(count, seed: seed).enumerated().map { index, number in
            index % 5 == 3 ? special[index / 5 % special.count] : (number * 2).rounded() / 2
        }
    }

    @Test func poolsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for channels in [1, 3, 15, 16, 17, 31, 33, 63, 64, 65, 80, 130] {
            for window in Self.windows(channels: channels) {
                check(window, label: "\(channels) \(window.height)x\(window.width)")
            }
        }
    }

    private func check(_ it: SluiceWindow, label: String) {
        let x = mixed(it.images * it.height * it.width * it.channels, seed: 51)
        let lines = it.images * it.outHeight
        let dy = mixed(lines * it.outWidth * it.channels, seed: 52)
        let top = ScalarReference.maxPool(it, x)
        for level in levels {
            let table = level.kernels
            var window = it
            // In two calls, as by two threads.
            func halves(_ length: Int, _ count: Int, _ kernel: (inout [Float], Int, Int) -> Void) -> [Float] {
                var y = [Float](repeating: 7, count: length + 1)
                kernel(&y, 0, count / 2)
                kernel(&y, count / 2, count)
                #expect(y.removeLast() == 7, "\(level) \(label) writes behind the end")
                return y
            }
            let largest = halves(dy.count, lines) { table.maxPool(&window, &$0, x, $1, $2) }
            #expect(bits(largest) == bits(top), "\(level) max \(label)")
            let gradient = halves(x.count, it.images) {
                table.maxPoolGradient(&window, &$0, dy, x, top, $1, $2)
            }
            #expect(
                bits(gradient) == bits(ScalarReference.maxPoolGradient(it, dy, x, top)),
                "\(level) max gradient \(label)")
            for countsPadding in [false, true] {
                let average = halves(dy.count, lines) {
                    table.averagePool(&window, &$0, x, countsPadding ? 1 : 0, $1, $2)
                }
                #expect(
                    bits(average) == bits(ScalarReference.averagePool(it, x, countsPadding: countsPadding)),
                    "\(level) average \(label) \(countsPadding)")
                let gradient = halves(x.count, it.images) {
                    table.averagePoolGradient(&window, &$0, dy, countsPadding ? 1 : 0, $1, $2)
                }
                let expected = ScalarReference.averagePoolGradient(it, dy, countsPadding: countsPadding)
                #expect(
                    bits(gradient) == bits(expected), "\(level) average gradient \(label) \(countsPadding)")
            }
        }
    }

    @Test func aWindowInThePaddingHasNoLargestAndNothingToAverage() {
        var window = SluiceWindow(
            images: 1, height: 1, width: 1, channels: 1, windowHeight: 1, windowWidth: 1, strideY: 1,
            strideX: 1, padTop: 1, padLeft: 0, outHeight: 2, outWidth: 1)
        let table = KernelLevel.best.kernels
        var y: [Float] = [7, 7]
        table.maxPool(&window, &y, [5], 0, 2)
        #expect(y == [-.infinity, 5])
        table.averagePool(&window, &y, [5], 0, 0, 2)
        #expect(y == [0, 5])
    }

    /// What is long enough goes past the caches.
    @Test func longPoolsHaveTheBitsOfTheReferenceOnEveryLevel() {
        var it = SluiceWindow(
            images: 1, height: 257, width: 65, channels: 64, windowHeight: 1, windowWidth: 1, strideY: 1,
            strideX: 1, padTop: 0, padLeft: 0, outHeight: 257, outWidth: 65)
        let count = it.height * it.width * it.channels
        let x = mixed(count, seed: 53)
        let storage = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        defer { storage.deallocate() }
        let y = storage.bindMemory(to: Float.self, capacity: count)
        for level in levels {
            level.kernels.maxPool(&it, y, x, 0, it.outHeight)
            #expect(bits(Array(UnsafeBufferPointer(start: y, count: count))) == bits(x), "\(level)")
        }
    }
}
