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
