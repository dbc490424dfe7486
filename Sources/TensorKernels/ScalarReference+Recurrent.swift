extension ScalarReference {
    /// One row and unit: the new state and what is saved.
    public static func gruCell(
        input: (r: Float, z: Float, n: Float), hidden: (r: Float, z: Float, n: Float), previous: Float
    ) -> (h: Float, r: Float, z: Float, n: Float, state: Float) {
        let r = sigmoid(input.r + hidden.r)
        let z = sigmoid(input.z + hidden.z)
        let n = tanh(input.n.addingProduct(r, hidden.n))
        return (n.addingProduct(z, previous - n), r, z, n, hidden.n)
    }

    /// From dh of one unit the gradients of r's, z's and n's arguments, of the part
    /// of n's that is made from the state, and of the state before.
    public static func gruCellGradient(
        _ dh: Float, r: Float, z: Float, n: Float, state: Float, previous: Float
    ) -> (r: Float, z: Float, n: Float, state: Float, previous: Float) {
        let dn = dh * (1 - z) * Float(1).addingProduct(0 - n, n)
        let dz = dh * (previous - n) * (z * (1 - z))
        return (dn * state * (r * (1 - r)), dz, dn, dn * r, dh * z)
    }

    /// The two lines of `size` between which line `place` of `outSize` lies, and
    /// the share of the second.
    private static func between(
        _ place: Int, _ size: Int, _ outSize: Int, _ alignsCorners: Bool
    ) -> (low: Int, high: Int, share: Float) {
        var source: Float
        if alignsCorners {
            source = Float(place) * (outSize > 1 ? Float(size - 1) / Float(outSize - 1) : 0)
        } else {
            source = (Float(place) + 0.5) * (Float(size) / Float(outSize)) - 0.5
        }
        if source < 0 { source = 0 }
        let low = min(Int(source), size - 1)
        return (low, min(low + 1, size - 1), source - Float(low))
    }

    /// Calls `body` for each element of the new images with the elements of the old
    /// ones it is made of (upper left, upper right, lower left, lower right) and
    /// the shares of the lower and of the right ones.
    private static func resize(
        images: Int, size: (height: Int, width: Int), channels: Int, out: (height: Int, width: Int),
        alignsCorners: Bool, _ body: (_ element: Int, _ from: [Int], _ lower: Float, _ right: Float) -> Void
    ) {
        for element in 0..<images * out.height * out.width * channels {
            let pixel = element / channels
            let image = pixel / out.width / out.height
            let rows = between(pixel / out.width % out.height, size.height, out.height, alignsCorners)
            let columns = between(pixel % out.width, size.width, out.width, alignsCorners)
            let from = [rows.low, rows.high].flatMap { row in
                [columns.low, columns.high].map { column in
                    ((image * size.height + row) * size.width + column) * channels + element % channels
                }
            }
            body(element, from, rows.share, columns.share)
        }
    }

    public static func bilinearResize(
        _ x: [Float], images: Int, size: (height: Int, width: Int), channels: Int,
        out: (height: Int, width: Int), alignsCorners: Bool
    ) -> [Float] {
        var y = [Float](repeating: 0, count: images * out.height * out.width * channels)
        resize(images: images, size: size, channels: channels, out: out, alignsCorners: alignsCorners) {
            element, from, lower, right in
            let above = (x[from[0]] * (1 - right)).addingProduct(x[from[1]], right)
            let below = (x[from[2]] * (1 - right)).addingProduct(x[from[3]], right)
            y[element] = (above * (1 - lower)).addingProduct(below, lower)
        }
        return y
    }

    public static func bilinearResizeGradient(
        _ dy: [Float], images: Int, size: (height: Int, width: Int), channels: Int,
        out: (height: Int, width: Int), alignsCorners: Bool
    ) -> [Float] {
        var dx = [Float](repeating: 0, count: images * size.height * size.width * channels)
        resize(images: images, size: size, channels: channels, out: out, alignsCorners: alignsCorners) {
            element, from, lower, right in
            dx[from[0]].addProduct(dy[element], (1 - lower) * (1 - right))
            dx[from[1]].addProduct(dy[element], (1 - lower) * right)
            dx[from[2]].addProduct(dy[element], lower * (1 - right))
            dx[from[3]].addProduct(dy[element], lower * right)
        }
        return dx
    }

    /// Element j of the row of a sample.
    public static func dropout(
        _ x: Float, j: Int, scale: Float, threshold: UInt32, philox: Philox, step: Int, layer: Int,
        sample: Int
    ) -> Float {
        let words = philox(
            SIMD4(
                UInt32(j / 4), UInt32(truncatingIfNeeded: sample), UInt32(truncatingIfNeeded: step),
                4 | UInt32(truncatingIfNeeded: layer) << 8))
        return words[j % 4] < threshold ? 0 : x * scale
    }
}
