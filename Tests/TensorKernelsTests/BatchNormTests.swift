import CTensorKernels
import TensorKernels
import Testing

/// Batch norm and embeddings against their meaning, bit for bit on each level.
@Suite struct BatchNormTests {
    private static let widths = [1, 3, 15, 16, 17, 31, 33, 63, 64, 65, 80, 127, 128, 130]
    private static let heights = [(0, 0), (1, 0), (7, 0), (7, 1), (7, 3), (8, 4), (8, 8), (8, 9), (40, 16)]

    private func mixed(_ count: Int, seed: UInt64) -> [Float] {
        var x = numbers(count, seed: seed)
        let special: [Float] = [.nan, .infinity, .leastNonzeroMagnitude, 3e38, -0.0, 1e-30]
        for (i, value) in special.enumerated() where 5 * i < count { x[(i * 37) % count] = value }
        return x
    }

    @Test func batchNormHasTheBitsOfTheReferenceOnEveryLevel() {
        for columns in Self.widths {
            for (rows, segment) in Self.heights { checkNorm(rows, columns, segment) }
        }
    }

    private func checkNorm(_ rows: Int, _ columns: Int, _ segment: Int) {
        let (x, dy) = (mixed(rows * columns, seed: 61), numbers(rows * columns, seed: 62))
        let (gamma, beta) = (numbers(columns, seed: 63), numbers(columns, seed: 64))
        let (means, variances) = ScalarReference.batchNormMoments(
            x, rows: rows, columns: columns, segment: segment)
        let reciprocals = variances.map { 1 / ($0 + 1e-5).squareRoot() }
        let (dgamma, dbeta) = ScalarReference.batchNormParameterGradient(
            dy, x, means: means, reciprocals: reciprocals, rows: rows, segment: segment)
        let y = x.indices.map {
            let c = $0 % columns
            return ScalarReference.batchNorm(
                x[$0], mean: means[c], reciprocal: reciprocals[c], gamma: gamma[c], beta: beta[c])
        }
        let dx = x.indices.map {
            let c = $0 % columns
            return ScalarReference.batchNormGradient(
                dy[$0], x[$0], mean: means[c], reciprocal: reciprocals[c], gamma: gamma[c], dgamma: dgamma[c],
                dbeta: dbeta[c], count: 2 * rows)
        }
        let label = "\(rows)x\(columns) \(segment)"
        for level in levels {
            let table = level.kernels
            var (a, b) = (
                [Float](repeating: 7, count: columns + 1), [Float](repeating: 7, count: columns + 1)
            )
            // In two calls, as by two threads.
            for (from, to) in [(0, columns / 3), (columns / 3, columns)] {
                table.batchNormMoments(&a, &b, x, rows, columns, segment, from, to)
            }
            #expect(bits(a) == bits(means + [7]), "\(level) means \(label)")
            #expect(bits(b) == bits(variances + [7]), "\(level) variances \(label)")
            for (from, to) in [(0, columns / 3), (columns / 3, columns)] {
                table.batchNormParameterGradient(
                    &a, &b, dy, x, means, reciprocals, rows, columns, segment, from, to)
            }
            #expect(bits(a) == bits(dgamma + [7]), "\(level) dgamma \(label)")
            #expect(bits(b) == bits(dbeta + [7]), "\(level) dbeta \(label)")
            var out = [Float](repeating: 7, count: x.count + 1)
            table.batchNormApply(&out, x, means, reciprocals, gamma, beta, rows, columns)
            #expect(bits(out) == bits(y + [7]), "\(level) apply \(label)")
            table.batchNormGradient(
                &out, dy, x, means, reciprocals, gamma, dgamma, dbeta, rows, columns, 2 * rows)
            #expect(bits(out) == bits(dx + [7]), "\(level) gradient \(label)")
        }
    }

    /// What is long enough goes past the caches.
    @Test func longBatchNormHasTheBitsOfTheReferenceOnEveryLevel() {
        let (rows, columns) = (1025, 1024)
        let x = numbers(1000, seed: 65)
        let long = (0..<rows * columns).map { x[$0 % 1000] }
        let means = numbers(columns, seed: 66)
        let gamma = numbers(columns, seed: 67)
        let storage = UnsafeMutableRawPointer.allocate(byteCount: 4 * long.count, alignment: 64)
        defer { storage.deallocate() }
        let y = storage.bindMemory(to: Float.self, capacity: long.count)
        let forward = long.indices.map {
            let c = $0 % columns
            return ScalarReference.batchNorm(
                long[$0], mean: means[c], reciprocal: gamma[c], gamma: gamma[c], beta: means[c])
        }
        let backward = long.indices.map {
            let c = $0 % columns
            return ScalarReference.batchNormGradient(
                long[$0], long[$0], mean: means[c], reciprocal: gamma[c], gamma: gamma[c], dgamma: means[c],
                dbeta: gamma[c], count: rows)
        }
        for level in levels {
            let table = level.kernels
            table.batchNormApply(y, long, means, gamma, gamma, means, rows, columns)
            #expect(
                bits(Array(UnsafeBufferPointer(start: y, count: long.count))) == bits(forward), "\(level)")
            table.batchNormGradient(y, long, long, means, gamma, gamma, means, gamma, rows, columns, rows)
            #expect(
                bits(Array(UnsafeBufferPointer(start: y, count: long.count))) == bits(backward), "\(level)")
        }
    }

    @Test func embeddingsHaveTheBitsOfTheReferenceOnEveryLevel() {
        let words = 7
        for columns in Self.widths {
            for (rows, segment) in Self.heights {
                let ids = (0..<rows).map { Int32($0 * $0 % words) }
                let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }.map(Int32.init)
                let table = mixed(words * columns, seed: 68)
                let dy = mixed(rows * columns, seed: 69)
                let gathered = ids.flatMap { id in (0..<columns).map { table[Int(id) * columns + $0] } }
                let scattered = ScalarReference.scatterAddRows(
                    table, dy, ids: ids, columns: columns, segment: segment)
                for level in levels {
                    var y = [Float](repeating: 7, count: rows * columns + 1)
                    level.kernels.gatherRows(&y, table, ids, rows, columns)
                    #expect(bits(y) == bits(gathered + [7]), "\(level) gather \(rows)x\(columns)")
                    var sum = table + [7]
                    level.kernels.scatterAddRows(&sum, dy, order, ids, rows, columns, segment)
                    #expect(
                        bits(sum) == bits(scattered + [7]), "\(level) scatter \(rows)x\(columns) \(segment)")
                }
            }
        }
    }
}
