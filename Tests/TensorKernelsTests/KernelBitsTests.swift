import CTensorKernels
import Glibc
import TensorKernels
import Testing

/// Numbers of mixed size and sign, the same in every run.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
    let philox = Philox(seed: seed)
    return (0..<count).map { index in
        let words = philox(SIMD4(UInt32(index), 0, 0, 0))
        return (Float(words[0] >> 8) / 8_388_608 - 1) * Float(1 << (words[1] % 8))
    }
}

/// What floats are in memory, every NaN alike. No collection: of two that differ the test runner would look
/// for the shortest way from one to the other, which takes minutes where they are long.
struct Bits: Equatable, CustomStringConvertible {
    let patterns: [UInt32]

    var count: Int { patterns.count }

    subscript(range: Range<Int>) -> Bits { Bits(patterns: Array(patterns[range])) }

    var description: String {
        "\(count) floats: \(patterns.prefix(8).map { Float(bitPattern: $0) })"
    }
}

func bits(_ x: [Float]) -> Bits { Bits(patterns: x.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }) }

let levels = KernelLevel.allCases.filter { $0 <= .best }

@Suite struct KernelBitsTests {
    /// How a product is asked for beside its shape.
    private struct Form: CustomStringConvertible {
        var layout = "NN"
        var accumulates = false
        var block = 0
        var hasBias = false
        var isRectified = false
        /// Products at once, and floats between the rows of c beyond its columns.
        var count = 1
        var gap = 0

        var description: String {
            "\(layout) accumulates \(accumulates) block \(block) bias \(hasBias) relu \(isRectified) "
                + "\(count) at once, gap \(gap)"
        }
    }

