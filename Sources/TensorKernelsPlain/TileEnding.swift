import CTensorKernels

// What becomes of the sums of a tile, of whatever shape.

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
