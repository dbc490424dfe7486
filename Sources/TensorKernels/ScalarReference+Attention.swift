/// Attention of one head; rows lie together.
extension ScalarReference {
    /// The operands of an attention of `depth`, and what it leaves out.
    public struct Attention {
        public var q: [Float]
        public var k: [Float]
        public var v: [Float]
        public var depth: Int
        public var scale: Float
        public var isCausal: Bool
        public var mask: [Bool]?

        public init(
            q: [Float], k: [Float], v: [Float], depth: Int, scale: Float, isCausal: Bool, mask: [Bool]?
        ) {
            (self.q, self.k, self.v, self.depth) = (q, k, v, depth)
            (self.scale, self.isCausal, self.mask) = (scale, isCausal, mask)
        }

        var queries: Int { q.count / depth }
        var keys: Int { k.count / depth }

        /// The blocks of 64 keys that a query passes: those some query of its own
        /// block of 64 may attend to and of which the mask leaves a key.
        func keyBlocks(of query: Int) -> [Range<Int>] {
            stride(from: 0, to: keys, by: 64).map { $0..<min($0 + 64, keys) }.filter { block in
                (!isCausal || block.lowerBound / 64 <= query / 64)
                    && (mask.map { mask in block.contains { mask[$0] } } ?? true)
            }
        }

        /// Minus infinity where it is left out.
        func score(_ query: Int, _ key: Int) -> Float {
            if isCausal && key > query || mask?[key] == false { return -.infinity }
            return chain(q, query, k, key) * scale
        }

        func chain(_ a: [Float], _ row: Int, _ b: [Float], _ other: Int) -> Float {
            (0..<depth).reduce(0) { $0.addingProduct(a[row * depth + $1], b[other * depth + $1]) }
        }
    }

    public static func attention(_ it: Attention) -> (y: [Float], logSums: [Float]) {
        var (y, logSums): ([Float], [Float]) = ([], [])
        for query in 0..<it.queries {
            var row = [Float](repeating: 0, count: it.depth)
            var (top, total): (Float, Float) = (-.infinity, 0)
            for block in it.keyBlocks(of: query) {
                let scores = block.map { it.score(query, $0) }
                let before = top
                top = scores.reduce(top) { $1 > $0 ? $1 : $0 }
                let base = top == -.infinity ? 0 : top
                let powers = scores.map { $0 == -.infinity ? 0 : exp($0 - base) }
                let factor = top == before ? 1 : exp(before - base)
                total = sum(powers + [Float](repeating: 0, count: 64 - powers.count))
                    .addingProduct(total, factor)
                for column in row.indices {
                    let chain = zip(block, powers).reduce(Float(0)) {
                        $0.addingProduct($1.1, it.v[$1.0 * it.depth + column])
                    }
                    row[column] = row[column] * factor + chain
                }
            }
            y += total == 0 ? row : row.map { $0 / total }
            logSums.append((top == -.infinity ? 0 : top) + log(total))
        }
        return (y, logSums)
    }

    public static func attentionGradient(
        _ it: Attention, dy: [Float], y: [Float], logSums: [Float]
    ) -> (q: [Float], k: [Float], v: [Float]) {
        let dots = (0..<it.queries).map { query in
            rowSum(it.depth) { $0.addProduct(dy[query * it.depth + $1], y[query * it.depth + $1]) }
        }
        /// A probability and the derivative of its score.
        func slope(_ query: Int, _ key: Int) -> (p: Float, ds: Float) {
            let score = it.score(query, key)
            if score == -.infinity { return (0, 0) }
            let p = exp(score - logSums[query])
            return (p, p * (it.chain(dy, query, it.v, key) - dots[query]))
        }
        let slopes = (0..<it.queries).map { query in (0..<it.keys).map { slope(query, $0) } }
        var dq = it.q.map { _ in Float(0) }
        var (dk, dv) = (it.k.map { _ in Float(0) }, it.v.map { _ in Float(0) })
        for column in 0..<it.depth {
            for query in 0..<it.queries {
                var sum: Float = 0
                for block in it.keyBlocks(of: query) {
                    sum += block.reduce(0) {
                        $0.addingProduct(slopes[query][$1].ds, it.k[$1 * it.depth + column])
                    }
                }
                dq[query * it.depth + column] = sum * it.scale
            }
            for key in 0..<it.keys {
                var (sum, valueSum): (Float, Float) = (0, 0)
                for start in stride(from: 0, to: it.queries, by: 64) {
                    let blocks = it.keyBlocks(of: start)
                    guard blocks.contains(where: { $0.contains(key) }) else { continue }
                    let block = start..<min(start + 64, it.queries)
                    sum += block.reduce(0) {
                        $0.addingProduct(slopes[$1][key].ds, it.q[$1 * it.depth + column])
                    }
                    valueSum += block.reduce(0) {
                        $0.addingProduct(slopes[$1][key].p, dy[$1 * it.depth + column])
                    }
                }
                dk[key * it.depth + column] = sum * it.scale
                dv[key * it.depth + column] = valueSum
            }
        }
        return (dq, dk, dv)
    }
}
