import CTensorKernels

// A product over many rows, such as the gradient of a weight, reads each part of A and B in one of many
// blocks, and the processor does not fetch ahead what lies in short pieces. So tiles of a turned A ask, a
// line in each step, for what will be read next (decision 0011): where nobody can have asked for this
// block, the first row of tiles for the panel of B beside theirs; and each other tile for its share of
// the next block. Tiles of a small product that is read in place, but for broad ones, ask for the
// rows of A below theirs.

/// What a tile asks for: a line in each step, `step` floats behind the one before. (A tuple, like `Ending`.)
typealias Asks = (from: Source, step: Int)

/// The next block of a product: the floats of A's part and of both parts, how many are one tile's share,
/// how many have been asked for, and how far apart the lines of a share are.
typealias ComingBlock = (a: Source, b: Source, ofA: Int, floats: Int, share: Int, asked: Int, step: Int)

/// What comes after a block at `p` that is `depth` deep and made in `tiles` tiles a row of tiles, the
/// first row of which may ask for something else: nothing where A is not turned.
@inline(__always)
func comingBlock(
    _ it: SluiceProduct, _ p: Int, _ depth: Int, _ tiles: Int, firstRowAsks: Bool
) -> ComingBlock {
    let rest = it.k &- p &- depth
    let next = it.aRow == 1 && it.bColumn == 1 ? (rest < depth ? rest : depth) : 0
    let ofA = floatsToAsk(next, it.aColumn, it.m)
    let ofB = it.n <= blockColumns ? floatsToAsk(next, it.bRow, it.n) : 0
    let rowsOfTiles = (it.m &+ tileRows &- 1) / tileRows &- (firstRowAsks ? 0 : 1)
    let share = (ofA &+ ofB) / ((rowsOfTiles > 0 ? rowsOfTiles : 1) &* tiles) &+ 16
    return (
        a: it.a + (p &+ depth) &* it.aColumn, b: it.b + (p &+ depth) &* it.bRow, ofA: ofA,
        floats: ofA &+ ofB, share: share, asked: 0, step: share / depth &+ 1
    )
}

/// What tiles of a small product ask for, of rows `row..<row + rows` of A below theirs, and how many floats
/// further the next tile begins: each its share, or where rows lie far apart a line of each.
@inline(__always)
func rowsBelow(_ it: SluiceProduct, _ row: Int, _ rows: Int, _ tiles: Int) -> (asks: Asks, next: Int)? {
    let rest = it.m &- row
    if rest <= 0 { return nil }
    let from = it.a + row &* it.aRow
    let share = floatsToAsk(rest < rows ? rest : rows, it.aRow, it.k) / tiles
    if share == 0 { return (asks: (from: from, step: it.aRow), next: 16) }
    return (asks: (from: from, step: share / it.k &+ 1), next: share)
}

/// Floats from the first of `rows` rows to the last: none where less than half of them belong to the
/// product, for all are asked for, nor where they would fill the second-level cache, over 512 KB.
@inline(__always)
private func floatsToAsk(_ rows: Int, _ step: Int, _ width: Int) -> Int {
    step <= 2 &* width && rows &* step <= 1 << 17 ? rows &* step : 0
}

/// The next tile's share, nil when everything has been asked for. One that reaches beyond A's part goes
/// on behind it, and the first few floats of B's are not asked for.
@inline(__always)
func nextShare(_ block: inout ComingBlock) -> Asks? {
    if block.asked >= block.floats { return nil }
    let from = block.asked < block.ofA ? block.a + block.asked : block.b + (block.asked &- block.ofA)
    block.asked &+= block.share
    return (from: from, step: block.step)
}
