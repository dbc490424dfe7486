import CTensorKernels

// The micro kernel of a product: one tile of C from a panel of A and a panel of B
// (MatrixProduct.swift), kept in registers from its first product to its last.

#if SLUICE_V4
/// 12x32: twenty-four zmm accumulators of thirty-two registers, so that two vectors of B
/// and twelve factors of A are loaded for twenty-four products.
let tileRows = 12
/// 8x32, of which every multiple of four from eight on is made, together with the twelve.
let lowTileRows = 8
let tileVectors = 2
#else
/// 6x16: twelve ymm accumulators, the most sixteen registers hold.
let tileRows = 6
let lowTileRows = 6
let tileVectors = 1
#endif
let tileColumns = 16 * tileVectors

#if SLUICE_V4
/// 6x64 (BroadTile.swift): half of a product's tile of twelve rows; of one of eight rows 4x64.
let broadTileRows = 6
let lowBroadTileRows = 4
let broadTileVectors = 4
#else
/// There are none.
let broadTileRows = lowTileRows
let broadTileVectors = tileVectors
#endif
let broadTileColumns = 16 * broadTileVectors

/// How many of the first columns are made in broad tiles: none unless a multiple of four steps lie together.
@inline(__always)
func broadColumns(_ columns: Int, stepsTogether: Int) -> Int {
    broadTileVectors > tileVectors && stepsTogether & 3 == 0
        ? columns / broadTileColumns &* broadTileColumns : 0
}

/// How wide the tile at a column is, of columns of which the first `broad` are made in broad tiles.
@inline(__always)
func tileWidth(_ column: Int, _ broad: Int) -> Int { column < broad ? broadTileColumns : tileColumns }

/// How high the next tile is, of `rest` rows of a product of so many columns: such that as few rows as can
/// be are made in vain at the end.
@inline(__always)
func heightOfTile(_ rest: Int, _ columns: Int) -> Int {
    #if SLUICE_V4
    if columns <= 16, rest >= narrowTileRows { return narrowTileRows }
    #endif
    return rest <= lowTileRows || (rest > tileRows && rest <= 2 &* lowTileRows) ? lowTileRows : tileRows
}

/// What becomes of a tile at the end of a block: where it goes, what it is added
/// to, and what is done to a whole fold.
///
/// Rows of `onto`, nil when there is nothing to add to, are as far apart as those of c. `bias` is
/// that of the tile's first column; nil unless the fold is whole. What is streamed goes past the
/// caches: only when each row of a tile begins a line of the cache. (A tuple, for a
/// structure leaves symbols that another target could have too.)
typealias Ending = (
    c: Target, stride: Int, height: Int, width: Int, onto: Source?, bias: Source?, isRectified: Bool,
    isStreamed: Bool
)

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

#if SLUICE_V4
typealias TileSums = InlineArray<24, Lanes>
#else
typealias TileSums = InlineArray<6, Lanes>
#endif

/// Written out, for the initialiser that repeats an element may be left as a weak symbol.
@inline(__always)
func noSums() -> TileSums {
    let zero = Lanes(repeating: 0)
    #if SLUICE_V4
    return [
        zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
        zero, zero, zero, zero, zero, zero, zero, zero,
    ]
    #else
    return [zero, zero, zero, zero, zero, zero]
    #endif
}

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

/// Calls `body` with each vector of the first `count` sums of a tile, its row and its number in a row of
/// `vectors`. Written out: an index that is not a constant puts all of them into memory.
@inline(__always)
private func forEachVector(
    _ sums: borrowing TileSums, _ count: Int, _ vectors: Int, _ body: (Int, Int, Lanes) -> Void
) {
    body(0 / vectors, 0 % vectors, sums[0])
    body(1 / vectors, 1 % vectors, sums[1])
    body(2 / vectors, 2 % vectors, sums[2])
    body(3 / vectors, 3 % vectors, sums[3])
    body(4 / vectors, 4 % vectors, sums[4])
    body(5 / vectors, 5 % vectors, sums[5])
    #if SLUICE_V4
    body(6 / vectors, 6 % vectors, sums[6])
    body(7 / vectors, 7 % vectors, sums[7])
    if count == 8 { return }
    body(8 / vectors, 8 % vectors, sums[8])
    body(9 / vectors, 9 % vectors, sums[9])
    body(10 / vectors, 10 % vectors, sums[10])
    body(11 / vectors, 11 % vectors, sums[11])
    if count == 12 { return }
    body(12 / vectors, 12 % vectors, sums[12])
    body(13 / vectors, 13 % vectors, sums[13])
    body(14 / vectors, 14 % vectors, sums[14])
    body(15 / vectors, 15 % vectors, sums[15])
    if count == 16 { return }
    body(16 / vectors, 16 % vectors, sums[16])
    body(17 / vectors, 17 % vectors, sums[17])
    body(18 / vectors, 18 % vectors, sums[18])
    body(19 / vectors, 19 % vectors, sums[19])
    body(20 / vectors, 20 % vectors, sums[20])
    body(21 / vectors, 21 % vectors, sums[21])
    body(22 / vectors, 22 % vectors, sums[22])
    body(23 / vectors, 23 % vectors, sums[23])
    #endif
}

