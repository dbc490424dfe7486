import TensorCore
import TensorKernels
import Testing

@Suite struct ProductTests {
    private func floats(_ count: Int, seed: UInt64) -> [Float] {
        let philox = Philox(seed: seed)
        return (0..<count).map { Float(philox(SIMD4(UInt32($0), 0, 0, 0))[0] >> 8) / 8_388_608 - 1 }
    }

    private func bits(_ tensor: Tensor) throws -> [UInt32] { try tensor.values(Float.self).map(\.bitPattern) }

    /// The same tensor as a view with other strides.
    private func view(_ tensor: Tensor, _ kind: Int) throws -> Tensor {
        switch kind {
        case 0: return tensor
        case 1: return try tensor.transposed().copied().transposed()
        default:
            // Every other column of a wider one.
            let wide = try tensor.unsqueezed(-1).expanded(to: Shape(tensor.shape.sizes + [2])).copied()
            return try wide.reshaped(to: Shape(tensor.shape.sizes.dropLast() + [2 * tensor.shape[-1]]))
                .sliced(-1, 0..<(2 * tensor.shape[-1]), by: 2)
        }
    }

    /// Any views, threads and levels, batches that are repeated, none at all.
    @Test func productsHaveTheBitsOfTheReference() throws {
        for (left, right) in [
            ([3, 5], [5, 4]), ([2, 3, 5], [5, 4]), ([5, 3], [2, 3, 7]), ([2, 1, 3, 5], [4, 5, 6]),
            ([33, 300], [300, 40]), ([33, 40], [40, 64]),
            ([0, 5], [5, 2]), ([3, 0], [0, 2]), ([0, 2, 3], [3, 2]),
        ] as [([Int], [Int])] {
            for (leftKind, rightKind) in [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (1, 2)] {
                let context = TensorContext()
                let a = try Tensor(floats(Shape(left).count, seed: 1), Shape(left), in: context)
                let b = try Tensor(floats(Shape(right).count, seed: 2), Shape(right), in: context)
                let result = try view(a, leftKind).product(with: view(b, rightKind))
                #expect(try bits(result) == expected(a, b, result.shape), "\(left) \(right)")
            }
        }
    }

    private func expected(_ a: Tensor, _ b: Tensor, _ shape: Shape) throws -> [UInt32] {
        let (m, n, k) = (shape[-2], shape[-1], a.shape[-1])
        let batch = Array(shape.sizes.dropLast(2))
        let left: [Float] = try a.expanded(to: Shape(batch + [m, k])).values()
        let right: [Float] = try b.expanded(to: Shape(batch + [k, n])).values()
        var bits: [UInt32] = []
        for place in 0..<batch.reduce(1, *) {
            let product = ScalarReference.product(
                Array(left[(place * m * k)..<((place + 1) * m * k)]),
                Array(right[(place * k * n)..<((place + 1) * k * n)]), m: m, n: n, k: k, aRow: k, aColumn: 1,
                bRow: n, bColumn: 1)
            bits += product.map(\.bitPattern)
        }
        return bits
    }

    /// Tiles of two heights and what is left of them, panels read where they lie, copied at once and by
    /// and by, blocks of B read, copied and packed.
    @Test(arguments: KernelLevel.allCases.filter { $0 != .plain && $0 <= .best })
    func everyHeightHasTheBitsOfTheReference(level: KernelLevel) throws {
        let context = TensorContext(level: level)
        for (k, n) in [(16, 40), (32, 544), (100, 160), (272, 200), (300, 33), (600, 1060)] {
            let heights = k == 600 ? [11, 29, 133] : Array(1...41) + [130]
            let most = heights.last.unsafelyUnwrapped
            let a = try Tensor(floats(most * k, seed: 8), [most, k], in: context)
            let b = try Tensor(floats(k * n, seed: 9), [k, n], in: context)
            let all = try expected(a, b, [most, n])
            for (leftKind, rightKind) in [(0, 0), (1, 0), (0, 1)] {
                let (left, right) = (try view(a, leftKind), try view(b, rightKind))
                for m in heights {
                    let part = try bits(left.sliced(0, 0..<m).product(with: right))
                    // Asked before: the test runner would look for the shortest way between long ones.
                    let isSame = part == Array(all.prefix(m * n))
                    #expect(isSame, "\(m) of \(k) and \(n), \(leftKind) \(rightKind)")
                }
            }
        }
    }

    /// The slope of a relu behind the product is that of the relu made from the product's, whatever lies where.
    @Test(arguments: [1, 3])
    func aRectifiedSlopeIsTheProductsWithZeros(threads: Int) throws {
        let context = TensorContext(threads: threads, grain: 1)
        for (m, k, n) in [(5, 3, 7), (40, 9, 6), (3, 300, 70), (2, 0, 3), (0, 2, 3)] {
            let a = try Tensor(floats(m * k, seed: 1), [m, k], in: context)
            let b = try Tensor(floats(k * n, seed: 2), [k, n], in: context)
            let special: [Float] = [0, -0.0, .nan, .infinity, -.infinity, 1, -1]
            let value = try Tensor((0..<m * n).map { special[$0 % 7] }, [m, n], in: context)
            let expected = try bits(Tensor.gradient(of: .relu, a.product(with: b), value))
            for kind in 0..<3 where m * n > 0 {
                let slope = try a.rectifiedSlope(times: view(b, kind), of: view(value, kind))
                #expect(try bits(slope) == expected, "\(m) x \(k) x \(n), \(kind)")
            }
        }
        let (a, b) = (
            try Tensor(floats(6, seed: 1), [2, 3], in: context),
            try Tensor(floats(12, seed: 2), [3, 4], in: context)
        )
        #expect(throws: TensorError.self) { try a.rectifiedSlope(times: b, of: b) }
        #expect(throws: TensorError.self) { try a.rectifiedSlope(times: a, of: a) }
        #expect(throws: TensorError.self) {
            try a.unsqueezed(0).rectifiedSlope(times: b, of: a.product(with: b))
        }
    }

    @Test func threadsAndLevelsGiveTheSameBits() throws {
        func results(_ context: TensorContext) throws -> [[UInt32]] {
            let a = try Tensor(floats(200 * 300, seed: 3), [200, 300], in: context)
            let b = try Tensor(floats(300 * 130, seed: 4), [300, 130], in: context)
            let bias = try Tensor(floats(130, seed: 5), [130], in: context)
            let many = try Tensor(floats(9 * 64 * 64, seed: 6), [9, 64, 64], in: context)
            let few = try Tensor(floats(2 * 200 * 130, seed: 7), [2, 200, 130], in: context)
            // Shared by two neighbours each, and a part of larger ones.
            let shared = try few.sliced(1, 0..<130).unsqueezed(1).expanded(to: [2, 2, 130, 130])
            return [
                try bits(a.product(with: b)), try bits(a.product(with: b, bias: bias, isRectified: true)),
                try bits(many.product(with: many.transposed())),
                try bits(few.product(with: few.transposed())),
                try bits(shared.product(with: shared.sliced(-1, 3..<19))),
            ]
        }
        let expected = try results(TensorContext())
        for threads in [2, 3, 8] { #expect(try results(TensorContext(threads: threads)) == expected) }
        for level in [KernelLevel.plain, .v3] where level < .best {
            #expect(try results(TensorContext(threads: 2, level: level)) == expected)
        }
    }
}
