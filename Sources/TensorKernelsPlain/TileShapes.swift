import CTensorKernels

// The sizes of tiles, which nothing in a result depends on, and the sums of one.

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