    private func checkProduct(_ m: Int, _ n: Int, _ k: Int, _ form: Form) {
        let a = numbers(form.count * m * k, seed: 1)
        let b = numbers(form.count * k * n, seed: 2)
        let width = n + form.gap
        let before = numbers(form.count * m * width, seed: 3)
        let bias = numbers(n, seed: 7)
        let (aRow, aColumn) = form.layout == "TN" ? (1, m) : (k, 1)
        let (bRow, bColumn) = form.layout == "NT" ? (1, k) : (n, 1)
        var expected = before
        for place in 0..<form.count {
            let start = place * m * width
            let onto = (0..<m * n).map { before[start + $0 / n * width + $0 % n] }
            let product = ScalarReference.product(
                Array(a[(place * m * k)..<((place + 1) * m * k)]),
                Array(b[(place * k * n)..<((place + 1) * k * n)]), m: m, n: n, k: k, aRow: aRow,
                aColumn: aColumn, bRow: bRow, bColumn: bColumn, onto: form.accumulates ? onto : nil,
                block: form.block == 0 ? 256 : form.block)
            for index in product.indices {
                var value = product[index]
                if form.hasBias { value += bias[index % n] }
                if form.isRectified, value < 0 { value = 0 }
                expected[start + index / n * width + index % n] = value
            }
        }
        for level in levels {
            let table = level.kernels
            var c = before
            var workspace = [Float](repeating: .nan, count: table.gemmWorkspace)
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    bias.withUnsafeBufferPointer { bias in
                        c.withUnsafeMutableBufferPointer { c in
                            workspace.withUnsafeMutableBufferPointer { workspace in
                                var product = SluiceProduct(
                                    m: m, n: n, k: k, a: a.baseAddress!, aRow: aRow, aColumn: aColumn,
                                    b: b.baseAddress!, bRow: bRow, bColumn: bColumn, c: c.baseAddress!,
                                    cRow: width, accumulates: form.accumulates ? 1 : 0, block: form.block,
                                    bias: form.hasBias ? bias.baseAddress : nil,
                                    activation: form.isRectified ? 1 : 0, workspace: workspace.baseAddress!)
                                table.gemm(&product, form.count, m * k, k * n, m * width)
                            }
                        }
                    }
                }
            }
            #expect(bits(c) == bits(expected), "\(level) \(m)x\(n)x\(k) \(form)")
        }
    }

    private func checkProduct(_ m: Int, _ n: Int, _ k: Int, layouts: [String] = ["NN", "NT", "TN"]) {
        for layout in layouts {
            for accumulates in [false, true] {
                checkProduct(m, n, k, Form(layout: layout, accumulates: accumulates))
            }
        }
    }

    @Test func productsOfSmallShapesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for m in 0...17 { for n in 0...17 { for k in 0...17 { checkProduct(m, n, k, layouts: ["NN"]) } } }
        for m in [1, 7, 17] { for n in [1, 7, 17] { for k in 0...17 { checkProduct(m, n, k) } } }
    }

    @Test func productsAroundBlockSizesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for k in [255, 256, 257, 512, 513] { checkProduct(9, 33, k) }
        for m in [7, 8, 9, 47, 48, 49] { checkProduct(m, 17, 19) }
        for m in 18...45 { for n in [10, 16] { checkProduct(m, n, 20) } }
        for m in [16, 27, 33] { for n in [10, 16] { checkProduct(m, n, 257) } }
        // So much of c that it goes past the caches.
        checkProduct(1 << 18, 16, 2, Form())
        for n in [127, 128, 129, 130, 1023, 1024, 1025, 2049] { checkProduct(7, n, 5) }
        for n in [127, 128, 129] { for m in [31, 32, 33] { checkProduct(m, n, 40) } }
        checkProduct(97, 131, 259)
    }

    /// Small ones in tiles of 64 columns, alone and beside others, and what is left of their rows.
    @Test func broadProductsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for n in [64, 80, 96, 112, 192, 256] {
            for m in [2, 4, 7, 12, 20] {
                for k in [4, 64] {
                    checkProduct(m, n, k, layouts: ["NN", "TN"])
                    for layout in ["NN", "TN"] {
                        checkProduct(
                            m, n, k,
                            Form(layout: layout, hasBias: true, isRectified: true, count: 3, gap: 16))
                    }
                }
            }
        }
    }

    /// Over several blocks of a turned A, whose tiles ask for the next ones.
    @Test func productsOverManyRowsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for (m, n, k) in [(26, 64, 600), (3, 32, 513), (130, 160, 300), (130, 1040, 257)] {
            checkProduct(m, n, k, layouts: ["TN"])
        }
        for block in [1, 16, 100] {
            checkProduct(26, 32, 300, Form(layout: "TN", block: block, hasBias: true, isRectified: true))
        }
    }

    /// One row has a kernel of its own.
    @Test func rowsByAMatrixHaveTheBitsOfTheReferenceOnEveryLevel() {
        for n in [1, 15, 16, 17, 127, 128, 129, 143, 256, 300] {
            for k in [1, 3, 255, 256, 257, 513] { checkProduct(1, n, k) }
            for block in [0, 1, 7, 16] {
                checkProduct(
                    1, n, 40,
                    Form(accumulates: true, block: block, hasBias: true, isRectified: true, count: 2, gap: 3))
                checkProduct(1, n, 40, Form(layout: "TN", block: block, hasBias: true, isRectified: true))
            }
        }
    }

    /// Small ones that are read where they lie, and larger ones that are packed.
    @Test func whatFollowsAFoldHasTheBitsOfTheReferenceOnEveryLevel() {
        for (m, n, k) in [
            (1, 1, 1), (9, 16, 7), (8, 32, 16), (13, 33, 300), (17, 160, 70), (5, 48, 0), (0, 3, 2),
        ] {
            for layout in ["NN", "NT", "TN"] {
                for accumulates in [false, true] {
                    for (hasBias, isRectified) in [(true, false), (false, true), (true, true)] {
                        checkProduct(
                            m, n, k,
                            Form(
                                layout: layout, accumulates: accumulates, hasBias: hasBias,
                                isRectified: isRectified))
                    }
                }
            }
        }
    }

    @Test func blocksBatchesAndGapsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for block in [1, 7, 16, 255, 256] {
            checkProduct(9, 33, 300, Form(block: block))
            checkProduct(9, 160, 30, Form(accumulates: true, block: block, hasBias: true, isRectified: true))
            checkProduct(16, 16, 30, Form(block: block))
            checkProduct(29, 16, 300, Form(accumulates: true, block: block, hasBias: true, isRectified: true))
        }
        for count in [0, 1, 2, 5] {
            for (m, n, k) in [(16, 16, 16), (7, 32, 5), (7, 140, 5), (3, 5, 0)] {
                checkProduct(m, n, k, Form(count: count, gap: 3))
                checkProduct(m, n, k, Form(layout: "NT", hasBias: true, count: count))
            }
        }
    }

    @Test func aMatrixVectorProductHasTheBitsOfTheProductWithOneColumn() {
        for m in 0...17 {
            for k in [0, 1, 15, 17, 255, 256, 257, 600] {
                let a = numbers(m * k, seed: 4)
                let x = numbers(k, seed: 5)
                let expected = ScalarReference.product(
                    a, x, m: m, n: 1, k: k, aRow: k, aColumn: 1, bRow: 1, bColumn: 1)
                for level in levels {
                    var y = [Float](repeating: .nan, count: m)
                    level.kernels.matrixVector(&y, a, x, m, k)
                    #expect(bits(y) == bits(expected), "\(level) \(m)x\(k)")
                }
            }
        }
    }

    private static let special: [Float] = [
        0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude, 88.7,
        88.8,
        -87.3, -100, -103.9, -104.5, 3e38, 0.707_106_77, 0.707_106_8,
    ]

    @Test func elementwiseKernelsHaveTheBitsOfTheReferenceOnEveryLevel() {
        for count in Array(0...33) + [1000] {
            let x = Array((Self.special + numbers(1000, seed: 6)).prefix(count))
            for level in levels {
                let table = level.kernels
                var y = [Float](repeating: 0, count: count)
                table.exp(&y, x, count)
                #expect(bits(y) == bits(x.map(ScalarReference.exp)), "\(level) exp \(count)")
                table.log(&y, x, count)
                #expect(bits(y) == bits(x.map(ScalarReference.log)), "\(level) log \(count)")
                table.sigmoid(&y, x, count)
                #expect(bits(y) == bits(x.map(ScalarReference.sigmoid)), "\(level) sigmoid \(count)")
            }
        }
    }

    @Test func reductionsAndSoftmaxHaveTheBitsOfTheReferenceOnEveryLevel() {
        for count in Array(1...49) + [63, 64, 65, 79, 80, 127, 128, 129, 256, 1001] {
            let x = numbers(count, seed: 7)
            let z = numbers(count, seed: 8)
            for level in levels {
                let table = level.kernels
                #expect(table.sum(x, count).bitPattern == ScalarReference.sum(x).bitPattern)
                #expect(table.dot(x, z, count).bitPattern == ScalarReference.dot(x, z).bitPattern)
                var y = [Float](repeating: 0, count: 2 * count)
                table.softmax(&y, x + z, 2, count)
                #expect(bits(y) == bits(ScalarReference.softmax(x) + ScalarReference.softmax(z)))
                table.logSoftmax(&y, x + z, 2, count)
                #expect(bits(y) == bits(ScalarReference.logSoftmax(x) + ScalarReference.logSoftmax(z)))
            }
        }
    }

    @Test func updatesHaveTheBitsOfTheReferenceOnEveryLevel() {
        for count in Array(0...33) + [257] {
            let w = numbers(count, seed: 9)
            let g = Array(([1e-30, 0, .nan] + numbers(count, seed: 10)).prefix(count))
            let m = numbers(count, seed: 11)
            let v = numbers(count, seed: 12).map { $0 * $0 * 1e-37 }
            let expected = (0..<count).map {
                ScalarReference.adamW(
                    w[$0], m[$0], v[$0], g[$0], rate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
                    decay: 0.01,
                    c1: 10, c2: 1000)
            }
            for level in levels {
                let table = level.kernels
                var (w1, m1, v1) = (w, m, v)
                table.adamW(&w1, &m1, &v1, g, count, 0.003, 0.9, 0.999, 1e-8, 0.01, 10, 1000)
                #expect(bits(w1) == bits(expected.map { $0.0 }))
                #expect(bits(m1) == bits(expected.map { $0.1 }))
                #expect(bits(v1) == bits(expected.map { $0.2 }))
            }
        }
    }

    /// The stated bound: 2 ulp, against glibc's double as the oracle.
    @Test func exponentialAndLogarithmStayWithinTwoUlp() {
        var (worstExp, worstLog) = (0.0, 0.0)
        for step in 0..<200_000 {
            let x = Float(-87) + Float(step) * 0.000_875
            let power = Glibc.exp(Double(x))
            worstExp = max(worstExp, abs(Double(ScalarReference.exp(x)) - power) / Double(Float(power).ulp))
            let y = Float(bitPattern: 0x0080_0000 + UInt32(step) * 10_600)
            let exact = Glibc.log(Double(y))
            worstLog = max(worstLog, abs(Double(ScalarReference.log(y)) - exact) / Double(Float(exact).ulp))
        }
        #expect(worstExp < 2, "exp \(worstExp)")
        #expect(worstLog < 2, "log \(worstLog)")
        #expect(worstExp > 0.4 && worstLog > 0.4, "no oracle: \(worstExp), \(worstLog)")
    }

    /// kat_vectors of Random123.
    @Test func philoxGivesThePublishedVectors() {
        #expect(
            Philox(key: (0, 0))(SIMD4(0, 0, 0, 0))
                == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
        let all = UInt32.max
        #expect(
            Philox(key: (all, all))(SIMD4(all, all, all, all))
                == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
        #expect(
            Philox(key: (0xA409_3822, 0x299F_31D0))(SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
                == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    }
}
