import CTensorKernels

// The product after BLIS (Van Zee, van de Geijn: "BLIS: a framework for rapidly
// instantiating BLAS functionality", TOMS 41, 2015): a block of B is packed into
// panels of NR columns and of A, panel by panel, MR rows are copied, filled up at the
// edges, so one micro kernel serves every layout and shape (MatrixTile.swift). Where
// nothing is read often enough to be worth the copy, it reads A and B where
// they lie. Only the depth of a block enters the result (docs: numerics, rule 6);
// MR, NR, NC and packing are free.

/// KC: how long a chain of fused multiply-adds may be.
let blockDepth = 256
/// NC: a packed block of B, 1 MB, lies in the second-level cache where that is large.
let blockColumns = 1024

/// Floats of a copied panel of A, of whichever kind.
private let panelFloats = tileRows * copiedRow

/// Floats of workspace: a packed block of B and two panels of A.
let productWorkspace = blockDepth * blockColumns + 2 * panelFloats

func matrixProducts(
    _ product: UnsafePointer<SluiceProduct>, _ count: Int, _ aStep: Int, _ bStep: Int, _ cStep: Int
) {
    var it = product.pointee
    if it.m <= 0 || it.n <= 0 { return }
    let block = it.block > 0 && it.block < blockDepth ? it.block : blockDepth
    // A copy pays when what is copied is read several times over: later where its rows are short.
    let packsA = it.n > (it.k <= 64 ? 8 : 4) * tileColumns
    let depth = it.k < block ? it.k : block
    let readsB = it.bColumn == 1 && it.n % 16 == 0 && (it.m <= 128 || depth * it.n <= 32768)
    var done = 0
    while done < count {
        if it.k <= 0 {
            finishEmpty(&it)
        } else if it.m == 1, it.bColumn == 1 {
            rowProduct(&it, block)
        } else if readsB, !packsA, it.k <= block {
            smallProduct(&it, isOfMany: count > 1 && bStep != 0)
        } else {
            blockedProduct(&it, block, packsA: packsA, readsB: readsB)
        }
        it.a += aStep
        it.b += bStep
        it.c += cStep
        done += 1
    }
}

/// A small one: read where it lies, in one block. Broad tiles read B twice as often as others, so a panel of
/// it has to lie in the first-level cache, of at most 128 steps. The others ask for B where each of many has
/// its own, and for A of a single one, whose B is near after its first row of tiles.
@inline(never)
private func smallProduct(_ product: UnsafePointer<SluiceProduct>, isOfMany: Bool) {
    let it = product.pointee
    let isStreamed = streamsResult(it)
    let reading = isOfMany ? inPlace : inPlaceNearB
    let isStrided = it.aRow != 1 && it.aColumn != 1
    let broad = it.k <= 128 && !isStrided ? broadColumns(it.n, stepsTogether: it.k) : 0
    let askingTiles = (it.n &- broad &+ tileColumns &- 1) / tileColumns
    var i = 0
    while i < it.m {
        let rows = heightOfTile(it.m &- i, it.n)
        let height = it.m &- i < rows ? it.m &- i : rows
        var a = it.a + i &* it.aRow
        var (aRow, aStep) = (it.aRow, it.aColumn)
        if height < rows {
            packAny(it.workspace, a, height, it.k, rows, aRow, aStep)
            (a, aRow, aStep) = (UnsafePointer(it.workspace), 1, rows)
        }
        var below = isOfMany || askingTiles == 0 ? nil : rowsBelow(it, i &+ rows, rows, askingTiles)
        var j = 0
        while j < it.n {
            let most = tileWidth(j, broad)
            let width = it.n &- j < most ? it.n &- j : most
            let c = it.c + (i &* it.cRow &+ j)
            let ending: Ending = (
                c: c, stride: it.cRow, height: height, width: width,
                onto: it.accumulates != 0 ? Source(c) : nil, bias: it.bias.map { $0 + j },
                isRectified: it.activation == 1, isStreamed: isStreamed
            )
            let isTurned = aRow == 1
            makeTile(
                rows, isTurned ? turned : reading, a, aRow, aStep, it.b + j, it.bRow, it.k, ending,
                asks: isTurned ? nil : below?.asks)
            if let next = below?.next, j >= broad { below?.asks.from += next }
            j &+= most
        }
        i &+= rows
    }
    if isStreamed { sluice_stream_end() }
}

/// Whether c goes past the caches, when it is written only once: from 16 MB on, for
/// while products are made there is time to read what will be overwritten.
@inline(__always)
private func streamsResult(_ it: SluiceProduct) -> Bool {
    it.m * it.n >= 1 << 22 && it.accumulates == 0 && it.cRow & 15 == 0 && streams(it.c, it.a, it.m * it.n)
}

