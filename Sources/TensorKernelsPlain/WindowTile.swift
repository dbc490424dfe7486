import CTensorKernels

// The micro kernel of a convolution: a tile like that of a product (MatrixTile.swift),
// whose A is read from the image where it lies. An element of A is found by two
// tables, the place of its row and the place of its step from there. In a
// convolution rows are pixels and steps are taps; in the gradient of its
// weights it is the other way round. So nothing is packed for it, no line of
// the image has to fill whole tiles, and a kernel of any shape is one loop.

#if SLUICE_V4
/// Rows of a tile for what is left of whole ones; fewer would wait for their chains.
let halfTileRows = 4
#else
let halfTileRows = 3
#endif

/// Where each row of a tile begins.
#if SLUICE_V4
private typealias Rows = (Source, Source, Source, Source, Source, Source, Source, Source)
#else
private typealias Rows = (Source, Source, Source, Source, Source, Source)
#endif

/// - Parameters:
///   - a: Element (row, p) lies at `places[row] + steps[p]`; places beyond the last row
///     can be read too.
///   - b: Row p lies at `p * bStep`, a vector of it or `tileColumns` floats.
///   - isInFours: Whether each four steps lie together, so that the place of the first is that of all.
///   - ahead: Asked for with the first step, `aheadStep` further with each.
@inline(__always)
private func windowSums(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, isHalf: Bool, isNarrow: Bool, isInFours: Bool = false, ahead: Source? = nil,
    aheadStep: Int = 0
) -> TileSums {
    var next = ahead ?? b
    var sums = noSums()
    let (a0, a1, a2) = (a + places[0], a + places[1], a + places[2])
    #if SLUICE_V4
    let a3 = a + places[3]
    let rows =
        isHalf
        ? (a0, a1, a2, a3, a, a, a, a)
        : (a0, a1, a2, a3, a + places[4], a + places[5], a + places[6], a + places[7])
    #else
    let rows =
        isHalf ? (a0, a1, a2, a, a, a) : (a0, a1, a2, a + places[3], a + places[4], a + places[5])
    #endif
    let together = isInFours ? 4 : 1
    var right = b
    var p = 0
    while p < depth {
        let step = steps[p]
        if ahead != nil {
            sluice_prefetch_later(next)
            next += aheadStep
        }
        var i = 0
        while i < together {
            addStep(&sums, rows, step &+ i, right + i &* bStep, bStep, isHalf: isHalf, isNarrow: isNarrow)
            i &+= 1
        }
        right += together &* bStep
        p &+= together
    }
    return sums
}

/// The products of one step.
@inline(__always)
private func addStep(
    _ sums: inout TileSums, _ a: Rows, _ step: Int, _ b: Source, _ bStep: Int, isHalf: Bool, isNarrow: Bool
) {
    let first = sluice_load(b)
    sluice_prefetch_read(b + 8 &* bStep)
    #if SLUICE_V4
    let second = isNarrow ? first : sluice_load(b + 16)
    if !isNarrow { sluice_prefetch_read(b + (8 &* bStep &+ 16)) }
    var factor = Lanes(repeating: a.0[step])
    sums[0] = sums[0].addingProduct(factor, first)
    if !isNarrow { sums[1] = sums[1].addingProduct(factor, second) }
    factor = Lanes(repeating: a.1[step])
    sums[2] = sums[2].addingProduct(factor, first)
    if !isNarrow { sums[3] = sums[3].addingProduct(factor, second) }
    factor = Lanes(repeating: a.2[step])
    sums[4] = sums[4].addingProduct(factor, first)
    if !isNarrow { sums[5] = sums[5].addingProduct(factor, second) }
    factor = Lanes(repeating: a.3[step])
    sums[6] = sums[6].addingProduct(factor, first)
    if !isNarrow { sums[7] = sums[7].addingProduct(factor, second) }
    if isHalf { return }
    factor = Lanes(repeating: a.4[step])
    sums[8] = sums[8].addingProduct(factor, first)
    if !isNarrow { sums[9] = sums[9].addingProduct(factor, second) }
    factor = Lanes(repeating: a.5[step])
    sums[10] = sums[10].addingProduct(factor, first)
    if !isNarrow { sums[11] = sums[11].addingProduct(factor, second) }
    factor = Lanes(repeating: a.6[step])
    sums[12] = sums[12].addingProduct(factor, first)
    if !isNarrow { sums[13] = sums[13].addingProduct(factor, second) }
    factor = Lanes(repeating: a.7[step])
    sums[14] = sums[14].addingProduct(factor, first)
    if !isNarrow { sums[15] = sums[15].addingProduct(factor, second) }
    #else
    sums[0] = sums[0].addingProduct(Lanes(repeating: a.0[step]), first)
    sums[1] = sums[1].addingProduct(Lanes(repeating: a.1[step]), first)
    sums[2] = sums[2].addingProduct(Lanes(repeating: a.2[step]), first)
    if isHalf { return }
    sums[3] = sums[3].addingProduct(Lanes(repeating: a.3[step]), first)
    sums[4] = sums[4].addingProduct(Lanes(repeating: a.4[step]), first)
    sums[5] = sums[5].addingProduct(Lanes(repeating: a.5[step]), first)
    #endif
}