/// Asks for the lines of a tile while its sums are still being made.
@inline(__always)
func prefetch(_ ending: Ending) {
    if ending.isStreamed, ending.onto == nil { return }
    let start = ending.isStreamed ? ending.onto.unsafelyUnwrapped : Source(ending.c)
    var row = 0
    while row < ending.height {
        let line = start + (row &* ending.stride)
        sluice_prefetch_write(line)
        if tileVectors > 1 { sluice_prefetch_write(line + 16) }
        if ending.width > tileColumns {
            sluice_prefetch_write(line + 32)
            sluice_prefetch_write(line + 48)
        }
        row &+= 1
    }
}

/// Puts a tile of `rows` rows of `vectors` vectors where it belongs.
@inline(__always)
func store(_ sums: borrowing TileSums, _ rows: Int, _ vectors: Int, _ ending: Ending) {
    let count = rows &* vectors
    if ending.height == rows, ending.width == 16 &* vectors {
        let isPlain = ending.bias == nil && !ending.isRectified
        if isPlain, ending.onto == nil {
            forEachVector(sums, count, vectors) { row, vector, lanes in
                put(lanes, ending.c + (row &* ending.stride &+ 16 &* vector), ending.isStreamed)
            }
        } else if isPlain, !ending.isStreamed, let onto = ending.onto {
            // Most tiles of a long product: asked once, for two dozen questions take time.
            forEachVector(sums, count, vectors) { row, vector, lanes in
                let place = row &* ending.stride &+ 16 &* vector
                store(load(onto + place) + lanes, ending.c + place)
            }
        } else {
            forEachVector(sums, count, vectors) { row, vector, lanes in
                let place = row &* ending.stride &+ 16 &* vector
                put(
                    finished(
                        lanes, ending, onto: { load($0 + place) }, bias: { load($0 + 16 &* vector) }),
                    ending.c + place, ending.isStreamed)
            }
        }
        return
    }
    // At an edge the rows and columns beyond it are not there.
    forEachVector(sums, count, vectors) { row, vector, lanes in
        let width = ending.width &- 16 &* vector
        guard row < ending.height, width > 0 else { return }
        let place = row &* ending.stride &+ 16 &* vector
        storePart(
            finished(
                lanes, ending, onto: { loadPart($0 + place, width) },
                bias: { loadPart($0 + 16 &* vector, width) }), ending.c + place, width)
    }
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
    #endif
    #if SLUICE_V4
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

/// The first `count` lanes, or all; those behind are neither read nor written.
@inline(__always)
func loadPart(_ place: UnsafePointer<Float>, _ count: Int) -> Lanes {
    count >= 16 ? sluice_load(place) : sluice_load_first(place, count, 0)
}

@inline(__always)
func storePart(_ lanes: Lanes, _ place: UnsafeMutablePointer<Float>, _ count: Int) {
    if count >= 16 { sluice_store(lanes, place) } else { sluice_store_first(lanes, place, count) }
}

/// What a whole fold, or a part of it, becomes in memory.
@inline(__always)
func finished(
    _ lanes: Lanes, _ ending: Ending, onto: (Source) -> Lanes, bias: (Source) -> Lanes
) -> Lanes {
    let zero = Lanes(repeating: 0)
    var lanes = lanes
    if let before = ending.onto { lanes = onto(before) + lanes }
    if let first = ending.bias { lanes = lanes + bias(first) }
    if ending.isRectified { lanes = lanes.replacing(with: zero, where: lanes .< zero) }
    return lanes
}
