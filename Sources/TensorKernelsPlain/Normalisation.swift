import CTensorKernels

/// Mean and variance in two passes, each in the order of `RowSum`, then
/// y = ((x - mean) / deviation) gamma + beta.
func layerNormRows(
    _ y: Target, _ means: Target, _ reciprocals: Target, _ x: Source, _ gamma: Source, _ beta: Source,
    _ rows: Int, _ columns: Int, _ epsilon: Float
) {
    let past = columns & 15 == 0 && streams(y, x, rows * columns)
    let end = whole(columns)
    let count = Float(columns)
    var (from, to) = (x, y)
    var row = 0
    while row < rows {
        let mean = sumOfRow(from, columns) / count
        let variance = squaresOfRow(from, mean, columns) / count
        let reciprocal = 1 / (variance + epsilon).squareRoot()
        means[row] = mean
        reciprocals[row] = reciprocal
        var i = 0
        while i < end {
            // The next row, which the pass for its mean would wait for.
            if past { sluice_prefetch_read(from + columns + i) }
            let normal = (load(from + i) - all(mean)) * all(reciprocal)
            put(load(beta + i).addingProduct(normal, load(gamma + i)), to + i, past)
            i &+= 16
        }
        if i < columns {
            let rest = columns - i
            let normal = (sluice_load_first(from + i, rest, 0) - all(mean)) * all(reciprocal)
            let scaled = sluice_load_first(beta + i, rest, 0)
                .addingProduct(normal, sluice_load_first(gamma + i, rest, 0))
            sluice_store_first(scaled, to + i, rest)
        }
        from += columns
        to += columns
        row &+= 1
    }
    if past { sluice_stream_end() }
}

/// The sum of (x - mean)^2.
@inline(__always)
private func squaresOfRow(_ x: Source, _ mean: Float, _ count: Int) -> Float {
    let blocks = wholeBlocks(count)
    let end = whole(count)
    var sum = noSum()
    var i = 0
    while i < blocks {
        let a = load(x + i) - all(mean)
        let b = load(x + i + 16) - all(mean)
        let c = load(x + i + 32) - all(mean)
        let d = load(x + i + 48) - all(mean)
        sum.a = sum.a.addingProduct(a, a)
        sum.b = sum.b.addingProduct(b, b)
        sum.c = sum.c.addingProduct(c, c)
        sum.d = sum.d.addingProduct(d, d)
        i &+= 64
    }
    while i < end {
        let a = load(x + i) - all(mean)
        sum.a = sum.a.addingProduct(a, a)
        i &+= 16
    }
    if i < count {
        let a = sluice_keep_first(sluice_load_first(x + i, count - i, 0) - all(mean), count - i)
        sum.a = sum.a.addingProduct(a, a)
    }
    return total(sum)
}

/// With n the normalised row and g = dy gamma:
/// dx = (g - mean of g - n * mean of g n) / deviation.
func layerNormGradients(
    _ dx: Target, _ dy: Source, _ x: Source, _ means: Source, _ reciprocals: Source, _ gamma: Source,
    _ rows: Int, _ columns: Int
) {
    let blocks = wholeBlocks(columns)
    let end = whole(columns)
    let count = Float(columns)
    let past = columns & 15 == 0 && streams(dx, dy, rows * columns) && UnsafePointer(dx) != x
    var (to, slope, from) = (dx, dy, x)
    var row = 0
    while row < rows {
        let mean = all(means[row])
        let reciprocal = all(reciprocals[row])
        var (sum, product) = (noSum(), noSum())
        var i = 0
        while i < blocks {
            let a = load(slope + i) * load(gamma + i)
            let b = load(slope + i + 16) * load(gamma + i + 16)
            let c = load(slope + i + 32) * load(gamma + i + 32)
            let d = load(slope + i + 48) * load(gamma + i + 48)
            sum.a = sum.a + a
            sum.b = sum.b + b
            sum.c = sum.c + c
            sum.d = sum.d + d
            product.a = product.a.addingProduct(a, (load(from + i) - mean) * reciprocal)
            product.b = product.b.addingProduct(b, (load(from + i + 16) - mean) * reciprocal)
            product.c = product.c.addingProduct(c, (load(from + i + 32) - mean) * reciprocal)
            product.d = product.d.addingProduct(d, (load(from + i + 48) - mean) * reciprocal)
            i &+= 64
        }
        while i < end {
            let a = load(slope + i) * load(gamma + i)
            sum.a = sum.a + a
            product.a = product.a.addingProduct(a, (load(from + i) - mean) * reciprocal)
            i &+= 16
        }
        if i < columns {
            // Lanes filled with zeros have no slope.
            let rest = columns - i
            let a = sluice_load_first(slope + i, rest, 0) * sluice_load_first(gamma + i, rest, 0)
            sum.a = sum.a + a
            let normal = (sluice_load_first(from + i, rest, 0) - mean) * reciprocal
            product.a = product.a.addingProduct(a, sluice_keep_first(normal, rest))
        }
        let share = all(total(sum) / count)
        let tilt = all(0 - total(product) / count)
        i = 0
        while i < end {
            let normal = (load(from + i) - mean) * reciprocal
            let centred = load(slope + i) * load(gamma + i) - share
            put(centred.addingProduct(normal, tilt) * reciprocal, to + i, past)
            i &+= 16
        }
        if i < columns {
            let rest = columns - i
            let normal = (sluice_load_first(from + i, rest, 0) - mean) * reciprocal
            let centred =
                sluice_load_first(slope + i, rest, 0) * sluice_load_first(gamma + i, rest, 0) - share
            sluice_store_first(centred.addingProduct(normal, tilt) * reciprocal, to + i, rest)
        }
        to += columns
        slope += columns
        from += columns
        row &+= 1
    }
    if past { sluice_stream_end() }
}

/// Rows folded as in `columnSums`: dgamma an fma chain of dy n, dbeta of dy.
func layerNormParameterGradients(
    _ dgamma: Target, _ dbeta: Target, _ dy: Source, _ x: Source, _ means: Source, _ reciprocals: Source,
    _ rows: Int, _ columns: Int, _ segment: Int
) {
    let blocks = wholeBlocks(columns)
    var column = 0
    while column < blocks {
        var (scale, shift) = (quad(0), quad(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var (leaf, leafShift) = (quad(0), quad(0))
            while row < end {
                let start = row * columns + column
                let slope = loadQuad(dy + start)
                let normal = (loadQuad(x + start) - quad(means[row])) * quad(reciprocals[row])
                leaf = plus(leaf, slope, normal)
                leafShift = leafShift + slope
                row &+= 1
            }
            scale = isFirst ? leaf : scale + leaf
            shift = isFirst ? leafShift : shift + leafShift
        }
        put(scale, dgamma + column, false)
        put(shift, dbeta + column, false)
        column &+= 64
    }
    while column < columns {
        let width = columns - column
        var (scale, shift) = (all(0), all(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var (leaf, leafShift) = (all(0), all(0))
            while row < end {
                let start = row * columns + column
                let slope = loadUpTo16(dy + start, width)
                let normal = (loadUpTo16(x + start, width) - all(means[row])) * all(reciprocals[row])
                leaf = leaf.addingProduct(slope, normal)
                leafShift = leafShift + slope
                row &+= 1
            }
            scale = isFirst ? leaf : scale + leaf
            shift = isFirst ? leafShift : shift + leafShift
        }
        storeUpTo16(scale, dgamma + column, width)
        storeUpTo16(shift, dbeta + column, width)
        column &+= 16
    }
}
