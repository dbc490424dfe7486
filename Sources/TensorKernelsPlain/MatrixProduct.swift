import CTensorKernels

// The product after BLIS (Van Zee, van de Geijn: "BLIS: a framework for rapidly
// instantiating BLAS functionality", TOMS 41, 2015): a block of B is packed into
// panels of NR columns and A, panel by panel, into MR rows, with zeros at the
// edges, so one micro kernel serves every layout and shape. Where nothing is read
// often enough to be worth the copy, the same micro kernel reads A and B where
// they lie. Only the depth of a block enters the result (docs: numerics, rule 6);
// MR, NR, NC and packing are free.

typealias Lanes = SIMD16<Float>

/// KC: how long a chain of fused multiply-adds may be.
let blockDepth = 256
/// NC: a packed block of B, 1 MB, lies in the second-level cache where that is large.
let blockColumns = 1024

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

/// Floats of workspace: a packed block of B and a panel of A.
let productWorkspace = blockDepth * (tileRows + blockColumns)

/// What becomes of a tile at the end of a block: where it goes, whether it is
/// added to what lies there, and what is done to a whole fold.
private struct Ending {
    var c: UnsafeMutablePointer<Float>
    var stride: Int
    var height: Int
    var width: Int
    var adds: Bool
    /// Of the tile's first column; nil unless the fold is whole.
    var bias: UnsafePointer<Float>?
    var isRectified: Bool
}

