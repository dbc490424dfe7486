import CTensorKernels
import TensorKernels
import Testing

/// The recurrent cell, images of another size and dropout against their meaning,
/// bit for bit on each level.
@Suite struct RecurrentTests {
    private static let widths = [1, 3, 15, 16, 17, 31, 33, 63, 64, 65, 79, 80, 128, 130]

    private func mixed(_ count: Int, seed: UInt64) -> [Float] {
        var x = numbers(count, seed: seed)
        let special: [Float] = [.nan, .infinity, -.infinity, .leastNonzeroMagnitude, -0.0, 90]
        for (i, value) in special.enumerated() where 9 * i < count { x[(i * 41) % count] = value }
        return x
    }

    @Test func theGatedCellHasTheBitsOfTheReferenceOnEveryLevel() {
        for hidden in [0] + Self.widths {
            let rows = 3
            let (i, s) = (mixed(3 * rows * hidden, seed: 91), numbers(3 * rows * hidden, seed: 92))
            let (previous, dh) = (mixed(rows * hidden, seed: 93), numbers(rows * hidden, seed: 94))
            var (h, gates) = (previous, [Float](repeating: 0, count: 4 * rows * hidden))
            var (di, ds, dp) = (i, s, previous)
            for at in previous.indices {
                let (row, unit) = (at / hidden, at % hidden)
                let (a, g) = (3 * row * hidden + unit, 4 * row * hidden + unit)
                let cell = ScalarReference.gruCell(
                    input: (i[a], i[a + hidden], i[a + 2 * hidden]),
                    hidden: (s[a], s[a + hidden], s[a + 2 * hidden]), previous: previous[at])
                h[at] = cell.h
                for (place, gate) in [cell.r, cell.z, cell.n, cell.state].enumerated() {
                    gates[g + place * hidden] = gate
                }
                let slope = ScalarReference.gruCellGradient(
                    dh[at], r: cell.r, z: cell.z, n: cell.n, state: cell.state, previous: previous[at])
                for (place, pair) in [(slope.r, slope.r), (slope.z, slope.z), (slope.n, slope.state)]
                    .enumerated()
                {
                    (di[a + place * hidden], ds[a + place * hidden]) = pair
                }
                dp[at] = slope.previous
            }
            for level in levels {
                let table = level.kernels
                var (a, b) = (previous + [7], gates + [7])
                table.gruCell(&a, &b, i, s, previous, rows, hidden)
                #expect(bits(a) == bits(h + [7]), "\(level) \(hidden)")
                #expect(bits(b) == bits(gates + [7]), "\(level) \(hidden)")
                var (c, d) = (i + [7], s + [7])
                table.gruCellGradient(&c, &d, &a, dh, gates, previous, rows, hidden)
                #expect(bits(c) == bits(di + [7]), "\(level) \(hidden)")
                #expect(bits(d) == bits(ds + [7]), "\(level) \(hidden)")
                #expect(bits(a) == bits(dp + [7]), "\(level) \(hidden)")
            }
        }
    }

    /// torch.nn.GRUCell(3, 1) with the identity as `weight_ih`, (1, 2, -0.5) / 0.75 as `weight_hh`
    /// and no biases, of the input (0.5, -1, 0.25) and the state 0.75.
    @Test func theCellIsThatOfPyTorch() {
        let cell = ScalarReference.gruCell(input: (0.5, -1, 0.25), hidden: (1, 2, -0.5), previous: 0.75)
        #expect(abs(cell.h - 0.505_944_85) < 1e-6, "\(cell.h)")
    }

