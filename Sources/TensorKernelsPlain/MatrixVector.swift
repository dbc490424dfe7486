import CTensorKernels

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

/// One row by a matrix whose rows lie together: columns are lanes, and as many
/// chains run side by side as the processor adds at once. No tile is filled up
/// with rows that are not there.
@inline(never)
func rowProduct(_ product: UnsafePointer<SluiceProduct>, _ block: Int) {
    let it = product.pointee
    var j = 0
    #if SLUICE_V4
    while j &+ 128 <= it.n {
        var (low, high) = (quad(0), quad(0))
        var p = 0
        while p < it.k {
            let end = it.k &- p < block ? it.k : p &+ block
            let isFirst = p == 0 && it.accumulates == 0
            if p == 0, it.accumulates != 0 { (low, high) = (loadQuad(it.c + j), loadQuad(it.c + j + 64)) }
            var (a, b) = (quad(0), quad(0))
            var row = it.b + (p &* it.bRow &+ j)
            while p < end {
                let factor = quad(it.a[p &* it.aColumn])
                sluice_prefetch_read(row + 4 &* it.bRow)
                a = plus(a, factor, loadQuad(row))
                b = plus(b, factor, loadQuad(row + 64))
                row += it.bRow
                p &+= 1
            }
            (low, high) = isFirst ? (a, b) : (low + a, high + b)
        }
        put(ended(low, it, j), it.c + j, false)
        put(ended(high, it, j &+ 64), it.c + j + 64, false)
        j &+= 128
    }
    #endif
    while j < it.n {
        let width = it.n &- j
        var total = all(0)
        var p = 0
        while p < it.k {
            let end = it.k &- p < block ? it.k : p &+ block
            let isFirst = p == 0 && it.accumulates == 0
            if p == 0, it.accumulates != 0 { total = loadUpTo16(it.c + j, width) }
            var chain = all(0)
            while p < end {
                let factor = all(it.a[p &* it.aColumn])
                chain = chain.addingProduct(factor, loadUpTo16(it.b + (p &* it.bRow &+ j), width))
                p &+= 1
            }
            total = isFirst ? chain : total + chain
        }
        if let bias = it.bias { total = total + loadUpTo16(bias + j, width) }
        if it.activation == 1 { total = sluice_at_least(total, 0) }
        storeUpTo16(total, it.c + j, width)
        j &+= 16
    }
}

@inline(__always)
private func ended(_ fold: Quad, _ it: SluiceProduct, _ column: Int) -> Quad {
    var fold = fold
    if let bias = it.bias { fold = fold + loadQuad(bias + column) }
    return it.activation == 1 ? atLeast(fold, 0) : fold
}
