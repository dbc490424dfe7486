import CTensorKernels

// The product after BLIS: panels of A (MR rows) and B (NR columns) are packed
// with zeros at the edges, so one micro kernel serves every layout and shape.
// Only KC enters the result (docs: numerics, rule 6); MR, NR, MC, NC are free.

typealias Lanes = SIMD16<Float>

let blockDepth = 256
let blockColumns = 512

#if SLUICE_V4
/// 8x32: sixteen zmm accumulators.
let tileRows = 8
let tileVectors = 2
let blockRows = 96
#else
/// 6x16: twelve ymm accumulators, the most sixteen registers hold.
let tileRows = 6
let tileVectors = 1
let blockRows = 96
#endif

/// Floats of workspace: a packed block of A, one of B, and one tile.
let productWorkspace = blockDepth * (blockRows + blockColumns) + 8 * 32

/// One tile over `depth` steps: tile = fma chain from zero.
@inline(__always)
private func tileProduct(
    _ tile: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ depth: Int
) {
    #if SLUICE_V4
    var sums = InlineArray<16, Lanes>(repeating: Lanes(repeating: 0))
    #else
    var sums = InlineArray<6, Lanes>(repeating: Lanes(repeating: 0))
    #endif
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
            let factor = Lanes(repeating: left[row])
            #if SLUICE_V4
            sums[2 * row] = sums[2 * row].addingProduct(factor, first)
            sums[2 * row + 1] = sums[2 * row + 1].addingProduct(factor, second)
            #else
            sums[row] = sums[row].addingProduct(factor, first)
            #endif
            row += 1
        }
        left += tileRows
        right += 64 * tileVectors
        p += 1
    }
    let out = UnsafeMutableRawPointer(tile)
    var index = 0
    while index < tileRows * tileVectors {
        out.storeBytes(of: sums[index], toByteOffset: 64 * index, as: Lanes.self)
        index += 1
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
        var p = 0
        while p < depth {
            let line = source + start * step + p * depthStep
            var i = 0
            while i < here {
                out[i] = line[i * step]
                i += 1
            }
            while i < width {
                out[i] = 0
                i += 1
            }
            out += width
            p += 1
        }
        start += width
    }
}

func matrixProduct(
    _ c: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ m: Int,
    _ n: Int, _ k: Int, _ aRow: Int, _ aColumn: Int, _ bRow: Int, _ bColumn: Int,
    _ workspace: UnsafeMutablePointer<Float>, _ accumulate: Int
) {
    if k == 0, accumulate == 0 {
        var i = 0
        while i < m * n {
            c[i] = 0
            i += 1
        }
    }
    let packedB = workspace
    let packedA = workspace + blockDepth * blockColumns
    let tile = packedA + blockDepth * blockRows
    let tileColumns = 16 * tileVectors
    var columnStart = 0
    while columnStart < n {
        let columns = n - columnStart < blockColumns ? n - columnStart : blockColumns
        var p = 0
        while p < k {
            let depth = k - p < blockDepth ? k - p : blockDepth
            let adds = p > 0 || accumulate != 0
            pack(packedB, b + p * bRow + columnStart * bColumn, columns, depth, tileColumns, bColumn, bRow)
            var rowStart = 0
            while rowStart < m {
                let rows = m - rowStart < blockRows ? m - rowStart : blockRows
                pack(packedA, a + rowStart * aRow + p * aColumn, rows, depth, tileRows, aRow, aColumn)
                var j = 0
                while j < columns {
                    let width = columns - j < tileColumns ? columns - j : tileColumns
                    var i = 0
                    while i < rows {
                        let height = rows - i < tileRows ? rows - i : tileRows
                        tileProduct(tile, packedA + i * depth, packedB + j * depth, depth)
                        store(
                            c + (rowStart + i) * n + columnStart + j, n, tile, tileColumns, height, width,
                            adds)
                        i += tileRows
                    }
                    j += tileColumns
                }
                rowStart += blockRows
            }
            p += blockDepth
        }
        columnStart += blockColumns
    }
}

@inline(__always)
private func store(
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ tile: UnsafePointer<Float>, _ tileStride: Int,
    _ height: Int, _ width: Int, _ adds: Bool
) {
    var i = 0
    while i < height {
        let out = c + i * stride
        let line = tile + i * tileStride
        var j = 0
        if adds {
            while j < width {
                out[j] = out[j] + line[j]
                j += 1
            }
        } else {
            while j < width {
                out[j] = line[j]
                j += 1
            }
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
