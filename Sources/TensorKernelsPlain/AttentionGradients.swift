import CTensorKernels

// Dao et al. 2022, algorithm 4: the probabilities are made again from the
// scores and the logarithms of their sums, p = exp(s - logSum). With dp = dy v'
// and D = the query's sum of dy y: ds = p (dp - D), dq = scale ds k,
// dk = scale ds' q, dv = p' dy. Each block of keys meets each block of 64 queries
// once, so that p and ds of a pair are made once: the queries' gradients fold the
// blocks of keys, the keys' those of queries, each a chain added to what is there;
// the scale comes last.

/// Turns the keys from..<to and their values.
@inline(__always)
private func turn(_ it: SluiceAttention, _ places: AttentionPlaces, _ from: Int, _ to: Int) {
    writeLimits(it, places.limits, from, to &- from)
    pack(places.keys, it.k + from &* it.kRow, to &- from, it.depth, attentionBlock, it.kRow, 1)
    pack(places.values, it.v + from &* it.vRow, to &- from, it.depth, attentionBlock, it.vRow, 1)
}

/// p of the queries from..<to and `count` keys from `key` on to `scores`, ds to `slopes`.
@inline(never)
private func probabilities(
    _ it: SluiceAttention, _ places: AttentionPlaces, _ from: Int, _ to: Int, _ key: Int, _ count: Int
) {
    let columns = scoreColumns(count)
    attentionProduct(
        it, to &- from, columns, it.depth, it.q + from &* it.qRow, it.qRow, 1, places.keys, attentionBlock,
        places.scores, attentionBlock, adds: false)
    attentionProduct(
        it, to &- from, columns, it.depth, it.dy + from &* it.dyRow, it.dyRow, 1, places.values,
        attentionBlock, places.slopes, attentionBlock, adds: false)
    if isWhole(it, from, key, count) {
        slopes(it, places, from, to, key, isWhole: true)
    } else {
        slopes(it, places, from, to, key, isWhole: false)
    }
}

@inline(__always)
private func slopes(
    _ it: SluiceAttention, _ places: AttentionPlaces, _ from: Int, _ to: Int, _ key: Int, isWhole: Bool
) {
    var row = from
    while row < to {
        let place = (row &- from) &* attentionBlock
        let s = scaledScores(
            places.scores + place, it.scale, places.limits, allowedKeys(it, row, key), isWhole: isWhole)
        // Also of a whole block a score may be minus infinity, and its logarithm too.
        let p = unlessLeftOut(s, scorePowers(s, it.logSums[row], isWhole: isWhole))
        put(p, places.scores + place, false)
        let slope = p * (loadQuad(places.slopes + place) - quad(it.dots[row]))
        put(unlessLeftOut(s, slope), places.slopes + place, false)
        row &+= 1
    }
}

func attentionGradients(_ attention: UnsafePointer<SluiceAttention>) {
    let it = attention.pointee
    let places = attentionPlaces(it)
    var row = 0
    while row < it.queries {
        // In the order of `RowSum`.
        it.dots[row] = dotOf(it.dy + row &* it.dyRow, it.y + row &* it.yRow, it.depth)
        fill(it.dq + row &* it.dqRow, it.depth, 0)
        row &+= 1
    }
    var key = 0
    while key < it.keys {
        let end = blockEnd(key, it.keys)
        row = key
        while row < end {
            fill(it.dk + row &* it.dkRow, it.depth, 0)
            fill(it.dv + row &* it.dvRow, it.depth, 0)
            row &+= 1
        }
        if attends(it, key) {
            turn(it, places, key, end)
            var query = it.causal == 0 ? 0 : key
            while query < it.queries {
                let queryEnd = blockEnd(query, it.queries)
                addGradients(it, places, query, queryEnd, key, end)
                query = queryEnd
            }
        }
        key = end
    }
    scaleRows(it.dq, it.dqRow, it.scale, it.queries, it.depth)
    scaleRows(it.dk, it.dkRow, it.scale, it.keys, it.depth)
}

/// What a block of queries and one of keys add to the gradients of both.
@inline(__always)
private func addGradients(
    _ it: SluiceAttention, _ places: AttentionPlaces, _ query: Int, _ queryEnd: Int, _ key: Int,
    _ keyEnd: Int
) {
    let (queries, keys) = (queryEnd &- query, keyEnd &- key)
    probabilities(it, places, query, queryEnd, key, keys)
    attentionProduct(
        it, queries, it.depth, keys, places.slopes, attentionBlock, 1, it.k + key &* it.kRow, it.kRow,
        it.dq + query &* it.dqRow, it.dqRow, adds: true)
    attentionProduct(
        it, keys, it.depth, queries, places.scores, 1, attentionBlock, it.dy + query &* it.dyRow, it.dyRow,
        it.dv + key &* it.dvRow, it.dvRow, adds: true)
    attentionProduct(
        it, keys, it.depth, queries, places.slopes, 1, attentionBlock, it.q + query &* it.qRow, it.qRow,
        it.dk + key &* it.dkRow, it.dkRow, adds: true)
}

@inline(__always)
private func scaleRows(_ x: Target, _ step: Int, _ factor: Float, _ rows: Int, _ columns: Int) {
    var row = 0
    while row < rows {
        scale(x + row &* step, x + row &* step, factor, columns)
        row &+= 1
    }
}
