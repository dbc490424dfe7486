import CTensorKernels

#if SLUICE_V4

// A tile of four vectors a row. A step of 6x64 reads six factors and four vectors for twenty-four
// products, one of 12x32 twelve and two: these are the fewest reads, of which a core that is shared with
// a neighbour has too few (decision 0011). Its rows lie anywhere, beside each other, or where two tables
// say, as those of a convolution (WindowTile.swift).

/// Where each row of a tile begins.
private typealias BroadRows = (Source, Source, Source, Source, Source, Source)

/// Those that lie `step` apart.
@inline(__always)
private func rowsApart(_ a: Source, _ step: Int) -> BroadRows {
    (a, a + step, a + 2 &* step, a + 3 &* step, a + 4 &* step, a + 5 &* step)
}

@inline(__always)
private func rowsAt(_ a: Source, _ places: UnsafePointer<Int>) -> BroadRows {
    (a + places[0], a + places[1], a + places[2], a + places[3], a + places[4], a + places[5])
}

/// The products of one step.
@inline(__always)
private func addBroadStep(_ sums: inout TileSums, _ a: BroadRows, _ step: Int, _ b: Source, rows: Int) {
    let right = (sluice_load(b), sluice_load(b + 16), sluice_load(b + 32), sluice_load(b + 48))
    addRow(&sums, 0, Lanes(repeating: a.0[step]), right)
    addRow(&sums, 1, Lanes(repeating: a.1[step]), right)
    addRow(&sums, 2, Lanes(repeating: a.2[step]), right)
    addRow(&sums, 3, Lanes(repeating: a.3[step]), right)
    if rows == lowBroadTileRows { return }
    addRow(&sums, 4, Lanes(repeating: a.4[step]), right)
    addRow(&sums, 5, Lanes(repeating: a.5[step]), right)
}

@inline(__always)
private func addRow(
    _ sums: inout TileSums, _ row: Int, _ factor: Lanes, _ right: (Lanes, Lanes, Lanes, Lanes)
) {
    sums[4 &* row] = sums[4 &* row].addingProduct(factor, right.0)
    sums[4 &* row &+ 1] = sums[4 &* row &+ 1].addingProduct(factor, right.1)
    sums[4 &* row &+ 2] = sums[4 &* row &+ 2].addingProduct(factor, right.2)
    sums[4 &* row &+ 3] = sums[4 &* row &+ 3].addingProduct(factor, right.3)
}

/// Fma chains from zero over `depth` steps, a multiple of four: with so many written out the compiler keeps
/// all sums in registers.
///
/// - Parameter place: Where step `i` of four lies, of which the first is step `p`.
@inline(__always)
private func sumsInFours(
    _ a: BroadRows, _ b: Source, _ bStep: Int, _ depth: Int, rows: Int, asks: Asks? = nil,
    at place: (_ p: Int, _ i: Int) -> Int
) -> TileSums {
    var sums = noSums()
    var right = b
    var asked = asks?.from ?? b
    let askStep = asks?.step ?? 0
    var p = 0
    while p < depth {
        if asks != nil {
            sluice_prefetch_later(asked)
            sluice_prefetch_later(asked + askStep)
            sluice_prefetch_later(asked + 2 &* askStep)
            sluice_prefetch_later(asked + 3 &* askStep)
            asked += 4 &* askStep
        }
        addBroadStep(&sums, a, place(p, 0), right, rows: rows)
        right += bStep
        addBroadStep(&sums, a, place(p, 1), right, rows: rows)
        right += bStep
        addBroadStep(&sums, a, place(p, 2), right, rows: rows)
        right += bStep
        addBroadStep(&sums, a, place(p, 3), right, rows: rows)
        right += bStep
        p &+= 4
    }
    return sums
}

@inline(__always)
private func sumsOfTurned(
    _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, rows: Int
) -> TileSums {
    var sums = noSums()
    var left = a
    var right = b
    var p = 0
    while p < depth {
        sluice_prefetch_read(left + 16 &* aStep)
        addBroadStep(&sums, rowsApart(left, 1), 0, right, rows: rows)
        left += aStep
        right += bStep
        p &+= 1
    }
    return sums
}

/// Both halves, of six rows or of four, of a product's tile of twelve rows or of eight and
/// `broadTileColumns` columns, over a multiple of four steps. Where rows are not beside each other, steps are.
@inline(__always)
func makeBroadTile(
    _ rows: Int, _ reading: Reading, _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    let half = rows / 2
    var upper = ending
    upper.height = ending.height < half ? ending.height : half
    makeHalf(half, reading, a, aRow, aStep, b, bStep, depth, upper)
    if ending.height <= half { return }
    var lower = ending
    lower.height = ending.height &- half
    lower.c = ending.c + half &* ending.stride
    lower.onto = ending.onto.map { $0 + half &* ending.stride }
    makeHalf(half, reading, a + half &* aRow, aRow, aStep, b, bStep, depth, lower)
}

@inline(__always)
private func makeHalf(
    _ rows: Int, _ reading: Reading, _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) {
    switch (reading == turned, rows == broadTileRows) {
    case (true, true): broadTileOfTurned(a, aStep, b, bStep, depth, ending)
    case (true, false): lowBroadTileOfTurned(a, aStep, b, bStep, depth, ending)
    case (false, true): broadTile(a, aRow, b, bStep, depth, ending)
    case (false, false): lowBroadTile(a, aRow, b, bStep, depth, ending)
    }
}

// The loops there are, each a function of its own (MatrixTile.swift).

@inline(never)
private func broadTile(
    _ a: Source, _ aRow: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = sumsInFours(rowsApart(a, aRow), b, bStep, depth, rows: broadTileRows) { $0 &+ $1 }
    store(sums, broadTileRows, broadTileVectors, ending)
}

@inline(never)
private func lowBroadTile(
    _ a: Source, _ aRow: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = sumsInFours(rowsApart(a, aRow), b, bStep, depth, rows: lowBroadTileRows) { $0 &+ $1 }
    store(sums, lowBroadTileRows, broadTileVectors, ending)
}

@inline(never)
private func broadTileOfTurned(
    _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = sumsOfTurned(a, aStep, b, bStep, depth, rows: broadTileRows)
    store(sums, broadTileRows, broadTileVectors, ending)
}

@inline(never)
private func lowBroadTileOfTurned(
    _ a: Source, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) {
    let sums = sumsOfTurned(a, aStep, b, bStep, depth, rows: lowBroadTileRows)
    store(sums, lowBroadTileRows, broadTileVectors, ending)
}

/// A tile of at most `broadTileRows` rows of a convolution, steps of which lie together in fours.
@inline(never)
func broadWindowTile(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ depth: Int,
    _ ending: Ending
) {
    let sums = sumsInFours(rowsAt(a, places), b, broadTileColumns, depth, rows: broadTileRows) {
        steps[$0] &+ $1
    }
    store(sums, broadTileRows, broadTileVectors, ending)
}

/// The same of steps that lie anywhere; it asks for a line with each, into the second level of the cache.
@inline(never)
func broadWindowTileAsking(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ ending: Ending, _ asks: Asks
) {
    let sums = sumsInFours(rowsAt(a, places), b, bStep, depth, rows: broadTileRows, asks: asks) {
        steps[$0 &+ $1]
    }
    store(sums, broadTileRows, broadTileVectors, ending)
}

#endif
