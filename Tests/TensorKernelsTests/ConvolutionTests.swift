import CTensorKernels
import Glibc
import TensorKernels
import Testing

/// Floats with a page behind them that may not be touched.
private final class Fenced {
    let floats: UnsafeMutablePointer<Float>
    let count: Int
    private let start: UnsafeMutableRawPointer
    private let bytes: Int

    init(_ values: [Float]) {
        count = values.count
        bytes = (4 * count + 4095) / 4096 * 4096 + 4096
        start = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        mprotect(start + (bytes - 4096), 4096, PROT_NONE)
        floats = (start + (bytes - 4096 - 4 * count)).bindMemory(to: Float.self, capacity: max(count, 1))
        for (index, value) in values.enumerated() { floats[index] = value }
    }

    convenience init(_ count: Int) { self.init([Float](repeating: .nan, count: count)) }

    deinit { munmap(start, bytes) }

    var values: [Float] { (0..<count).map { floats[$0] } }
}

/// Convolutions and their gradients against their meaning, bit for bit on each level.
@Suite struct ConvolutionTests {
    private func shape(
        images: Int = 2, _ height: Int, _ width: Int, _ channels: Int, _ outputs: Int,
        kernel: (Int, Int) = (3, 3), stride: (Int, Int) = (1, 1), pad: (Int, Int) = (1, 1),
        dilation: (Int, Int) = (1, 1), groups: Int = 1, out: (Int, Int)? = nil
    ) -> SluiceConvolution {
        func count(_ size: Int, _ kernel: Int, _ stride: Int, _ pad: Int, _ dilation: Int) -> Int {
            max((size + 2 * pad - (kernel - 1) * dilation - 1 + stride) / stride, 0)
        }
        return SluiceConvolution(
            images: images, height: height, width: width, channels: channels, outputs: outputs,
            kernelHeight: kernel.0, kernelWidth: kernel.1, strideY: stride.0, strideX: stride.1,
            padTop: pad.0, padLeft: pad.1, dilationY: dilation.0, dilationX: dilation.1, groups: groups,
            outHeight: out?.0 ?? count(height, kernel.0, stride.0, pad.0, dilation.0),
            outWidth: out?.1 ?? count(width, kernel.1, stride.1, pad.1, dilation.1))
    }

    /// Numbers with some special ones strewn in.
    private func mixed(_ count: Int, seed: UInt64, _ isSpecial: Bool) -> [Float] {
        var x = numbers(count, seed: seed)
        let special: [Float] = [-0.0, .infinity, .nan, 0, .leastNonzeroMagnitude, -.infinity, -1e-30]
        if isSpecial {
            for index in stride(from: 5, to: count, by: 11) { x[index] = special[index / 11 % 7] }
        }
        return x
    }

