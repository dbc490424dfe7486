import TensorCore
import TensorKernels
import Testing

/// Elementwise functions, sums and moves over any layouts, beside what indices say.
@Suite struct ElementwiseTests {
    private let context = TensorContext(threads: 3, grain: 1)

    private func tensor(_ shape: Shape, seed: UInt64) throws -> Tensor {
        let philox = Philox(seed: seed)
        let values = (0..<shape.count).map {
            Float(philox(SIMD4(UInt32($0), 0, 0, 0))[0] >> 8) / 8_388_608 + 0.5
        }
        return try Tensor(values, shape, in: context)
    }

    /// The element at a place, counted in the shape it is repeated to.
    private func element(_ values: [Float], _ shape: Shape, _ place: Int, in whole: Shape) -> Float {
        var (rest, at, stride) = (place, 0, 1)
        for axis in whole.sizes.indices.reversed() {
            let index = rest % whole.sizes[axis]
            rest /= whole.sizes[axis]
            let own = axis - (whole.rank - shape.rank)
            guard own >= 0 else { continue }
            at += (shape.sizes[own] == 1 ? 0 : index) * stride
            stride *= shape.sizes[own]
        }
        return values[at]
    }

    /// The same elements with other strides.
    private func views(_ tensor: Tensor) throws -> [Tensor] {
        guard tensor.shape.rank > 1 else { return [tensor] }
        let axes = Array(tensor.shape.sizes.indices.reversed())
        let wide = try tensor.unsqueezed(-1).expanded(to: Shape(tensor.shape.sizes + [2])).copied()
        return [
            tensor, try tensor.permuted(axes).copied().permuted(axes),
            try wide.sliced(-1, 0..<1).squeezed(-1),
        ]
    }

    @Test func operandsOfAnyShapeAndLayoutMeetElementByElement() throws {
        for (left, right) in [
            ([], []), ([5], [5]), ([5], []), ([], [2, 3]), ([4, 3], [3]), ([4, 3], [4, 1]),
            ([4, 1], [1, 3]),
            ([2, 3, 4], [3, 1]), ([2, 3, 4], [2, 1, 1]), ([2, 1, 4], [1, 3, 1]),
            ([3, 5, 4, 6], [3, 1, 1, 6]),
            ([1, 1], [4, 1]), ([0, 3], [3]), ([70, 33], [33]), ([300, 400], [300, 400]),
        ] as [([Int], [Int])] {
            let (a, b) = (try tensor(Shape(left), seed: 1), try tensor(Shape(right), seed: 2))
            let whole = try a.shape.broadcast(with: b.shape)
            let (x, y): ([Float], [Float]) = (try a.values(), try b.values())
            for a in try views(a) {
                for b in try views(b) {
                    for (name, found, expected) in [
                        ("+", try a + b, { $0 + $1 }), ("-", try a - b, { $0 - $1 }),
                        ("*", try a * b, { $0 * $1 }), ("/", try a / b, { $0 / $1 }),
                    ] as [(String, Tensor, (Float, Float) -> Float)] {
                        let values: [Float] = try found.values()
                        #expect(found.shape == whole)
                        let wrong = values.indices.first {
                            values[$0]
                                != expected(
                                    element(x, a.shape, $0, in: whole), element(y, b.shape, $0, in: whole))
                        }
                        #expect(wrong == nil, "\(left) \(name) \(right)")
                    }
                }
            }
        }
    }

    /// Both operands are repeated along the last axis.
    @Test func repeatedViewsMeetToo() throws {
        let a = try tensor([3, 1], seed: 1).expanded(to: [3, 4])
        let b = try tensor([3, 1], seed: 2).expanded(to: [3, 4])
        #expect(try (a + b).values(Float.self) == (a.copied() + b.copied()).values(Float.self))
    }