    @Test func resizedImagesHaveTheBitsOfTheReferenceOnEveryLevel() {
        let sizes: [((Int, Int), (Int, Int))] = [
            ((4, 5), (8, 10)), ((7, 6), (3, 4)), ((1, 1), (3, 2)), ((5, 3), (1, 1)), ((3, 4), (3, 4)),
            ((2, 9), (7, 5)),
        ]
        for channels in Self.widths {
            for ((height, width), (outHeight, outWidth)) in sizes {
                for alignsCorners in [false, true] {
                    let images = 2
                    let x = mixed(images * height * width * channels, seed: 95)
                    let dy = numbers(images * outHeight * outWidth * channels, seed: 96)
                    let y = ScalarReference.bilinearResize(
                        x, images: images, size: (height, width), channels: channels,
                        out: (outHeight, outWidth), alignsCorners: alignsCorners)
                    let dx = ScalarReference.bilinearResizeGradient(
                        dy, images: images, size: (height, width), channels: channels,
                        out: (outHeight, outWidth), alignsCorners: alignsCorners)
                    let label = "\(height)x\(width) \(outHeight)x\(outWidth)x\(channels) \(alignsCorners)"
                    for level in levels {
                        let table = level.kernels
                        var a = [Float](repeating: 7, count: y.count + 1)
                        for (from, to) in [(0, outHeight / 2), (outHeight / 2, images * outHeight)] {
                            table.bilinearResize(
                                &a, x, images, height, width, channels, outHeight, outWidth,
                                alignsCorners ? 1 : 0, from, to)
                        }
                        #expect(bits(a) == bits(y + [7]), "\(level) \(label)")
                        var b = [Float](repeating: 7, count: dx.count + 1)
                        for image in 0..<images {
                            table.bilinearResizeGradient(
                                &b, dy, images, height, width, channels, outHeight, outWidth,
                                alignsCorners ? 1 : 0, image, image + 1)
                        }
                        #expect(bits(b) == bits(dx + [7]), "\(level) \(label)")
                    }
                }
            }
        }
    }

    /// torch.nn.functional.interpolate(torch.tensor([[[[0., 1., 4.]]]]), (1, 5), mode="bilinear").
    @Test func resizingIsThatOfPyTorch() {
        func resized(_ alignsCorners: Bool) -> [Float] {
            ScalarReference.bilinearResize(
                [0, 1, 4], images: 1, size: (1, 3), channels: 1, out: (1, 5), alignsCorners: alignsCorners)
        }
        for (ours, theirs) in zip(resized(false), [0, 0.4, 1, 2.8, 4]) {
            #expect(abs(ours - Float(theirs)) < 1e-6)
        }
        #expect(resized(true) == [0, 0.5, 1, 2.5, 4])
    }

    @Test func dropoutHasTheBitsOfTheReferenceOnEveryLevel() {
        let philox = Philox(seed: 0x0123_4567_89AB_CDEF)
        let samples = [5, 3, 1 << 32 | 9, 5]
        for columns in [0] + Self.widths {
            let x = mixed(4 * columns, seed: 97)
            for (threshold, isListed) in [
                (0 as UInt32, false), (.max, true), (1 << 30, false), (3 << 29, true),
            ] {
                let expected = x.indices.map {
                    ScalarReference.dropout(
                        x[$0], j: $0 % columns, scale: 1.25, threshold: threshold, philox: philox, step: 12,
                        layer: 3, sample: isListed ? samples[$0 / columns] : 17 + $0 / columns)
                }
                for level in levels {
                    var y = x + [7]
                    func ours(_ samples: UnsafePointer<Int>?) {
                        level.kernels.dropout(
                            &y, x, 1.25, threshold, philox.key.0, philox.key.1, 12, 3, samples, 17, 4, columns
                        )
                    }
                    if isListed {
                        samples.withUnsafeBufferPointer { ours($0.baseAddress) }
                    } else {
                        ours(nil)
                    }
                    #expect(bits(y) == bits(expected + [7]), "\(level) \(columns) \(threshold)")
                }
            }
        }
    }

    @Test func dropoutDropsTheShareItIsTold() {
        let x = [Float](repeating: 1, count: 100_000)
        var y = x
        KernelLevel.best.kernels.dropout(&y, x, 4 / 3.0, 1 << 30, 1, 2, 0, 0, nil, 0, 100, 1000)
        let dropped = y.count { $0 == 0 }
        #expect(abs(dropped - 25_000) < 600, "\(dropped)")
    }
}
