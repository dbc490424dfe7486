import CTensorKernels

#if SLUICE_V4

// The tile of a product of at most sixteen columns, or of its last ones: each row is one sum, so there
// can be sixteen. Its rows lie anywhere, or beside each other.

/// Of a product without other columns, unless fewer rows are left.
let narrowTileRows = 16

private typealias NarrowSums = InlineArray<16, Lanes>

/// Fma chains from zero over `depth` steps, as those of a whole tile; eight rows, twelve or sixteen.
@inline(__always)
private func narrowSums(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ rows: Int
) -> NarrowSums {
    let zero = Lanes(repeating: 0)
    var sums: NarrowSums = [
        zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
    ]
    // From two places, so that rows are reached by sums of few registers.
    let upper = rows / 2
    var left = sluice_again(a)
    var other = sluice_again(a + upper &* aRow)
    var right = b
    var p = 0
    while p < depth {
        let lanes = sluice_load(right)
        sluice_prefetch_read(right + 8 &* bStep)
        var row = 0
        while row < upper {
            sums[row] = sums[row].addingProduct(Lanes(repeating: left[row &* aRow]), lanes)
            row &+= 1
        }
        while row < rows {
            sums[row] = sums[row].addingProduct(Lanes(repeating: other[(row &- upper) &* aRow]), lanes)
            row &+= 1
        }
        left = sluice_again(left + aStep)
        other = sluice_again(other + aStep)
        right += bStep
        p &+= 1
    }
    return sums
}

/// Calls `body` with each row and its sum; written out as for a whole tile.
@inline(__always)
private func forEachRow(_ sums: borrowing NarrowSums, _ rows: Int, _ body: (Int, Lanes) -> Void) {
    body(0, sums[0])
    body(1, sums[1])
    body(2, sums[2])
    body(3, sums[3])
    body(4, sums[4])
    body(5, sums[5])
    body(6, sums[6])
    body(7, sums[7])
    if rows == 8 { return }
    body(8, sums[8])
    body(9, sums[9])
    body(10, sums[10])
    body(11, sums[11])
    if rows == 12 { return }
    body(12, sums[12])
    body(13, sums[13])
    body(14, sums[14])
    body(15, sums[15])
}

@inline(__always)
private func store(_ sums: borrowing NarrowSums, _ rows: Int, _ ending: Ending) {
    let isPlain = ending.onto == nil && ending.bias == nil && !ending.isRectified
    if isPlain, ending.height == rows, ending.width == 16 {
        forEachRow(sums, rows) { row, lanes in
            put(lanes, ending.c + row &* ending.stride, ending.isStreamed)
        }
        return
    }
    let width = ending.width
    forEachRow(sums, rows) { row, lanes in
        guard row < ending.height else { return }
        let place = row &* ending.stride
        storePart(
            finished(
                lanes, ending, onto: { loadPart($0 + place, width) }, bias: { loadPart($0, width) }),
            ending.c + place, width)
    }
}

/// - Parameter rows: Sixteen, or as many as a whole tile beside it has.
@inline(__always)
func makeNarrowTile(
    _ rows: Int, _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int,
    _ ending: Ending
) {
    switch rows {
    case narrowTileRows: narrowTileOfSixteen(a, aRow, aStep, b, bStep, depth, ending)
    case tileRows: narrowTileOfTwelve(a, aRow, aStep, b, bStep, depth, ending)
    default: narrowTileOfEight(a, aRow, aStep, b, bStep, depth, ending)
    }
}

@inline(never)
private func narrowTileOfSixteen(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, narrowTileRows), narrowTileRows, ending) }

@inline(never)
private func narrowTileOfTwelve(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, tileRows), tileRows, ending) }

@inline(never)
private func narrowTileOfEight(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, lowTileRows), lowTileRows, ending) }

#endif