    @Test func sumsOverAnyAxesAreThoseOfIndices() throws {
        let shape: Shape = [3, 4, 2, 5]
        for x in try views(tensor(shape, seed: 3)) {
            let values: [Float] = try x.values()
            for mask in 0..<16 {
                let axes = (0..<4).filter { mask >> $0 & 1 == 1 }
                let kept = Shape(shape.sizes.indices.map { axes.contains($0) ? 1 : shape.sizes[$0] })
                var expected = [Double](repeating: 0, count: kept.count)
                for place in values.indices {
                    var (rest, at, stride) = (place, 0, 1)
                    for axis in (0..<4).reversed() {
                        if !axes.contains(axis) {
                            at += rest % shape.sizes[axis] * stride
                            stride *= shape.sizes[axis]
                        }
                        rest /= shape.sizes[axis]
                    }
                    expected[at] += Double(values[place])
                }
                let sum = try x.sum(axes)
                #expect(sum.shape == kept)
                for (one, other) in zip(try sum.values(Float.self), expected) {
                    #expect((Double(one) - other).magnitude < 1e-5 * other, "axes \(axes)")
                }
            }
        }
    }

    @Test func partsStandOneBehindTheOther() throws {
        let (a, b) = (try tensor([2, 3], seed: 1), try tensor([2, 2], seed: 2))
        let whole = try Tensor.concatenated([a, b.transposed().copied().transposed()], 1)
        #expect(try whole.sliced(1, 0..<3).values(Float.self) == a.values(Float.self))
        #expect(try whole.sliced(1, 3..<5).values(Float.self) == b.values(Float.self))
        #expect(throws: TensorError.concatenate([2, 2], onto: [2, 3], axis: 0)) {
            try Tensor.concatenated([a, b], 0)
        }
    }

    @Test func elementsOfOtherTypesAreConverted() throws {
        let x = try Tensor([-1.75, 0, 2.5] as [Float], [3], in: context)
        #expect(try x.converted(to: .i32).values(Int32.self) == [-1, 0, 2])
        #expect(try x.converted(to: .bool).values(Bool.self) == [true, false, true])
        #expect(throws: TensorError.value("-1.75", dtype: .u8)) { try x.converted(to: .u8) }
        #expect(
            try Tensor([true, false], [2], in: context).converted(to: .f32).values(Float.self) == [1, 0])
        #expect(try x.argMax().values(Int32.self) == [2])
        #expect(try Tensor([1, .nan, 3] as [Float], [3], in: context).argMax().values(Int32.self) == [1])
    }

    /// Every wrong shape is an error that says both shapes, or the rule.
    @Test func errorsSayWhatIsWrong() throws {
        let (x, w) = (try tensor([2, 5, 5, 3], seed: 1), try tensor([4, 3, 3, 2], seed: 2))
        func text(_ body: () throws -> Tensor) -> String {
            do {
                _ = try body()
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(
            text { try x.convolution(w, Steps()) }
                == "images [2, 5, 5, 3] by kernels [4, 3, 3, 2] in 1 groups: 3 channels and 4 outputs must both be "
                + "divided by the groups, and a kernel have the channels of one of them")
        #expect(
            text { try x.maxPool((7, 7), Steps()) }
                == "a kernel of 7 with dilation 1 reaches over 7 pixels; images have 5, with padding 5")
        #expect(
            text { try x.crossEntropies(Labels(Tensor([0] as [Int32], [1], in: context))) }
                == "labels has shape [1]; [2, 5, 5] is needed")
        #expect(
            text {
                try tensor([2, 3], seed: 1).crossEntropies(
                    Labels(Tensor([0, 3] as [Int32], [2], in: context)))
            }
                == "label 3 of row 1: labels of 3 classes go from 0 to 2")
        #expect(
            text { try tensor([4, 2], seed: 1).rows(Tensor([4] as [Int32], [1], in: context)) }
                == "row 4 of a table of 4 rows: numbers go from 0 to 3")
        #expect(
            text { try x.dropping(Drops(chance: 1, seed: 0, step: 0, layer: 0)) }
                == "a chance to drop of 1.0: it must lie in 0..<1")
    }
}