#if SLUICE_V4
private typealias Sums = InlineArray<16, Lanes>
#else
private typealias Sums = InlineArray<6, Lanes>
#endif

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
) -> Sums {
    var sums = Sums(repeating: Lanes(repeating: 0))
    // Three places to count rows from: an address holds once or twice a stride.
    var left = a
    let (third, sixth) = (3 &* aRow, 6 &* aRow)
    var right = b
    var p = 0
    while p < depth {
        let first = sluice_load(right)
        #if SLUICE_V4
        let second = isNarrow ? first : sluice_load(right + 16)
        #endif
        let (left3, left6) = (left + third, left + sixth)
        if aRow == 1 {
            // Panels come from the second-level cache; a line is asked for early.
            sluice_prefetch_read(left + 16 &* tileRows)
            sluice_prefetch_read(right + 8 &* tileColumns)
            if tileVectors > 1 { sluice_prefetch_read(right + (8 &* tileColumns &+ 16)) }
        }
        var row = 0
        while row < tileRows {
            let from = row < 3 ? left : row < 6 ? left3 : left6
            let factor = Lanes(repeating: from[(row % 3) &* aRow])
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
private func forEachVector(_ sums: borrowing Sums, _ body: (Int, Int, Lanes) -> Void) {
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
private func prefetch(_ ending: Ending) {
    var row = 0
    while row < tileRows {
        let line = ending.c + (row &* ending.stride)
        sluice_prefetch_write(line)
        if tileVectors > 1 { sluice_prefetch_write(line + 16) }
        row &+= 1
    }
}

/// Puts a tile where it belongs.
@inline(__always)
private func store(_ sums: borrowing Sums, _ ending: Ending) {
    if ending.height == tileRows, ending.width == tileColumns {
        if !ending.adds, ending.bias == nil, !ending.isRectified {
            forEachVector(sums) { row, vector, lanes in
                sluice_store(lanes, ending.c + (row &* ending.stride &+ 16 &* vector))
            }
        } else {
            forEachVector(sums) { row, vector, lanes in
                let place = ending.c + (row &* ending.stride &+ 16 &* vector)
                sluice_store(
                    finished(
                        lanes, ending, onto: sluice_load(place), bias: { sluice_load($0 + 16 &* vector) }),
                    place)
            }
        }
        return
    }
    // At an edge the rows and columns beyond it are not there.
    forEachVector(sums) { row, vector, lanes in
        let width = ending.width &- 16 &* vector
        guard row < ending.height, width > 0 else { return }
        let place = ending.c + (row &* ending.stride &+ 16 &* vector)
        storePart(
            finished(
                lanes, ending, onto: ending.adds ? loadPart(place, width) : lanes,
                bias: { loadPart($0 + 16 &* vector, width) }), place, width)
    }
}

// The four tiles there are: of A in a panel or where it lies, wide and narrow.

@inline(never)
private func wideTile(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(tileSums(a, 1, tileRows, b, bStep, depth, isNarrow: false), ending) }

@inline(never)
private func narrowTile(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ bStep: Int, _ depth: Int, _ ending: Ending
) { store(tileSums(a, 1, tileRows, b, bStep, depth, isNarrow: true), ending) }

@inline(never)
private func wideTile(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ depth: Int, _ ending: Ending
) { store(tileSums(a, aRow, aStep, b, bStep, depth, isNarrow: false), ending) }

@inline(never)
private func narrowTile(
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
    _ lanes: Lanes, _ ending: Ending, onto before: @autoclosure () -> Lanes,
    bias: (UnsafePointer<Float>) -> Lanes
) -> Lanes {
    let zero = Lanes(repeating: 0)
    var lanes = lanes
    if ending.adds { lanes = before() + lanes }
    if let first = ending.bias { lanes = lanes + bias(first) }
    if ending.isRectified { lanes = lanes.replacing(with: zero, where: lanes .< zero) }
    return lanes
}

/// Packs `count` rows (or columns) of a strided matrix into panels of `width`.
@inline(__always)
private func pack(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int, _ depth: Int,
    _ width: Int, _ step: Int, _ depthStep: Int
) {
    var out = out
    var start = 0
    while start < count {
        let here = count - start < width ? count - start : width
        if here == width, step == 1 {
            packLines(out, source + start, depth, width, depthStep)
        } else if here == width, depthStep == 1 {
            packTransposed(out, source + start * step, depth, width, step)
        } else {
            packAny(out, source + start * step, here, depth, width, step, depthStep)
        }
        out += width * depth
        start += width
    }
}

/// A panel whose lines lie together, each perhaps on a page of its own: so far
/// apart that the next ones must be asked for.
@inline(__always)
private func packLines(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ depth: Int, _ width: Int,
    _ depthStep: Int
) {
    var from = source
    var to = out
    var p = 0
    while p < depth {
        sluice_prefetch_read(from + 12 &* depthStep)
        if width > 16 { sluice_prefetch_read(from + (12 &* depthStep &+ 16)) }
        var i = 0
        while i &+ 8 <= width {
            sluice_copy8(to + i, from + i)
            i &+= 8
        }
        while i < width {
            to[i] = from[i]
            i &+= 1
        }
        from += depthStep
        to += width
        p &+= 1
    }
}

/// A panel whose columns lie together: turned in squares.
@inline(__always)
private func packTransposed(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ depth: Int, _ width: Int,
    _ step: Int
) {
    var p = 0
    while p &+ 8 <= depth {
        var i = 0
        while i < width {
            let part = width &- i < 8 ? width &- i : 8
            if part == 8 {
                sluice_transpose8(out + (p &* width &+ i), width, source + (i &* step &+ p), step)
            } else {
                var q = 0
                while q < 8 {
                    var r = 0
                    while r < part {
                        out[(p &+ q) &* width &+ i &+ r] = source[(i &+ r) &* step &+ p &+ q]
                        r &+= 1
                    }
                    q &+= 1
                }
            }
            i &+= 8
        }
        p &+= 8
    }
    while p < depth {
        var i = 0
        while i < width {
            out[p &* width &+ i] = source[i &* step &+ p]
            i &+= 1
        }
        p &+= 1
    }
}

/// A panel at an edge or of any strides.
@inline(never)
private func packAny(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ here: Int, _ depth: Int,
    _ width: Int, _ step: Int, _ depthStep: Int
) {
    var p = 0
    while p < depth {
        let from = source + p * depthStep
        let to = out + p * width
        var i = 0
        while i < here {
            to[i] = from[i * step]
            i += 1
        }
        while i < width {
            to[i] = 0
            i += 1
        }
        p += 1
    }
}

func matrixProducts(
    _ product: UnsafePointer<SluiceProduct>, _ count: Int, _ aStep: Int, _ bStep: Int, _ cStep: Int
) {
    var it = product.pointee
    if it.m <= 0 || it.n <= 0 { return }
    let block = it.block > 0 && it.block < blockDepth ? it.block : blockDepth
    // A copy pays when what is copied is read several times over.
    let packsA = it.n > 4 * tileColumns
    let readsB = it.bColumn == 1 && it.n % 16 == 0 && (it.m <= 4 * tileRows || it.k * it.n <= 32768)
    var done = 0
    while done < count {
        if it.k <= 0 {
            finishEmpty(&it)
        } else if readsB, !packsA, it.k <= block {
            smallProduct(&it, done + 1 < count ? aStep : 0, done + 1 < count ? bStep : 0)
        } else {
            blockedProduct(&it, block, packsA: packsA, readsB: readsB)
        }
        it.a += aStep
        it.b += bStep
        it.c += cStep
        done += 1
    }
}

/// One that lies in the first-level caches: read where it lies, in one block.
///
/// While a row of tiles is made, a part of the next product's A and B is asked
/// for, which lie `aStep` and `bStep` further.
@inline(never)
private func smallProduct(_ product: UnsafePointer<SluiceProduct>, _ aStep: Int, _ bStep: Int) {
    let it = product.pointee
    let tiles = (it.m &+ tileRows &- 1) / tileRows
    // Of matrices that lie apart, such as parts of larger ones, the lines that
    // will be read are not known from the distance.
    let aPart = aStep <= it.m &* it.k ? aStep / tiles : 0
    let bPart = bStep <= it.k &* it.n ? bStep / tiles : 0
    var (nextA, nextB) = (it.a + aStep, it.b + bStep)
    var i = 0
    while i < it.m {
        let height = it.m &- i < tileRows ? it.m &- i : tileRows
        var a = it.a + i &* it.aRow
        var (aRow, aStep) = (it.aRow, it.aColumn)
        if height < tileRows {
            packAny(it.workspace, a, height, it.k, tileRows, aRow, aStep)
            (a, aRow, aStep) = (UnsafePointer(it.workspace), 1, tileRows)
        }
        askFor(nextA, aPart)
        askFor(nextB, bPart)
        nextA += aPart
        nextB += bPart
        var j = 0
        while j < it.n {
            let width = it.n &- j < tileColumns ? it.n &- j : tileColumns
            let ending = Ending(
                c: it.c + (i &* it.cRow &+ j), stride: it.cRow, height: height, width: width,
                adds: it.accumulates != 0, bias: it.bias.map { $0 + j }, isRectified: it.activation == 1)
            if tileVectors > 1, width <= 16 {
                narrowTile(a, aRow, aStep, it.b + j, it.bRow, it.k, ending)
            } else {
                wideTile(a, aRow, aStep, it.b + j, it.bRow, it.k, ending)
            }
            j &+= tileColumns
        }
        i &+= tileRows
    }
}

@inline(__always)
private func askFor(_ place: UnsafePointer<Float>, _ count: Int) {
    var ahead = 0
    while ahead < count {
        sluice_prefetch_read(place + ahead)
        ahead &+= 16
    }
}

/// Block by block of B, and panel by panel of A: a panel of A (8 KB at most) stays in the
/// first-level cache while all panels of the block of B pass, which come from
/// the second. So little of the first level is needed that a neighbour on the
/// same core, who has half of it, is no harm.
@inline(never)
private func blockedProduct(
    _ product: UnsafePointer<SluiceProduct>, _ block: Int, packsA: Bool, readsB: Bool
) {
    let it = product.pointee
    let packedB = it.workspace
    let packedA = it.workspace + blockDepth * blockColumns
    var columnStart = 0
    while columnStart < it.n {
        let columns = it.n - columnStart < blockColumns ? it.n - columnStart : blockColumns
        var p = 0
        while p < it.k {
            let depth = it.k - p < block ? it.k - p : block
            let isLast = p + depth == it.k
            let b = it.b + p * it.bRow + columnStart * it.bColumn
            if !readsB { pack(packedB, b, columns, depth, tileColumns, it.bColumn, it.bRow) }
            var i = 0
            while i < it.m {
                let height = it.m - i < tileRows ? it.m - i : tileRows
                var a = it.a + i * it.aRow + p * it.aColumn
                let isPacked = packsA || height < tileRows
                if isPacked {
                    pack(packedA, a, height, depth, tileRows, it.aRow, it.aColumn)
                    a = UnsafePointer(packedA)
                }
                var j = 0
                while j < columns {
                    let width = columns &- j < tileColumns ? columns &- j : tileColumns
                    let panel = readsB ? b + j : UnsafePointer(packedB) + j &* depth
                    let panelStep = readsB ? it.bRow : tileColumns
                    let ending = Ending(
                        c: it.c + (i &* it.cRow &+ columnStart &+ j), stride: it.cRow, height: height,
                        width: width,
                        adds: p > 0 || it.accumulates != 0,
                        bias: isLast ? it.bias.map { $0 + (columnStart &+ j) } : nil,
                        isRectified: isLast && it.activation == 1)
                    if depth >= 64 { prefetch(ending) }
                    let isNarrow = tileVectors > 1 && width <= 16
                    switch (isPacked, isNarrow) {
                    case (true, true): narrowTile(a, panel, panelStep, depth, ending)
                    case (true, false): wideTile(a, panel, panelStep, depth, ending)
                    case (false, true): narrowTile(a, it.aRow, it.aColumn, panel, panelStep, depth, ending)
                    case (false, false): wideTile(a, it.aRow, it.aColumn, panel, panelStep, depth, ending)
                    }
                    j &+= tileColumns
                }
                i += tileRows
            }
            p += block
        }
        columnStart += blockColumns
    }
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

/// Four rows at a time, four independent chains.
func matrixVector(
    _ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ m: Int, _ k: Int
) {
    var i = 0
    while i < m {
        let last = m - 1 - i
        let row0 = a + i * k
        let row1 = a + (i + (last < 1 ? last : 1)) * k
        let row2 = a + (i + (last < 2 ? last : 2)) * k
        let row3 = a + (i + (last < 3 ? last : 3)) * k
        var total = SIMD4<Float>(repeating: 0)
        var p = 0
        while p < k {
            let end = k - p < blockDepth ? k : p + blockDepth
            let isFirst = p == 0
            var s0: Float = 0
            var s1: Float = 0
            var s2: Float = 0
            var s3: Float = 0
            while p < end {
                s0 = s0.addingProduct(row0[p], x[p])
                s1 = s1.addingProduct(row1[p], x[p])
                s2 = s2.addingProduct(row2[p], x[p])
                s3 = s3.addingProduct(row3[p], x[p])
                p += 1
            }
            let block = SIMD4<Float>(s0, s1, s2, s3)
            total = isFirst ? block : total + block
        }
        y[i] = total[0]
        if last > 0 { y[i + 1] = total[1] }
        if last > 1 { y[i + 2] = total[2] }
        if last > 2 { y[i + 3] = total[3] }
        i += 4
    }
}
