import CTensorKernels

// Scaled dot-product attention of one head without the matrix of scores (Dao et
// al. 2022, "FlashAttention"): keys come in blocks of 64 from position 0, and the
// sums of a query's row are put right when a block has a larger score (Milakov
// and Gimelshein 2018, "Online normalizer calculation for softmax"). Scores and
// what is made of them are products of MatrixProduct.swift.
//
// The order, for a query: a score is one chain over the depth, times the scale.
// Of each block: the largest score so far; where it is larger than before, what
// has been summed times exp(before - now); the block's powers summed in the order
// of `RowSum` and added; their products with the values, a chain over the block's
// keys, added. Queries in one block of 64 pass the same blocks of keys, so that the
// result does not depend on how they are shared out. A score of minus infinity
// is one that is left out.

/// Keys a block, and queries in the gradients of keys.
let attentionBlock = 64
/// Queries that pass a block of keys while it is turned.
private let attentionStrip = 512
/// The most there can be of it.
private let attentionDepth = 256

let attentionWorkspaceLength =
    productWorkspace + 2 * attentionDepth * attentionBlock + 2 * attentionBlock * attentionBlock
    + attentionBlock
    + 2 * attentionStrip

/// The parts of the workspace: turned keys and values, two blocks of scores, what
/// is left out of a block, and of each query of a strip its largest score and its sum.
typealias AttentionPlaces = (
    keys: Target, values: Target, scores: Target, slopes: Target, limits: Target, tops: Target, sums: Target
)

@inline(__always)
func attentionPlaces(_ it: SluiceAttention) -> AttentionPlaces {
    let keys = it.workspace + productWorkspace
    let values = keys + attentionDepth * attentionBlock
    let scores = values + attentionDepth * attentionBlock
    let slopes = scores + attentionBlock * attentionBlock
    let limits = slopes + attentionBlock * attentionBlock
    return (
        keys, values, scores, slopes, limits, limits + attentionBlock,
        limits + attentionBlock + attentionStrip
    )
}

/// c = a b, or c += a b: `rows` by `columns` over `depth`.
@inline(never)
func attentionProduct(
    _ it: SluiceAttention, _ rows: Int, _ columns: Int, _ depth: Int, _ a: Source, _ aRow: Int,
    _ aColumn: Int,
    _ b: Source, _ bRow: Int, _ c: Target, _ cRow: Int, adds: Bool
) {
    var product = SluiceProduct(
        m: rows, n: columns, k: depth, a: a, aRow: aRow, aColumn: aColumn, b: b, bRow: bRow, bColumn: 1, c: c,
        cRow: cRow, accumulates: adds ? 1 : 0, block: 0, bias: nil, activation: 0, workspace: it.workspace)
    matrixProducts(&product, 1, 0, 0, 0)
}

/// Columns of scores that are made of `count` keys: whole vectors, for which B
/// is read where it lies.
@inline(__always)
func scoreColumns(_ count: Int) -> Int { (count &+ 15) & ~15 }

/// Writes 0 for each of `count` keys from `start` on that is attended to and
/// -1 for the other places of a block.
@inline(__always)
func writeLimits(_ it: SluiceAttention, _ limits: Target, _ start: Int, _ count: Int) {
    var i = 0
    while i < attentionBlock {
        limits[i] = i < count && (it.mask.map { $0[start &+ i] != 0 } ?? true) ? 0 : -1
        i &+= 1
    }
}

/// Whether any key of the block at `start` is attended to.
@inline(__always)
func attends(_ it: SluiceAttention, _ start: Int) -> Bool {
    guard let mask = it.mask else { return true }
    let end = it.keys &- start < attentionBlock ? it.keys : start &+ attentionBlock
    var key = start
    while key < end {
        if mask[key] != 0 { return true }
        key &+= 1
    }
    return false
}

private let laneNumbers = Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

/// The scores of one query and a block of keys, of which the first `allowed` are
/// not later than the query. With `isWhole`, known when it compiles, none is left out.
@inline(__always)
func scaledScores(
    _ scores: Target, _ scale: Float, _ limits: Target, _ allowed: Int, isWhole: Bool
) -> Quad {
    var s = loadQuad(scores) * quad(scale)
    if isWhole { return s }
    s = whereNegative(loadQuad(limits), quad(-.infinity), s)
    if allowed < attentionBlock {
        let beyond = laneNumbers - all(Float(allowed))
        let place: Quad = (beyond, beyond + all(16), beyond + all(32), beyond + all(48), false)
        s = whereNegative(place, s, quad(-.infinity))
    }
    return s
}

/// exp(s - base), which is 0 for what is left out. Of that the power of 0 is made
/// first: that of minus infinity is 0 too, but by way of subnormal numbers, and
/// would cost a hundred cycles.
@inline(__always)
func scorePowers(_ s: Quad, _ base: Float, isWhole: Bool) -> Quad {
    if isWhole { return exponential(s - quad(base)) }
    return unlessLeftOut(s, exponential(unlessLeftOut(s, s - quad(base))))
}

