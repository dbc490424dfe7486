import CTensorKernels

// The micro kernel of a product: one tile of C from a panel of A and a panel of B
// (MatrixProduct.swift), kept in registers from its first product to its last. Its sizes are those of
// TileShapes.swift, what becomes of it that of TileEnding.swift.

/// How a tile reads A: its rows anywhere, copied so that they lie `copiedRow` apart, or beside each
/// other: turned, in a panel or as they come. Where rows lie anywhere, B may be near enough not to
/// be asked for. (Numbers, for an enumeration leaves weak symbols.)
typealias Reading = Int
let inPlace = 0
let copied = 1
let turned = 2
let inPlaceNearB = 3
/// Such that no two rows of a block fall on the same lines of the cache.
let copiedRow = blockDepth + 16

/// One tile over `depth` steps, an fma chain from zero for each element.
///
/// - Parameters:
///   - a: Element (row, p) lies at `row * aRow + p * aStep`.
///   - b: Row p lies at `p * bStep`, `tileColumns` floats.
///   - rows: How many there are, `tileRows` or `lowTileRows`.
///   - reading: How A lies, which decides what is asked for ahead, unless there is a copy.
///   - asks: What a tile asks for whose A is turned or in place with B near.
///   - copy: Where B is also put, as a panel, while it is read for the first time.
@inline(__always)
private func tileSums(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, rows: Int,
    reading: Reading, asks: Asks? = nil, copy: Target? = nil
) -> TileSums {
    var sums = noSums()
    // A neighbour may have the core's other thread and half of the instructions it can begin, so a step
    // takes few of them. Of copied rows most factors are read by the instructions that multiply them,
    // each by two and so twice, until reading is what takes longest. Rows anywhere are reached from
    // two places by sums of registers, for one place that goes down them is an addition for each.
    let readTwice = tileVectors > 1 && reading == copied ? rows &- 4 : 0
    let isInPlace = reading == inPlace || reading == inPlaceNearB
    let upper = isInPlace ? tileRows / 2 : rows
    var left = reading == turned ? a : sluice_again(a)
    var other = sluice_again(left + (isInPlace ? upper &* aRow : 0))
    var right = b
    var written = copy ?? Target(mutating: b)
    // Rows of B that nobody has read yet may each lie on a page of their own, in the third
    // level: at the end of a long panel those of the next are asked for.
    var ahead = b + 16 &* bStep
    var asked = asks?.from ?? a
    let askStep = asks?.step ?? 0
    var p = 0
    while p < depth {
        let first = sluice_load(right)
        #if SLUICE_V4
        let second = sluice_load(right + 16)
        #else
        let second = first
        #endif
        if copy != nil {
            sluice_prefetch_read(ahead)
            sluice_store(first, written)
            #if SLUICE_V4
            sluice_prefetch_read(ahead + 16)
            sluice_store(second, written + 16)
            #endif
            ahead = p &+ 17 == depth ? b + tileColumns : ahead + bStep
            written += tileColumns
        } else {
            // The first rows of the next tile in turn, or what the tile is told to.
            if reading == inPlace { sluice_prefetch_read(left + (rows &+ p & 7) &* aRow) }
            if reading == turned || reading == inPlaceNearB {
                sluice_prefetch_read(asked)
                asked += askStep
            }
            // B comes from the second-level cache, so a line is asked for early.
            if reading != inPlaceNearB {
                sluice_prefetch_read(right + 8 &* bStep)
                if tileVectors > 1 { sluice_prefetch_read(right + (8 &* bStep &+ 16)) }
            }
        }
        addStep(&sums, left, other, aRow, rows, readTwice: readTwice, upper: upper, first, second)
        if reading == turned {
            left += aStep
        } else {
            left = sluice_again(left + aStep)
            other = sluice_again(other + aStep)
        }
        right += bStep
        p &+= 1
    }
    return sums
}

/// The products of one step: of the first rows each factor is read twice, those from `upper` on lie behind
/// `other`.
@inline(__always)
private func addStep(
    _ sums: inout TileSums, _ left: Source, _ other: Source, _ aRow: Int, _ rows: Int, readTwice: Int,
    upper: Int, _ first: Lanes, _ second: Lanes
) {
    var row = 0
    while row < readTwice {
        addProduct(
            &sums, row, Lanes(repeating: left[row &* aRow]), Lanes(repeating: other[row &* aRow]), first,
            second)
        row &+= 1
    }
    while row < upper {
        let factor = Lanes(repeating: left[row &* aRow])
        addProduct(&sums, row, factor, factor, first, second)
        row &+= 1
    }
    while row < rows {
        let factor = Lanes(repeating: other[(row &- upper) &* aRow])
        addProduct(&sums, row, factor, factor, first, second)
        row &+= 1
    }
}

#if SLUICE_V4
/// A tile of copied rows by a panel of B over `depth` steps, a multiple of four: with four written out, which
/// is not the same to the compiler as a loop of four, all sums stay in registers.
@inline(__always)
private func sumsOfCopiedInFours(_ a: Source, _ b: Source, _ depth: Int) -> TileSums {
    var sums = noSums()
    var (left, other) = (sluice_again(a), sluice_again(a))
    var right = b
    var p = 0
    while p < depth {
        addCopiedStep(&sums, left, other, right)
        addCopiedStep(&sums, left + 1, other + 1, right + tileColumns)
        addCopiedStep(&sums, left + 2, other + 2, right + 2 &* tileColumns)
        addCopiedStep(&sums, left + 3, other + 3, right + 3 &* tileColumns)
        left = sluice_again(left + 4)
        other = sluice_again(other + 4)
        right += 4 &* tileColumns
        p &+= 4
    }
    return sums
}

