import CTensorKernels

// The product after BLIS (Van Zee, van de Geijn: "BLIS: a framework for rapidly
// instantiating BLAS functionality", TOMS 41, 2015): a block of B is packed into
// panels of NR columns and a block of A into panels of MR rows, with zeros at
// the edges, so one micro kernel serves every layout and shape. Where nothing
// is read often enough to be worth the copy, the same micro kernel reads A and B
// where they lie. Only the depth of a block enters the result (docs: numerics,
// rule 6); MR, NR, MC, NC and packing are free.

typealias Lanes = SIMD16<Float>

/// KC: how long a chain of fused multiply-adds may be.
let blockDepth = 256
/// NC: a packed block of B lies in the second-level cache.
let blockColumns = 512
/// MC: a packed block of A too.
let blockRows = 96

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

/// Floats of workspace: a packed block of A, one of B, and one tile.
let productWorkspace = blockDepth * (blockRows + blockColumns) + 8 * 32

/// What becomes of a tile at the end of a block: where it goes, whether it is
/// added to what lies there, and what is done to a whole fold.
private struct Ending {
    var c: UnsafeMutablePointer<Float>
    var stride: Int
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

/// One tile over `depth` steps, an fma chain from zero for each element.
///
/// - Parameters:
///   - a: Element (row, p) lies at `row * aRow + p * aStep`.
///   - b: Row p lies at `p * bStep`, `tileColumns` floats of it.
@inline(__always)
private func tileSums(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aStep: Int, _ b: UnsafePointer<Float>, _ bStep: Int,
    _ depth: Int
) -> Sums {
    var sums = Sums(repeating: Lanes(repeating: 0))
    var left = a
    var right = UnsafeRawPointer(b)
    var p = 0
    while p < depth {
        let first = right.loadUnaligned(as: Lanes.self)
        #if SLUICE_V4
        let second = right.loadUnaligned(fromByteOffset: 64, as: Lanes.self)
        #endif
        var row = 0
        while row < tileRows {
            let factor = Lanes(repeating: left[row &* aRow])
            #if SLUICE_V4
            sums[2 &* row] = sums[2 &* row].addingProduct(factor, first)
            sums[2 &* row &+ 1] = sums[2 &* row &+ 1].addingProduct(factor, second)
            #else
            sums[row] = sums[row].addingProduct(factor, first)
            #endif
            row &+= 1
        }
        left += aStep
        right += 4 &* bStep
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
        sluice_prefetch(line)
        if tileVectors > 1 { sluice_prefetch(line + 16) }
        row &+= 1
    }
}

/// Puts a whole tile where it belongs.
@inline(__always)
private func store(_ sums: borrowing Sums, _ ending: Ending) {
    let zero = Lanes(repeating: 0)
    let c = UnsafeMutableRawPointer(ending.c)
    let step = 4 &* ending.stride
    if !ending.adds, ending.bias == nil, !ending.isRectified {
        forEachVector(sums) { row, vector, lanes in
            c.storeBytes(of: lanes, toByteOffset: row &* step &+ 64 &* vector, as: Lanes.self)
        }
        return
    }
    forEachVector(sums) { row, vector, lanes in
        let place = row &* step &+ 64 &* vector
        var lanes = lanes
        if ending.adds { lanes = c.loadUnaligned(fromByteOffset: place, as: Lanes.self) + lanes }
        if let bias = ending.bias {
            lanes =
                lanes + UnsafeRawPointer(bias).loadUnaligned(fromByteOffset: 64 &* vector, as: Lanes.self)
        }
        if ending.isRectified { lanes = lanes.replacing(with: zero, where: lanes .< zero) }
        c.storeBytes(of: lanes, toByteOffset: place, as: Lanes.self)
    }
}

/// Puts a part of a tile where it belongs, by way of a whole one in memory.
@inline(never)
private func storePart(
    _ tile: UnsafeMutablePointer<Float>, _ ending: Ending, _ height: Int, _ width: Int
) {
    var i = 0
    while i < height {
        let out = ending.c + i * ending.stride
        let line = tile + i * tileColumns
        var j = 0
        while j < width {
            var value = ending.adds ? out[j] + line[j] : line[j]
            if let bias = ending.bias { value = value + bias[j] }
            if ending.isRectified, value < 0 { value = 0 }
            out[j] = value
            j += 1
        }
        i += 1
    }
}

@inline(__always)
private func writeTile(_ sums: borrowing Sums, _ tile: UnsafeMutablePointer<Float>) {
    let out = UnsafeMutableRawPointer(tile)
    forEachVector(sums) { row, vector, lanes in
        out.storeBytes(of: lanes, toByteOffset: 64 &* (row &* tileVectors &+ vector), as: Lanes.self)
    }
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

/// A panel whose lines lie together.
@inline(__always)
private func packLines(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ depth: Int, _ width: Int,
    _ depthStep: Int
) {
    var p = 0
    while p < depth {
        let from = source + p * depthStep
        let to = out + p * width
        var i = 0
        while i < width {
            to[i] = from[i]
            i &+= 1
        }
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
                transpose8(out + (p &* width &+ i), width, source + (i &* step &+ p), step)
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

/// Eight lines of eight, turned: out(p, i) = source(i, p).
@inline(__always)
private func transpose8(
    _ out: UnsafeMutablePointer<Float>, _ outStep: Int, _ source: UnsafePointer<Float>, _ step: Int
) {
    typealias Row = SIMD8<Float>
    @inline(__always) func line(_ i: Int) -> Row {
        UnsafeRawPointer(source + i &* step).loadUnaligned(as: Row.self)
    }
    @inline(__always) func low(_ a: Row, _ b: Row) -> Row {
        Row(a[0], b[0], a[1], b[1], a[4], b[4], a[5], b[5])
    }
    @inline(__always) func high(_ a: Row, _ b: Row) -> Row {
        Row(a[2], b[2], a[3], b[3], a[6], b[6], a[7], b[7])
    }
    @inline(__always) func front(_ a: Row, _ b: Row) -> Row {
        Row(a[0], a[1], b[0], b[1], a[4], a[5], b[4], b[5])
    }
    @inline(__always) func back(_ a: Row, _ b: Row) -> Row {
        Row(a[2], a[3], b[2], b[3], a[6], a[7], b[6], b[7])
    }
    let (r0, r1, r2, r3) = (line(0), line(1), line(2), line(3))
    let (r4, r5, r6, r7) = (line(4), line(5), line(6), line(7))
    let (t0, t1, t2, t3) = (low(r0, r1), high(r0, r1), low(r2, r3), high(r2, r3))
    let (t4, t5, t6, t7) = (low(r4, r5), high(r4, r5), low(r6, r7), high(r6, r7))
    let (u0, u1, u2, u3) = (front(t0, t2), back(t0, t2), front(t1, t3), back(t1, t3))
    let (u4, u5, u6, u7) = (front(t4, t6), back(t4, t6), front(t5, t7), back(t5, t7))
    @inline(__always) func put(_ i: Int, _ x: SIMD4<Float>, _ y: SIMD4<Float>) {
        UnsafeMutableRawPointer(out + i &* outStep).storeBytes(
            of: Row(lowHalf: x, highHalf: y), as: Row.self)
    }
    put(0, u0.lowHalf, u4.lowHalf)
    put(1, u1.lowHalf, u5.lowHalf)
    put(2, u2.lowHalf, u6.lowHalf)
    put(3, u3.lowHalf, u7.lowHalf)
    put(4, u0.highHalf, u4.highHalf)
    put(5, u1.highHalf, u5.highHalf)
    put(6, u2.highHalf, u6.highHalf)
    put(7, u3.highHalf, u7.highHalf)
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

func matrixProduct(_ product: UnsafePointer<SluiceProduct>) {
    let it = product.pointee
    if it.m <= 0 || it.n <= 0 { return }
    // Nothing to add up: the fold is zero, and what follows it still happens.
    if it.k <= 0 { return finishEmpty(it) }
    let block = it.block > 0 && it.block < blockDepth ? it.block : blockDepth
    let packedB = it.workspace
    let packedA = it.workspace + blockDepth * blockColumns
    let tile = packedA + blockDepth * blockRows
    // A copy pays when what is copied is read several times over.
    let packsA = it.n > 4 * tileColumns
    let readsB = it.bColumn == 1 && it.n % tileColumns == 0 && (it.m <= 4 * tileRows || it.k * it.n <= 8192)
    var columnStart = 0
    while columnStart < it.n {
        let columns = it.n - columnStart < blockColumns ? it.n - columnStart : blockColumns
        var p = 0
        while p < it.k {
            let depth = it.k - p < block ? it.k - p : block
            let isLast = p + depth == it.k
            let b = it.b + p * it.bRow + columnStart * it.bColumn
            if !readsB { pack(packedB, b, columns, depth, tileColumns, it.bColumn, it.bRow) }
            var rowStart = 0
            while rowStart < it.m {
                let rows = it.m - rowStart < blockRows ? it.m - rowStart : blockRows
                let a = it.a + rowStart * it.aRow + p * it.aColumn
                if packsA { pack(packedA, a, rows, depth, tileRows, it.aRow, it.aColumn) }
                var j = 0
                while j < columns {
                    let width = columns - j < tileColumns ? columns - j : tileColumns
                    let panel = readsB ? b + j : UnsafePointer(packedB) + j * depth
                    let panelStep = readsB ? it.bRow : tileColumns
                    let bias = isLast ? it.bias.map { $0 + columnStart + j } : nil
                    var i = 0
                    while i < rows {
                        let height = rows - i < tileRows ? rows - i : tileRows
                        let ending = Ending(
                            c: it.c + (rowStart + i) * it.cRow + columnStart + j, stride: it.cRow,
                            adds: p > 0 || it.accumulates != 0, bias: bias,
                            isRectified: isLast && it.activation == 1)
                        prefetch(ending)
                        if packsA {
                            let sums = tileSums(
                                UnsafePointer(packedA) + i * depth, 1, tileRows, panel, panelStep, depth)
                            if height == tileRows, width == tileColumns {
                                store(sums, ending)
                            } else {
                                writeTile(sums, tile)
                                storePart(tile, ending, height, width)
                            }
                        } else if height == tileRows {
                            let sums = tileSums(
                                a + i * it.aRow, it.aRow, it.aColumn, panel, panelStep, depth)
                            if width == tileColumns {
                                store(sums, ending)
                            } else {
                                writeTile(sums, tile)
                                storePart(tile, ending, height, width)
                            }
                        } else {
                            packAny(
                                packedA, a + i * it.aRow, height, depth, tileRows, it.aRow, it.aColumn)
                            let sums = tileSums(packedA, 1, tileRows, panel, panelStep, depth)
                            writeTile(sums, tile)
                            storePart(tile, ending, height, width)
                        }
                        i += tileRows
                    }
                    j += tileColumns
                }
                rowStart += blockRows
            }
            p += block
        }
        columnStart += blockColumns
    }
}

@inline(never)
private func finishEmpty(_ it: SluiceProduct) {
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