/// x, or 0 where the score is minus infinity.
@inline(__always)
func unlessLeftOut(_ s: Quad, _ x: Quad) -> Quad {
    (
        sluice_unless_lowest(s.a, x.a), sluice_unless_lowest(s.b, x.b), sluice_unless_lowest(s.c, x.c),
        sluice_unless_lowest(s.d, x.d), false
    )
}

/// Whether each of the queries from `row` on attends to all of a block of keys.
@inline(__always)
func isWhole(_ it: SluiceAttention, _ row: Int, _ key: Int, _ count: Int) -> Bool {
    count == attentionBlock && it.mask == nil && (it.causal == 0 || key &+ attentionBlock <= row)
}

/// How many keys of the block at `start` a query may attend to.
@inline(__always)
func allowedKeys(_ it: SluiceAttention, _ query: Int, _ start: Int) -> Int {
    it.causal != 0 ? query &- start &+ 1 : attentionBlock
}

func attentionRows(_ attention: UnsafePointer<SluiceAttention>, _ from: Int, _ to: Int) {
    let it = attention.pointee
    var start = from
    while start < to {
        let end = to &- start < attentionStrip ? to : start &+ attentionStrip
        attentionStripRows(it, start, end)
        start = end
    }
}

@inline(never)
private func attentionStripRows(_ it: SluiceAttention, _ from: Int, _ to: Int) {
    let places = attentionPlaces(it)
    var row = from
    while row < to {
        fill(it.y + row &* it.yRow, it.depth, 0)
        places.tops[row &- from] = -.infinity
        places.sums[row &- from] = 0
        row &+= 1
    }
    var key = 0
    while key < it.keys, it.causal == 0 || key < to {
        if attends(it, key) {
            let count = it.keys &- key < attentionBlock ? it.keys &- key : attentionBlock
            writeLimits(it, places.limits, key, count)
            pack(places.keys, it.k + key &* it.kRow, count, it.depth, attentionBlock, it.kRow, 1)
            row = from
            while row < to {
                let end = blockEnd(row, to)
                if it.causal == 0 || key <= row {
                    addBlock(it, places, row, end, key, count, row &- from)
                }
                row = end
            }
        }
        key &+= attentionBlock
    }
    row = from
    while row < to {
        finishRow(it, row, places.tops[row &- from], places.sums[row &- from])
        row &+= 1
    }
}

/// Behind the last query (or key) of the block of 64 that holds `row`.
@inline(__always)
func blockEnd(_ row: Int, _ to: Int) -> Int {
    let end = (row / attentionBlock &+ 1) &* attentionBlock
    return end < to ? end : to
}

/// A block of keys for the queries from..<to, the first of them at `place` in the strip.
@inline(__always)
private func addBlock(
    _ it: SluiceAttention, _ places: AttentionPlaces, _ from: Int, _ to: Int, _ key: Int, _ count: Int,
    _ place: Int
) {
    attentionProduct(
        it, to &- from, scoreColumns(count), it.depth, it.q + from &* it.qRow, it.qRow, 1, places.keys,
        attentionBlock, places.scores, attentionBlock, adds: false)
    if isWhole(it, from, key, count) {
        addPowers(it, places, from, to, key, place, isWhole: true)
    } else {
        addPowers(it, places, from, to, key, place, isWhole: false)
    }
    attentionProduct(
        it, to &- from, it.depth, count, places.scores, attentionBlock, 1, it.v + key &* it.vRow, it.vRow,
        it.y + from &* it.yRow, it.yRow, adds: true)
}

/// Scores to powers, and what that makes of the sums so far.
@inline(__always)
private func addPowers(
    _ it: SluiceAttention, _ places: AttentionPlaces, _ from: Int, _ to: Int, _ key: Int, _ place: Int,
    isWhole: Bool
) {
    var row = from
    while row < to {
        let scores = places.scores + (row &- from) &* attentionBlock
        let s = scaledScores(
            scores, it.scale, places.limits, allowedKeys(it, row, key), isWhole: isWhole)
        let i = place &+ row &- from
        let before = places.tops[i]
        let here = largestLane(sluice_larger(sluice_larger(s.a, s.b), sluice_larger(s.c, s.d)))
        let top = here > before ? here : before
        let base = top == -.infinity ? 0 : top
        let powers = scorePowers(s, base, isWhole: isWhole)
        put(powers, scores, false)
        var factor: Float = 1
        // As long as every score was minus infinity there are zeros, which need no factor.
        if top != before, before != -.infinity {
            factor = exponential(all(before - base))[0]
            scale(it.y + row &* it.yRow, it.y + row &* it.yRow, factor, it.depth)
        }
        let sum = total((powers.a, powers.b, powers.c, powers.d))
        places.sums[i] = sum.addingProduct(places.sums[i], factor)
        places.tops[i] = top
        row &+= 1
    }
}

/// y over the sum, and the logarithm of the sum of exp of the scores; of a query that
/// attends to nothing y is 0 and the logarithm minus infinity.
@inline(__always)
private func finishRow(_ it: SluiceAttention, _ row: Int, _ top: Float, _ sum: Float) {
    if sum != 0 { divideByScalar(it.y + row &* it.yRow, it.y + row &* it.yRow, sum, it.depth) }
    it.logSums[row] = (top == -.infinity ? 0 : top) + logarithm(all(sum))[0]
}