/// One tile of at most `lowTileRows` rows and `tileColumns` columns, or over a multiple of four steps of
/// `broadTileRows` rows and `broadTileColumns` columns.
///
/// - Parameters:
///   - isInFours: Whether each four steps lie together; rows of b are then as far apart as a tile has
///     columns, and nothing is asked for ahead.
///   - ahead: What a tile of more than `halfTileRows` rows, or a broad one, asks for with its first step, into
///     the second level of the cache; with each step `aheadStep` further.
@inline(__always)
func windowTile(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending, isInFours: Bool = false, ahead: Source? = nil, aheadStep: Int = 0
) {
    #if SLUICE_V4
    if ending.width > tileColumns {
        if isInFours { return broadWindowTile(a, places, steps, b, depth, ending) }
        // Told nothing else it asks for B, which costs as little as not to ask.
        let asks = ahead.map { (from: $0, step: aheadStep) } ?? (from: b + 8 &* bStep, step: bStep)
        return broadWindowTileAsking(a, places, steps, b, bStep, depth, ending, asks)
    }
    #endif
    let isNarrow = tileVectors > 1 && ending.width <= 16
    if isInFours, ending.height > halfTileRows, !isNarrow {
        return wideInFours(a, places, steps, b, depth, ending)
    }
    if let ahead, ending.height > halfTileRows, !isNarrow {
        return wideAsking(a, places, steps, b, bStep, depth, ending, ahead, aheadStep)
    }
    switch (ending.height <= halfTileRows, isNarrow) {
    case (false, false): wide(a, places, steps, b, bStep, depth, ending)
    case (false, true): narrow(a, places, steps, b, bStep, depth, ending)
    case (true, false): halfWide(a, places, steps, b, bStep, depth, ending)
    case (true, true): halfNarrow(a, places, steps, b, bStep, depth, ending)
    }
}

@inline(never)
private func wide(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    store(
        windowSums(a, places, steps, b, bStep, depth, isHalf: false, isNarrow: false), lowTileRows,
        tileVectors, ending)
}

@inline(never)
private func wideInFours(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ depth: Int,
    _ ending: Ending
) {
    store(
        windowSums(
            a, places, steps, b, tileColumns, depth, isHalf: false, isNarrow: false, isInFours: true),
        lowTileRows, tileVectors, ending)
}

@inline(never)
private func narrow(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    store(
        windowSums(a, places, steps, b, bStep, depth, isHalf: false, isNarrow: true), lowTileRows,
        tileVectors, ending)
}

@inline(never)
private func halfWide(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    store(
        windowSums(a, places, steps, b, bStep, depth, isHalf: true, isNarrow: false), lowTileRows,
        tileVectors, ending)
}

@inline(never)
private func halfNarrow(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    store(
        windowSums(a, places, steps, b, bStep, depth, isHalf: true, isNarrow: true), lowTileRows, tileVectors,
        ending)
}

@inline(never)
private func wideAsking(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending, _ ahead: Source, _ aheadStep: Int
) {
    store(
        windowSums(
            a, places, steps, b, bStep, depth, isHalf: false, isNarrow: false, ahead: ahead,
            aheadStep: aheadStep), lowTileRows, tileVectors, ending)
}
