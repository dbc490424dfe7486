import CTensorKernels

#if SLUICE_V4

// The tile of a product of at most sixteen columns, or of its last ones: each row is one sum, so there
// can be sixteen. Its rows lie anywhere, or beside each other.

/// Of a product without other columns, unless fewer rows are left.
let narrowTileRows = 16

/// Fma chains from zero over `depth` steps, as those of a whole tile; eight rows, twelve or sixteen.
@inline(__always)
private func narrowSums(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ rows: Int
) -> TileSums {
    var sums = noSums()
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
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, narrowTileRows), narrowTileRows, 1, ending) }

@inline(never)
private func narrowTileOfTwelve(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, tileRows), tileRows, 1, ending) }

@inline(never)
private func narrowTileOfEight(
    _ a: Source, _ aRow: Int, _ aStep: Int, _ b: Source, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(narrowSums(a, aRow, aStep, b, bStep, depth, lowTileRows), lowTileRows, 1, ending) }

#endif