    /// Ranges that make up `0..<count`, cut at every `part`.
    private func ranges(_ count: Int, _ part: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: part).map { $0..<min($0 + part, count) }
    }

    private func check(
        _ shape: SluiceConvolution, segments: [Int] = [0], parts: [Int] = [1 << 40], isSpecial: Bool = false
    ) {
        let x = mixed(shape.images * shape.height * shape.width * shape.channels, seed: 31, isSpecial)
        let w = mixed(
            shape.outputs * shape.kernelHeight * shape.kernelWidth * (shape.channels / shape.groups),
            seed: 32,
            isSpecial)
        let dy = mixed(shape.images * shape.outHeight * shape.outWidth * shape.outputs, seed: 33, isSpecial)
        let bias = numbers(shape.outputs, seed: 34)
        let plainly = bits(ScalarReference.convolution(shape, x, w))
        let biased = bits(ScalarReference.convolution(shape, x, w, bias: bias, isRectified: true))
        let dx = bits(ScalarReference.convolutionInputGradient(shape, dy, w))
        let dw = segments.map { bits(ScalarReference.convolutionWeightGradient(shape, dy, x, segment: $0)) }
        let (fencedX, fencedW, fencedDY, fencedBias) = (Fenced(x), Fenced(w), Fenced(dy), Fenced(bias))
        var shape = shape
        for level in levels {
            let table = level.kernels
            let workspace = Fenced(table.convolutionWorkspace(&shape))
            for part in parts {
                let y = Fenced(dy.count)
                for lines in ranges(shape.images * shape.outHeight, part) {
                    table.convolution(
                        &shape, y.floats, fencedX.floats, fencedW.floats, nil, 0, lines.lowerBound,
                        lines.upperBound, workspace.floats)
                }
                #expect(bits(y.values) == plainly, "\(level) \(shape), \(part) lines")
                for lines in ranges(shape.images * shape.outHeight, part) {
                    table.convolution(
                        &shape, y.floats, fencedX.floats, fencedW.floats, fencedBias.floats, 1,
                        lines.lowerBound, lines.upperBound, workspace.floats)
                }
                #expect(bits(y.values) == biased, "\(level) \(shape), \(part) lines, bias and relu")
                let input = Fenced(x.count)
                for lines in ranges(shape.images * shape.height, part) {
                    table.convolutionInputGradient(
                        &shape, input.floats, fencedDY.floats, fencedW.floats, lines.lowerBound,
                        lines.upperBound, workspace.floats)
                }
                #expect(bits(input.values) == dx, "\(level) \(shape), dx, \(part) lines")
                for (segment, expected) in zip(segments, dw) {
                    let weights = Fenced(w.count)
                    let count = table.depthwiseParts(&shape, segment)
                    let chains = Fenced(count * table.depthwisePartFloats(&shape))
                    for parts in ranges(count, part) {
                        table.depthwiseWeightChains(
                            &shape, chains.floats, fencedDY.floats, fencedX.floats, segment, parts.lowerBound,
                            parts.upperBound, workspace.floats)
                    }
                    if count > 0 {
                        for channels in ranges(shape.channels, max(part / 16, 1) * 16) {
                            table.depthwiseWeightFolds(
                                &shape, weights.floats, chains.floats, segment, channels.lowerBound,
                                channels.upperBound)
                        }
                    } else {
                        let one = shape.kernelHeight * shape.kernelWidth * shape.channels / shape.groups
                        for outputs in ranges(shape.outputs, part) {
                            for some in ranges(one, max(one / 3, 1)) {
                                table.convolutionWeightGradient(
                                    &shape, weights.floats, fencedDY.floats, fencedX.floats, segment,
                                    outputs.lowerBound, outputs.upperBound, some.lowerBound, some.upperBound,
                                    workspace.floats)
                            }
                        }
                    }
                    #expect(
                        bits(weights.values) == expected, "\(level) \(shape), dw, \(part), segment \(segment)"
                    )
                }
            }
        }
    }

    @Test func smallImagesAndKernelsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for height in 1...4 {
            for width in 1...4 {
                for kernel in [(1, 1), (1, 3), (2, 1), (3, 3), (4, 2)] {
                    for pad in [(0, 0), (1, 1), (0, 2)] {
                        check(shape(height, width, 2, 3, kernel: kernel, pad: pad))
                    }
                }
            }
        }
    }

    @Test func stridesAndDilationsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for stride in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (4, 2)] {
            for dilation in [(1, 1), (2, 2), (1, 3), (4, 2)] {
                for kernel in [(1, 1), (2, 3), (3, 3), (5, 2)] {
                    for pad in [(0, 0), (1, 2), (3, 3)] {
                        check(
                            shape(
                                images: 1, 9, 7, 3, 2, kernel: kernel, stride: stride, pad: pad,
                                dilation: dilation))
                    }
                }
            }
        }
    }

    @Test func channelsAroundVectorsAndTilesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for channels in [1, 2, 15, 16, 17, 31, 32, 33, 64, 65] {
            for outputs in [1, 3, 15, 16, 17, 32, 33, 48, 64, 65] {
                check(shape(images: 1, 3, 5, channels, outputs, kernel: (2, 3), pad: (0, 1)))
            }
        }
        for channels in [0, 1, 5, 16, 70] {
            for outputs in [1, 16, 40, 130] {
                check(shape(3, 4, channels, outputs, kernel: (1, 1), pad: (0, 0)), segments: [0, 1])
            }
        }
    }

    /// More taps and channels than a block, more pixels than one and than a band, lines of any length.
    @Test func blocksAndBandsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for channels in [28, 29, 57] { check(shape(images: 1, 3, 4, channels, 18)) }
        for width in [1, 2, 7, 8, 9, 13, 26, 28] {
            check(shape(images: 1, 520 / width, width, 1, 17), parts: [1 << 40, 7])
        }
        check(shape(images: 40, 4, 4, 2, 3, pad: (0, 0)), segments: [0, 7])
        check(shape(images: 40, 4, 4, 2, 3, stride: (2, 2)), segments: [0, 7])
        check(shape(1, 600, 1, 2, kernel: (1, 3), pad: (0, 1)))
        check(shape(1, 600, 2, 1, kernel: (1, 300), stride: (1, 2), pad: (0, 7)))
        // Sums of so many weights that the outputs are taken in several chunks.
        check(shape(images: 1, 2, 2, 470, 70))
    }

    /// Tiles of 64 columns, alone and beside others, over one block and several, of one band and two.
    @Test func broadOnesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for outputs in [64, 80, 112, 128, 144] {
            check(shape(images: 1, 4, 6, 8, outputs), segments: [0], parts: [1 << 40, 3])
            check(shape(images: 1, 4, 6, outputs, 8), parts: [1 << 40, 3])
        }
        // Pixels beyond a block, fours of them and not; read in place and packed.
        for outputs in [96, 144] {
            check(shape(images: 1, 13, 21, 16, outputs))
            check(shape(images: 2, 12, 22, 4, outputs), segments: [0, 1])
        }
        check(shape(5, 7, 128, 128, stride: (2, 2), groups: 2), parts: [1 << 40, 1])
        check(shape(images: 1, 3, 5, 176, 64, dilation: (1, 2)))
        check(shape(images: 1, 20, 26, 4, 64), parts: [1 << 40, 3])
    }

    @Test func groupsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for groups in [2, 3, 4] {
            for (inputs, outputs) in [(1, 1), (1, 2), (2, 1), (3, 5), (16, 16), (17, 33)] {
                for stride in [(1, 1), (2, 3)] {
                    check(
                        shape(4, 5, groups * inputs, groups * outputs, stride: stride, groups: groups),
                        segments: [0, 1], parts: [1 << 40, 3])
                }
            }
        }
        check(shape(4, 5, 4, 6, pad: (0, 0), groups: 2), parts: [1 << 40, 1])
        // Read where they lie, beside other channels, in fours.
        check(shape(7, 9, 24, 70, pad: (0, 0), groups: 2))
    }

    @Test func depthwiseConvolutionsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for channels in [1, 2, 15, 16, 17, 32, 47, 64] {
            for width in [1, 3, 4, 7, 8, 9, 10, 11, 19, 33] {
                check(
                    shape(3, width, channels, channels, groups: channels), segments: [0, 1],
                    parts: [1 << 40, 5])
            }
        }
        for stride in [(1, 1), (2, 2), (3, 1), (1, 4)] {
            for dilation in [(1, 1), (2, 3)] {
                for kernel in [(1, 1), (3, 3), (5, 2), (4, 4)] {
                    for pad in [(0, 0), (1, 1), (4, 5)] {
                        check(
                            shape(
                                7, 23, 18, 18, kernel: kernel, stride: stride, pad: pad, dilation: dilation,
                                groups: 18))
                    }
                }
            }
        }
        for pad in [(0, 0), (1, 1)] {
            for channels in [127, 128, 129, 160, 300] {
                check(
                    shape(images: 1, 4, 5, channels, channels, pad: pad, groups: channels),
                    parts: [1 << 40, 70])
            }
        }
        // Blocks that begin and end within lines, and lines in pairs and alone.
        for (height, pad) in [(20, (1, 1)), (21, (1, 1)), (21, (2, 0)), (20, (0, 2)), (12, (3, 4))] {
            check(
                shape(images: 3, height, 23, 35, 35, pad: pad, groups: 35), segments: [0, 1, 2],
                parts: [1 << 40, 1, 3])
        }
        check(shape(images: 3, 20, 21, 160, 160, groups: 160), segments: [2], parts: [1 << 40, 3])
        // Three taps between strides: the gradient of the input goes in pairs of every second line.
        for (kernel, pad, dilation) in [
            ((5, 5), (2, 2), (1, 1)), ((6, 6), (2, 3), (1, 1)), ((3, 3), (1, 1), (2, 2)),
        ] {
            for height in [10, 11, 12, 13] {
                check(
                    shape(
                        height, 17, 20, 20, kernel: kernel, stride: (2, 2), pad: pad, dilation: dilation,
                        groups: 20), parts: [1 << 40, 1, 3])
            }
        }
        // Outputs that are not those the image has by nature.
        for out in [(4, 4), (5, 7), (7, 12), (3, 5)] {
            check(shape(5, 6, 20, 20, groups: 20, out: out), segments: [0, 1], parts: [1 << 40, 1])
        }
        // More taps than a block, more pixels than one.
        check(
            shape(images: 1, 20, 21, 17, 17, kernel: (17, 17), pad: (8, 8), groups: 17), parts: [1 << 40, 3])
        check(shape(images: 3, 1, 300, 16, 16, kernel: (1, 2), pad: (0, 0), groups: 16), segments: [0, 1, 2])
    }

    @Test func splitsAndSegmentsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for (stride, kernel) in [((1, 1), (3, 3)), ((2, 2), (3, 3)), ((1, 1), (1, 1)), ((3, 2), (2, 4))] {
            for pad in [(0, 0), (1, 1)] {
                check(
                    shape(images: 5, 6, 7, 3, 19, kernel: kernel, stride: stride, pad: pad),
                    segments: [0, 1, 2, 3, 5, 9], parts: [1 << 40, 1, 2, 4, 18])
            }
        }
    }

    /// What is beyond the image is zero and multiplied like anything: by an infinite weight it is NaN.
    @Test func specialNumbersHaveTheBitsOfTheReferenceOnEveryLevel() {
        for (channels, outputs, groups) in [(2, 3, 1), (16, 32, 1), (20, 20, 20), (6, 4, 2)] {
            for stride in [(1, 1), (2, 2)] {
                for kernel in [(1, 1), (3, 3), (2, 5)] {
                    check(
                        shape(5, 11, channels, outputs, kernel: kernel, stride: stride, groups: groups),
                        segments: [0, 1], isSpecial: true)
                }
            }
        }
    }

    /// Results so long that they go past the caches: many times one image.
    @Test func longResultsHaveTheBitsOfTheReferenceOnEveryLevel() {
        checkLong(shape(images: 1, 32, 32, 1, 16), images: 64)
        checkLong(shape(images: 1, 32, 32, 29, 16), images: 64)
        checkLong(shape(images: 1, 16, 33, 16, 29), images: 128)
        checkLong(shape(images: 1, 16, 33, 5, 48, kernel: (1, 1), pad: (0, 0)), images: 64)
        checkLong(shape(images: 1, 16, 33, 48, 5, kernel: (1, 1), pad: (0, 0)), images: 64)
        checkLong(shape(images: 1, 32, 35, 16, 5, stride: (2, 2)), images: 64)
        checkLong(shape(images: 1, 16, 33, 4, 64), images: 64)
        checkLong(shape(images: 1, 16, 33, 64, 4), images: 64)
        for stride in [(1, 1), (2, 2)] {
            checkLong(shape(images: 1, 32, 35, 32, 32, stride: stride, groups: 32), images: 128)
        }
    }

    private func checkLong(_ one: SluiceConvolution, images: Int) {
        let x = numbers(one.height * one.width * one.channels, seed: 35)
        let w = numbers(
            one.outputs * one.kernelHeight * one.kernelWidth * (one.channels / one.groups), seed: 36)
        let dy = numbers(one.outHeight * one.outWidth * one.outputs, seed: 37)
        let bias = numbers(one.outputs, seed: 38)
        let y = bits(ScalarReference.convolution(one, x, w, bias: bias, isRectified: true))
        let dx = bits(ScalarReference.convolutionInputGradient(one, dy, w))
        func many(_ one: [Float]) -> Fenced { Fenced((0..<images).flatMap { _ in one }) }
        let (manyX, manyDY) = (many(x), many(dy))
        var shape = one
        shape.images = images
        for level in levels {
            let table = level.kernels
            let workspace = Fenced(table.convolutionWorkspace(&shape))
            let (out, input) = (Fenced(images * y.count), Fenced(images * dx.count))
            table.convolution(
                &shape, out.floats, manyX.floats, w, bias, 1, 0, images * shape.outHeight, workspace.floats)
            table.convolutionInputGradient(
                &shape, input.floats, manyDY.floats, w, 0, images * shape.height, workspace.floats)
            let (outs, inputs) = (bits(out.values), bits(input.values))
            for image in 0..<images {
                #expect(outs[(image * y.count)..<((image + 1) * y.count)] == y, "\(level) \(shape) \(image)")
                #expect(
                    inputs[(image * dx.count)..<((image + 1) * dx.count)] == dx,
                    "\(level) \(shape), dx, \(image)")
            }
        }
    }

    @Test func emptyOnesHaveTheBitsOfTheReferenceOnEveryLevel() {
        check(shape(images: 0, 3, 3, 2, 2), segments: [0, 1])
        check(shape(0, 3, 2, 2), segments: [0, 1])
        check(shape(3, 0, 2, 2))
        check(shape(3, 3, 0, 2))
        check(shape(3, 3, 2, 0))
        check(shape(2, 2, 2, 2, kernel: (4, 4), pad: (0, 0)), segments: [0, 1])
        check(shape(2, 2, 4, 4, kernel: (4, 4), pad: (0, 0), groups: 4), segments: [0, 1])
        check(shape(3, 3, 2, 2, kernel: (0, 0), out: (3, 3)))
        // Fewer and more outputs than the image and its padding call for.
        check(shape(5, 6, 3, 4, out: (2, 3)))
        check(shape(5, 6, 3, 4, out: (7, 9)))
        check(shape(5, 6, 3, 3, groups: 3, out: (7, 12)))
        check(shape(5, 6, 3, 3, stride: (2, 2), groups: 3, out: (7, 12)))
    }
}
