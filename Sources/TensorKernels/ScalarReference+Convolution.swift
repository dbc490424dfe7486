public import CTensorKernels

extension ScalarReference {
    /// An fma chain from zero in blocks of 256, folded left.
    private struct Fold {
        private var sum: Float?
        private var chain: Float = 0
        private var count = 0

        mutating func add(_ a: Float, _ b: Float) {
            if count == 256 {
                sum = value
                (chain, count) = (0, 0)
            }
            chain.addProduct(a, b)
            count += 1
        }

        var value: Float { sum.map { $0 + chain } ?? chain }
    }

    /// A channel of a pixel; +0 beyond the image.
    private static func pixel(
        _ x: [Float], _ image: Int, _ row: Int, _ column: Int, _ channel: Int, height: Int, width: Int,
        channels: Int
    ) -> Float {
        guard 0..<height ~= row, 0..<width ~= column else { return 0 }
        return x[((image * height + row) * width + column) * channels + channel]
    }

    public static func convolution(
        _ shape: SluiceConvolution, _ x: [Float], _ w: [Float], bias: [Float]? = nil,
        isRectified: Bool = false
    ) -> [Float] {
        let inputs = shape.channels / shape.groups
        var y: [Float] = []
        for image in 0..<shape.images {
            for (oy, ox) in pairs(shape.outHeight, shape.outWidth) {
                for output in 0..<shape.outputs {
                    let first = output / (shape.outputs / shape.groups) * inputs
                    var fold = Fold()
                    for (ky, kx) in pairs(shape.kernelHeight, shape.kernelWidth) {
                        for channel in 0..<inputs {
                            fold.add(
                                pixel(
                                    x, image, oy * shape.strideY - shape.padTop + ky * shape.dilationY,
                                    ox * shape.strideX - shape.padLeft + kx * shape.dilationX,
                                    first + channel,
                                    height: shape.height, width: shape.width, channels: shape.channels),
                                w[weight(shape, output, ky, kx, channel)])
                        }
                    }
                    var value = fold.value
                    if let bias { value += bias[output] }
                    if isRectified, value < 0 { value = 0 }
                    y.append(value)
                }
            }
        }
        return y
    }

    public static func convolutionInputGradient(
        _ shape: SluiceConvolution, _ dy: [Float], _ w: [Float]
    ) -> [Float] {
        let inputs = shape.channels / shape.groups
        let outputs = shape.outputs / shape.groups
        var dx: [Float] = []
        for image in 0..<shape.images {
            for (iy, ix) in pairs(shape.height, shape.width) {
                for channel in 0..<shape.channels {
                    let group = channel / inputs
                    var fold = Fold()
                    for (ky, kx) in pairs(shape.kernelHeight, shape.kernelWidth) {
                        let row = iy + shape.padTop - ky * shape.dilationY
                        let column = ix + shape.padLeft - kx * shape.dilationX
                        // Between two strides.
                        guard row % shape.strideY == 0, column % shape.strideX == 0 else { continue }
                        for output in group * outputs..<(group + 1) * outputs {
                            fold.add(
                                pixel(
                                    dy, image, row / shape.strideY, column / shape.strideX, output,
                                    height: shape.outHeight, width: shape.outWidth, channels: shape.outputs),
                                w[weight(shape, output, ky, kx, channel % inputs)])
                        }
                    }
                    dx.append(fold.value)
                }
            }
        }
        return dx
    }

    public static func convolutionWeightGradient(
        _ shape: SluiceConvolution, _ dy: [Float], _ x: [Float], segment: Int = 0
    ) -> [Float] {
        let inputs = shape.channels / shape.groups
        let leaf = segment > 0 ? segment : Swift.max(shape.images, 1)
        var dw: [Float] = []
        for output in 0..<shape.outputs {
            let first = output / (shape.outputs / shape.groups) * inputs
            for (ky, kx) in pairs(shape.kernelHeight, shape.kernelWidth) {
                for channel in 0..<inputs {
                    var sum: Float?
                    for start in stride(from: 0, to: shape.images, by: leaf) {
                        var fold = Fold()
                        for image in start..<Swift.min(start + leaf, shape.images) {
                            for (oy, ox) in pairs(shape.outHeight, shape.outWidth) {
                                fold.add(
                                    pixel(
                                        x, image, oy * shape.strideY - shape.padTop + ky * shape.dilationY,
                                        ox * shape.strideX - shape.padLeft + kx * shape.dilationX,
                                        first + channel, height: shape.height, width: shape.width,
                                        channels: shape.channels),
                                    pixel(
                                        dy, image, oy, ox, output, height: shape.outHeight,
                                        width: shape.outWidth, channels: shape.outputs))
                            }
                        }
                        sum = sum.map { $0 + fold.value } ?? fold.value
                    }
                    dw.append(sum ?? 0)
                }
            }
        }
        return dw
    }

    private static func weight(
        _ shape: SluiceConvolution, _ output: Int, _ ky: Int, _ kx: Int, _ channel: Int
    ) -> Int {
        ((output * shape.kernelHeight + ky) * shape.kernelWidth + kx) * (shape.channels / shape.groups)
            + channel
    }

    /// Every row and column, row by row.
    private static func pairs(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
        (0..<rows * columns).map { ($0 / columns, $0 % columns) }
    }
}
