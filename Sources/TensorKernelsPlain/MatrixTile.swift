import CTensorKernels

// The micro kernel of a product: one tile of C from a panel of A and a panel of B
// (MatrixProduct.swift), kept in registers from its first product to its last.

#if SLUICE_V4
/// 8x32: sixteen zmm accumulators.
let tileRows = 8
let tileVectors = 2
#else
/// 6x16: twelve ymm accumulators, the most sixteen registers hold.
let tileRows = 6
let tileVectors = 1
#endif
let tileColumns = 16 * tileVectors

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

#if SLUICE_V4
typealias TileSums = InlineArray<16, Lanes>
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
    ]
    #else
    return [zero, zero, zero, zero, zero, zero]
    #endif
}

/// One tile over `depth` steps, an fma chain from zero for each element. Of a
/// narrow tile only the first vector of each row is made.
///
/// - Parameters:
///   - a: Element (row, p) lies at `row * aRow + p * aStep`.
///   - b: Row p lies at `p * bStep`, a vector of it or `tileColumns` floats.
@inline(__always)
private func tileSums(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ depth: Int, isNarrow: Bool
) -> TileSums {
    var sums = noSums()
    var left = a
    var right = b
    var p = 0
    while p < depth {
        let first = sluice_load(right)
        #if SLUICE_V4
        let second = isNarrow ? first : sluice_load(right + 16)
        #endif
        // Panels come from the second-level cache, so a line is asked for early; of
        // rows that are read where they lie, those of the next tile in turn.
        if aRow == 1 {
            sluice_prefetch_read(left + 16 &* aStep)
            sluice_prefetch_read(right + 8 &* bStep)
            if tileVectors > 1 { sluice_prefetch_read(right + (8 &* bStep &+ 16)) }
        } else {
            sluice_prefetch_read(left + (tileRows &+ p & 7) &* aRow)
        }
        var row = 0
        while row < tileRows {
            let factor = Lanes(repeating: left[row &* aRow])
            #if SLUICE_V4
            sums[2 &* row] = sums[2 &* row].addingProduct(factor, first)
            if !isNarrow { sums[2 &* row &+ 1] = sums[2 &* row &+ 1].addingProduct(factor, second) }
            #else
            sums[row] = sums[row].addingProduct(factor, first)
            #endif
            row &+= 1
        }
        left += aStep
        right += bStep
        p &+= 1
    }
    return sums
}

/// Calls `body` with each vector of a tile, its row and its number in the row.
/// Written out: an index that is not a constant puts all of them into memory.
@inline(__always)
private func forEachVector(_ sums: borrowing TileSums, _ body: (Int, Int, Lanes) -> Void) {
    #if SLUICE_V4
    body(0, 0, sums[0])
    body(0, 1, sums[1])
    body(1, 0, sums[2])
    body(1, 1, sums[3])
    body(2, 0, sums[4])
    body(2, 1, sums[5])
    body(3, 0, sums[6])
    body(3, 1, sums[7])
    body(4, 0, sums[8])
    body(4, 1, sums[9])
    body(5, 0, sums[10])
    body(5, 1, sums[11])
    body(6, 0, sums[12])
    body(6, 1, sums[13])
    body(7, 0, sums[14])
    body(7, 1, sums[15])
    #else
    body(0, 0, sums[0])
    body(1, 0, sums[1])
    body(2, 0, sums[2])
    body(3, 0, sums[3])
    body(4, 0, sums[4])
    body(5, 0, sums[5])
    #endif
}

/// Asks for the lines of a tile while its sums are still being made.
@inline(__always)
func prefetch(_ ending: Ending) {
    if ending.isStreamed, ending.onto == nil { return }
    let start = ending.isStreamed ? ending.onto.unsafelyUnwrapped : Source(ending.c)
    var row = 0
    while row < tileRows {
        let line = start + (row &* ending.stride)
        sluice_prefetch_write(line)
        if tileVectors > 1 { sluice_prefetch_write(line + 16) }
        row &+= 1
    }
}

/// Puts a tile where it belongs.
@inline(__always)
func store(_ sums: borrowing TileSums, _ ending: Ending) {
    if ending.height == tileRows, ending.width == tileColumns {
        if ending.onto == nil, ending.bias == nil, !ending.isRectified {
            forEachVector(sums) { row, vector, lanes in
                put(lanes, ending.c + (row &* ending.stride &+ 16 &* vector), ending.isStreamed)
            }
        } else {
            forEachVector(sums) { row, vector, lanes in
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
    forEachVector(sums) { row, vector, lanes in
        let width = ending.width &- 16 &* vector
        guard row < ending.height, width > 0 else { return }
        let place = row &* ending.stride &+ 16 &* vector
        storePart(
            finished(
                lanes, ending, onto: { loadPart($0 + place, width) },
                bias: { loadPart($0 + 16 &* vector, width) }), ending.c + place, width)
    }
}

// The four tiles there are: of A in a panel or where it lies, wide and narrow.

@inline(never)
func wideTile(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(tileSums(a, 1, tileRows, b, bStep, depth, isNarrow: false), ending) }

@inline(never)
func narrowTile(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(tileSums(a, 1, tileRows, b, bStep, depth, isNarrow: true), ending) }

@inline(never)
func wideTile(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) { store(tileSums(a, aRow, aStep, b, bStep, depth, isNarrow: false), ending) }

@inline(never)
func narrowTile(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) { store(tileSums(a, aRow, aStep, b, bStep, depth, isNarrow: true), ending) }

/// The first `count` lanes, or all; those behind are neither read nor written.
@inline(__always)
private func loadPart(_ place: UnsafePointer<Float>, _ count: Int) -> Lanes {
    count >= 16 ? sluice_load(place) : sluice_load_first(place, count, 0)
}

@inline(__always)
private func storePart(_ lanes: Lanes, _ place: UnsafeMutablePointer<Float>, _ count: Int) {
    if count >= 16 { sluice_store(lanes, place) } else { sluice_store_first(lanes, place, count) }
}

/// What a whole fold, or a part of it, becomes in memory.
@inline(__always)
private func finished(
    _ lanes: Lanes, _ ending: Ending, onto: (Source) -> Lanes, bias: (Source) -> Lanes
) -> Lanes {
    let zero = Lanes(repeating: 0)
    var lanes = lanes
    if let before = ending.onto { lanes = onto(before) + lanes }
    if let first = ending.bias { lanes = lanes + bias(first) }
    if ending.isRectified { lanes = lanes.replacing(with: zero, where: lanes .< zero) }
    return lanes
}
