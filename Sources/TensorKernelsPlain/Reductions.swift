import CTensorKernels

// A function of the table is never one that is always inlined: its body would
// stand in the thunk that C calls, which is compiled without the level's flags,
// with every word of lanes.h a call.

@inline(never)
func sumOf(_ x: Source, _ count: Int) -> Float { sumOfRow(x, count) }

@inline(never)
func dotOf(_ x: Source, _ y: Source, _ count: Int) -> Float { dotOfRow(x, y, count) }

/// In the order of `RowSum`.
@inline(__always)
func sumOfRow(_ x: Source, _ count: Int) -> Float {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    var sum = noSum()
    var i = 0
    while i < blocks {
        sum.a = sum.a + load(x + i)
        sum.b = sum.b + load(x + i + 16)
        sum.c = sum.c + load(x + i + 32)
        sum.d = sum.d + load(x + i + 48)
        i &+= 64
    }
    while i < end {
        sum.a = sum.a + load(x + i)
        i &+= 16
    }
    if i < count { sum.a = sum.a + sluice_load_first(x + i, count - i, 0) }
    return total(sum)
}

/// In the order of `RowSum`.
@inline(__always)
func dotOfRow(_ x: Source, _ y: Source, _ count: Int) -> Float {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    var sum = noSum()
    var i = 0
    while i < blocks {
        sum.a = sum.a.addingProduct(load(x + i), load(y + i))
        sum.b = sum.b.addingProduct(load(x + i + 16), load(y + i + 16))
        sum.c = sum.c.addingProduct(load(x + i + 32), load(y + i + 32))
        sum.d = sum.d.addingProduct(load(x + i + 48), load(y + i + 48))
        i &+= 64
    }
    while i < end {
        sum.a = sum.a.addingProduct(load(x + i), load(y + i))
        i &+= 16
    }
    if i < count {
        sum.a = sum.a.addingProduct(
            sluice_load_first(x + i, count - i, 0), sluice_load_first(y + i, count - i, 0))
    }
    return total(sum)
}

/// The sums of columns: rows folded left to right from zero within a leaf of
/// `segment` rows, leaves folded left to right (docs: numerics, rule 8).
func columnSums(_ y: Target, _ x: Source, _ rows: Int, _ columns: Int, _ segment: Int) {
    let blocks = wholeBlocks(columns)
    var column = 0
    while column < blocks {
        var sums = noSum()
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var leaf = noSum()
            while row < end {
                let from = x + row * columns + column
                leaf.a = leaf.a + load(from)
                leaf.b = leaf.b + load(from + 16)
                leaf.c = leaf.c + load(from + 32)
                leaf.d = leaf.d + load(from + 48)
                row &+= 1
            }
            sums.a = isFirst ? leaf.a : sums.a + leaf.a
            sums.b = isFirst ? leaf.b : sums.b + leaf.b
            sums.c = isFirst ? leaf.c : sums.c + leaf.c
            sums.d = isFirst ? leaf.d : sums.d + leaf.d
        }
        store(sums.a, y + column)
        store(sums.b, y + column + 16)
        store(sums.c, y + column + 32)
        store(sums.d, y + column + 48)
        column &+= 64
    }
    while column < columns {
        let width = columns - column
        var sums = all(0)
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var leaf = all(0)
            while row < end {
                leaf = leaf + loadUpTo16(x + row * columns + column, width)
                row &+= 1
            }
            sums = isFirst ? leaf : sums + leaf
        }
        storeUpTo16(sums, y + column, width)
        column &+= 16
    }
}

/// Behind the last row of the leaf that begins at `row`.
@inline(__always)
func leafEnd(_ row: Int, _ segment: Int, _ rows: Int) -> Int {
    segment <= 0 || segment >= rows - row ? rows : row + segment
}

@inline(__always)
func loadUpTo16(_ p: Source, _ count: Int) -> Lanes {
    count >= 16 ? load(p) : sluice_load_first(p, count, 0)
}

@inline(__always)
func storeUpTo16(_ lanes: Lanes, _ p: Target, _ count: Int) {
    if count >= 16 { store(lanes, p) } else { sluice_store_first(lanes, p, count) }
}
