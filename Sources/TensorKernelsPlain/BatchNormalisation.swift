import CTensorKernels

// Batch norm (Ioffe and Szegedy 2015) over rows: one row an image's place, one
// column a channel.

/// Mean and biased variance of columns: two passes inside a leaf of `segment`
/// rows, leaves merged left to right by counts, means and squares (Chan, Golub,
/// LeVeque 1983: "Algorithms for computing the sample variance").
func batchNormMoments(
    _ means: Target, _ variances: Target, _ x: Source, _ rows: Int, _ columns: Int, _ segment: Int,
    _ from: Int, _ to: Int
) {
    let count = Float(rows > 0 ? rows : 1)
    var column = from
    while column &+ 64 <= to {
        var (mean, squares) = (quad(0), quad(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let leafCount = quad(Float(end &- row))
            var sum = quad(0)
            var r = row
            while r < end {
                sum = sum + loadQuad(x + (r &* columns &+ column))
                r &+= 1
            }
            let leafMean = sum / leafCount
            var leafSquares = quad(0)
            r = row
            while r < end {
                let difference = loadQuad(x + (r &* columns &+ column)) - leafMean
                leafSquares = plus(leafSquares, difference, difference)
                r &+= 1
            }
            if row == 0 {
                (mean, squares) = (leafMean, leafSquares)
            } else {
                let part = Float(end &- row) / Float(end)
                let apart = leafMean - mean
                mean = plus(mean, apart, quad(part))
                squares = plus(squares + leafSquares, apart * apart, quad(Float(row) * part))
            }
            row = end
        }
        put(mean, means + column, false)
        put(squares / quad(count), variances + column, false)
        column &+= 64
    }
    while column < to {
        let width = to &- column
        var (mean, squares) = (all(0), all(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let leafCount = all(Float(end &- row))
            var sum = all(0)
            var r = row
            while r < end {
                sum = sum + loadUpTo16(x + (r &* columns &+ column), width)
                r &+= 1
            }
            let leafMean = sum / leafCount
            var leafSquares = all(0)
            r = row
            while r < end {
                let difference = loadUpTo16(x + (r &* columns &+ column), width) - leafMean
                leafSquares = leafSquares.addingProduct(difference, difference)
                r &+= 1
            }
            if row == 0 {
                (mean, squares) = (leafMean, leafSquares)
            } else {
                let part = Float(end &- row) / Float(end)
                let apart = leafMean - mean
                mean = mean.addingProduct(apart, all(part))
                squares = (squares + leafSquares).addingProduct(apart * apart, all(Float(row) * part))
            }
            row = end
        }
        storeUpTo16(mean, means + column, width)
        storeUpTo16(squares / all(count), variances + column, width)
        column &+= 16
    }
}

func batchNormRows(
    _ y: Target, _ x: Source, _ means: Source, _ reciprocals: Source, _ gamma: Source, _ beta: Source,
    _ rows: Int, _ columns: Int
) {
    let past = columns & 15 == 0 && streams(y, x, rows &* columns)
    let end = whole(columns)
    var (from, to) = (x, y)
    var row = 0
    while row < rows {
        var i = 0
        while i < end {
            let normal = (load(from + i) - load(means + i)) * load(reciprocals + i)
            put(load(beta + i).addingProduct(normal, load(gamma + i)), to + i, past)
            i &+= 16
        }
        if i < columns {
            let rest = columns &- i
            let normal =
                (sluice_load_first(from + i, rest, 0) - sluice_load_first(means + i, rest, 0))
                * sluice_load_first(reciprocals + i, rest, 0)
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

/// Rows folded as in `columnSums`: dgamma an fma chain of dy n, dbeta of dy.
func batchNormParameterGradients(
    _ dgamma: Target, _ dbeta: Target, _ dy: Source, _ x: Source, _ means: Source, _ reciprocals: Source,
    _ rows: Int, _ columns: Int, _ segment: Int, _ from: Int, _ to: Int
) {
    var column = from
    while column &+ 64 <= to {
        let (mean, reciprocal) = (loadQuad(means + column), loadQuad(reciprocals + column))
        var (scale, shift) = (quad(0), quad(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var (leaf, leafShift) = (quad(0), quad(0))
            while row < end {
                let start = row &* columns &+ column
                let slope = loadQuad(dy + start)
                leaf = plus(leaf, slope, (loadQuad(x + start) - mean) * reciprocal)
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
    while column < to {
        let width = to &- column
        let (mean, reciprocal) = (loadUpTo16(means + column, width), loadUpTo16(reciprocals + column, width))
        var (scale, shift) = (all(0), all(0))
        var row = 0
        while row < rows {
            let end = leafEnd(row, segment, rows)
            let isFirst = row == 0
            var (leaf, leafShift) = (all(0), all(0))
            while row < end {
                let start = row &* columns &+ column
                let slope = loadUpTo16(dy + start, width)
                leaf = leaf.addingProduct(slope, (loadUpTo16(x + start, width) - mean) * reciprocal)
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

/// With n the normalised element: dx = (dy - dbeta / count - n dgamma / count) gamma / deviation.
/// The factors of a column are made anew for each row, which costs less than
/// the memory the rows come from.
func batchNormGradients(
    _ dx: Target, _ dy: Source, _ x: Source, _ means: Source, _ reciprocals: Source, _ gamma: Source,
    _ dgamma: Source, _ dbeta: Source, _ rows: Int, _ columns: Int, _ count: Int
) {
    let past = columns & 15 == 0 && streams(dx, dy, rows &* columns) && UnsafePointer(dx) != x
    let share = all(1 / Float(count))
    let tilt = all(0) - share
    var (slope, from, to) = (dy, x, dx)
    var row = 0
    while row < rows {
        var i = 0
        while i < columns {
            let width = columns &- i
            let reciprocal = loadUpTo16(reciprocals + i, width)
            let normal = (loadUpTo16(from + i, width) - loadUpTo16(means + i, width)) * reciprocal
            let centred = loadUpTo16(slope + i, width) - loadUpTo16(dbeta + i, width) * share
            let level = centred.addingProduct(normal, loadUpTo16(dgamma + i, width) * tilt)
            let lanes = level * (loadUpTo16(gamma + i, width) * reciprocal)
            if past { sluice_stream(lanes, to + i) } else { storeUpTo16(lanes, to + i, width) }
            i &+= 16
        }
        slope += columns
        from += columns
        to += columns
        row &+= 1
    }
    if past { sluice_stream_end() }
}