/// Block by block of B, and panel by panel of A: a panel of A (12 KB at most), beside the one that
/// is being copied, stays in the first-level cache while all panels of the block of B
/// pass, which come from the second (decision 0011).
///
/// Copies are made in passing, for what a copy takes is waiting for memory, and a tile has
/// something to do meanwhile: of B by the first row of tiles, of A's next panel part by part
/// after each tile of this one.
@inline(never)
private func blockedProduct(
    _ product: UnsafePointer<SluiceProduct>, _ block: Int, packsA: Bool, readsB: Bool
) {
    let it = product.pointee
    let packedB = it.workspace
    let isStreamed = it.k <= block && streamsResult(it)
    let copiesB = !readsB && it.bColumn == 1 && it.m >= tileRows && heightOfTile(it.m, it.n) == tileRows
    var columnStart = 0
    while columnStart < it.n {
        let columns = it.n - columnStart < blockColumns ? it.n - columnStart : blockColumns
        let tiles = (columns + tileColumns - 1) / tileColumns
        var p = 0
        while p < it.k {
            let depth = it.k - p < block ? it.k - p : block
            let isLast = p + depth == it.k
            let b = it.b + p * it.bRow + columnStart * it.bColumn
            if !readsB {
                let first = copiesB ? columns / tileColumns * tileColumns : 0
                pack(
                    packedB + first * depth, b + first * it.bColumn, columns - first, depth, tileColumns,
                    it.bColumn, it.bRow)
            }
            let asksBeside = readsB && p == 0
            var next = comingBlock(it, p, depth, tiles, firstRowAsks: !copiesB && !asksBeside)
            var panel = it.workspace + blockDepth * blockColumns
            var nextPanel = panel + panelFloats
            var isCopied = false
            var i = 0
            while i < it.m {
                let rows = heightOfTile(it.m - i, it.n)
                let height = it.m - i < rows ? it.m - i : rows
                var a = it.a + i * it.aRow + p * it.aColumn
                var (aRow, aStep, reading) = (it.aRow, it.aColumn, it.aRow == 1 ? turned : inPlace)
                var coming = noPanel(a, nextPanel)
                if packsA || height < rows {
                    if it.aColumn != 1 {
                        pack(panel, a, height, depth, rows, it.aRow, it.aColumn)
                        (a, aRow, aStep, reading) = (Source(panel), 1, rows, turned)
                    } else {
                        if !isCopied { copyPanel(panel, a, height, rows, depth, it.aRow) }
                        let nextRows = heightOfTile(it.m - i - rows, it.n)
                        isCopied = depth >= 64 && depth & 15 == 0 && i + rows + nextRows <= it.m
                        if isCopied {
                            coming = comingPanel(
                                a + rows * it.aRow, it.aRow, nextPanel, nextRows, depth, tiles)
                        }
                        (a, aRow, aStep, reading) = (Source(panel), copiedRow, 1, copied)
                        (panel, nextPanel) = (nextPanel, panel)
                    }
                }
                var j = 0
                while j < columns {
                    let width = columns &- j < tileColumns ? columns &- j : tileColumns
                    let c = it.c + (i &* it.cRow &+ columnStart &+ j)
                    let ending: Ending = (
                        c: c, stride: it.cRow, height: height, width: width,
                        onto: p > 0 || it.accumulates != 0 ? Source(c) : nil,
                        bias: isLast ? it.bias.map { $0 + (columnStart &+ j) } : nil,
                        isRectified: isLast && it.activation == 1, isStreamed: isStreamed
                    )
                    if depth >= 64 { prefetch(ending) }
                    copyPart(&coming)
                    if copiesB, i == 0, width == tileColumns {
                        makeTileCopying(a, aRow, aStep, b + j, it.bRow, depth, packedB + j &* depth, ending)
                    } else {
                        let right = readsB ? b + j : Source(packedB) + j &* depth
                        let bStep = readsB ? it.bRow : tileColumns
                        var asks: Asks?
                        if reading == turned {
                            asks =
                                asksBeside && i == 0
                                ? (from: right + tileColumns, step: bStep) : nextShare(&next)
                        }
                        makeTile(rows, reading, a, aRow, aStep, right, bStep, depth, ending, asks: asks)
                    }
                    j &+= tileColumns
                }
                i += rows
            }
            p += block
        }
        columnStart += blockColumns
    }
    if isStreamed { sluice_stream_end() }
}

/// Nothing to add up: the fold is zero, and what follows it still happens.
@inline(never)
private func finishEmpty(_ product: UnsafePointer<SluiceProduct>) {
    let it = product.pointee
    var i = 0
    while i < it.m {
        var j = 0
        while j < it.n {
            var value = it.accumulates != 0 ? it.c[i * it.cRow + j] : 0
            if let bias = it.bias { value = value + bias[j] }
            if it.activation == 1, value < 0 { value = 0 }
            it.c[i * it.cRow + j] = value
            j += 1
        }
        i += 1
    }
}