@inline(__always)
private func addCopiedStep(_ sums: inout TileSums, _ left: Source, _ other: Source, _ right: Source) {
    let (first, second) = (sluice_load(right), sluice_load(right + 16))
    sluice_prefetch_read(right + 8 &* tileColumns)
    sluice_prefetch_read(right + (8 &* tileColumns &+ 16))
    addStep(
        &sums, left, other, copiedRow, tileRows, readTwice: tileRows &- 4, upper: tileRows, first, second)
}
#endif

/// Adds to both vectors of a row their products with a factor, read once or `again`.
@inline(__always)
private func addProduct(
    _ sums: inout TileSums, _ row: Int, _ factor: Lanes, _ again: Lanes, _ first: Lanes, _ second: Lanes
) {
    #if SLUICE_V4
    sums[2 &* row] = sums[2 &* row].addingProduct(factor, first)
    sums[2 &* row &+ 1] = sums[2 &* row &+ 1].addingProduct(again, second)
    #else
    sums[row] = sums[row].addingProduct(factor, first)
    #endif
}

/// Makes a tile of at most `rows` rows and puts it where it belongs. A tile of `tileColumns` columns that is
/// told nothing else asks for what comes sixteen steps later in A.
@inline(__always)
func makeTile(
    _ rows: Int, _ reading: Reading, _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending, asks: Asks? = nil
) {
    #if SLUICE_V4
    if ending.width <= 16 { return makeNarrowTile(rows, a, aRow, aStep, b, bStep, depth, ending) }
    if ending.width > tileColumns {
        return makeBroadTile(rows, reading, a, aRow, aStep, b, bStep, depth, ending)
    }
    if reading == copied, rows == tileRows, bStep == tileColumns, depth & 3 == 0 {
        return tileOfCopiedInFours(a, b, depth, ending)
    }
    #endif
    let asked = asks ?? (from: a + 16 &* aStep, step: aStep)
    switch (reading, rows == tileRows) {
    case (copied, true): tileOfCopied(a, b, bStep, depth, ending)
    case (copied, false): lowTileOfCopied(a, b, bStep, depth, ending)
    case (turned, true): tileOfTurned(a, aStep, b, bStep, depth, ending, asked)
    case (turned, false): lowTileOfTurned(a, aStep, b, bStep, depth, ending, asked)
    case (inPlaceNearB, true): tileNearB(a, aRow, aStep, b, bStep, depth, ending, asked)
    case (inPlaceNearB, false): lowTileNearB(a, aRow, aStep, b, bStep, depth, ending, asked)
    case (_, true): tileInPlace(a, aRow, aStep, b, bStep, depth, ending)
    case (_, false): lowTileInPlace(a, aRow, aStep, b, bStep, depth, ending)
    }
}

/// A whole tile of `tileRows` rows that copies the panel of B it reads, which costs little
/// while it computes.
@inline(never)
func makeTileCopying(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ copy: Target,
    _ ending: Ending
) {
    let sums = tileSums(a, aRow, aStep, b, bStep, depth, rows: tileRows, reading: inPlace, copy: copy)
    store(sums, tileRows, tileVectors, ending)
}

// The loops there are, for what is constant in one is no register of it: both heights of each way to
// read A. Each is a function of its own, since the compiler keeps sums in registers only up to the end of
// the first loop in one.

#if SLUICE_V4
@inline(never)
private func tileOfCopiedInFours(_ a: Source, _ b: Source, _ depth: Int, _ ending: Ending) {
    store(sumsOfCopiedInFours(a, b, depth), tileRows, tileVectors, ending)
}
#endif

@inline(never)
private func tileOfCopied(_ a: Source, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending) {
    let sums = tileSums(a, copiedRow, 1, b, bStep, depth, rows: tileRows, reading: copied)
    store(sums, tileRows, tileVectors, ending)
}

@inline(never)
private func lowTileOfCopied(_ a: Source, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending) {
    let sums = tileSums(a, copiedRow, 1, b, bStep, depth, rows: lowTileRows, reading: copied)
    store(sums, lowTileRows, tileVectors, ending)
}

@inline(never)
private func tileOfTurned(
    _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending, _ asks: Asks
) {
    let sums = tileSums(a, 1, aStep, b, bStep, depth, rows: tileRows, reading: turned, asks: asks)
    store(sums, tileRows, tileVectors, ending)
}

@inline(never)
private func lowTileOfTurned(
    _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending, _ asks: Asks
) {
    let sums = tileSums(a, 1, aStep, b, bStep, depth, rows: lowTileRows, reading: turned, asks: asks)
    store(sums, lowTileRows, tileVectors, ending)
}

@inline(never)
private func tileInPlace(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = tileSums(a, aRow, aStep, b, bStep, depth, rows: tileRows, reading: inPlace)
    store(sums, tileRows, tileVectors, ending)
}

@inline(never)
private func lowTileInPlace(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = tileSums(a, aRow, aStep, b, bStep, depth, rows: lowTileRows, reading: inPlace)
    store(sums, lowTileRows, tileVectors, ending)
}

@inline(never)
private func tileNearB(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending,
    _ asks: Asks
) {
    let sums = tileSums(
        a, aRow, aStep, b, bStep, depth, rows: tileRows, reading: inPlaceNearB, asks: asks)
    store(sums, tileRows, tileVectors, ending)
}

@inline(never)
private func lowTileNearB(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending,
    _ asks: Asks
) {
    let sums = tileSums(
        a, aRow, aStep, b, bStep, depth, rows: lowTileRows, reading: inPlaceNearB, asks: asks)
    store(sums, lowTileRows, tileVectors, ending)
}
