import CTensorKernels

/// The largest element, in four chains, as the order does not matter; NaN is
/// passed over here and spreads through exp.
@inline(__always)
private func largest(_ x: Source, _ count: Int) -> Float {
    var a = all(-Float.infinity)
    var (b, c, d) = (a, a, a)
    let blocks = wholeBlocks(count)
    let end = whole(count)
    var i = 0
    while i < blocks {
        a = sluice_larger(load(x + i), a)
        b = sluice_larger(load(x + i + 16), b)
        c = sluice_larger(load(x + i + 32), c)
        d = sluice_larger(load(x + i + 48), d)
        i &+= 64
    }
    while i < end {
        a = sluice_larger(load(x + i), a)
        i &+= 16
    }
    if i < count { b = sluice_larger(sluice_load_first(x + i, count - i, -.infinity), b) }
    return largestLane(sluice_larger(sluice_larger(a, b), sluice_larger(c, d)))
}

/// The largest lane; NaN in the higher half of any is passed over.
@inline(__always)
func largestLane(_ best: Lanes) -> Float {
    // Halves by way of whole vectors, where the comparison is one instruction.
    let eight = sluice_larger(Lanes(lowHalf: best.highHalf, highHalf: best.highHalf), best).lowHalf
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return two[1] > two[0] ? two[1] : two[0]
}

/// exp(x - top) of the last `rest` elements of a row, zero behind them. The
/// lanes filled up hold the top, whose power costs nothing; minus infinity
/// would end in a subnormal number and cost a hundred cycles.
@inline(__always)
private func lastPowers(_ x: Source, _ top: Float, _ rest: Int) -> Lanes {
    sluice_keep_first(exponential(sluice_load_first(x, rest, top) - all(top)), rest)
}

/// Each of the four vectors onto its chain.
@inline(__always)
private func add(_ x: Quad, _ sum: RowSum) -> RowSum {
    (sum.a + x.a, sum.b + x.b, sum.c + x.c, sum.d + x.d)
}

/// Powers of a row to `to`; their sum in the order of `RowSum`, as in all that follows.
@inline(__always)
private func powers(_ to: Target, _ x: Source, _ columns: Int) -> Float {
    let top = largest(x, columns)
    let end = whole(columns)
    let blocks = wholeBlocks(columns)
    var sum = noSum()
    var i = 0
    while i < blocks {
        let lanes = exponential(loadQuad(x + i) - quad(top))
        sum = add(lanes, sum)
        put(lanes, to + i, false)
        i &+= 64
    }
    while i < end {
        let lanes = exponential(load(x + i) - all(top))
        sum.a = sum.a + lanes
        store(lanes, to + i)
        i &+= 16
    }
    if i < columns {
        let lanes = lastPowers(x + i, top, columns - i)
        sum.a = sum.a + lanes
        sluice_store_first(lanes, to + i, columns - i)
    }
    return total(sum)
}

@inline(__always)
private func divide(_ y: Target, _ x: Target, _ scale: Float, _ columns: Int, _ past: Bool) {
    let end = whole(columns)
    var i = 0
    while i < end {
        put(load(x + i) / all(scale), y + i, past)
        i &+= 16
    }
    if i < columns {
        let rest = columns - i
        sluice_store_first(sluice_load_first(x + i, rest, 0) / all(scale), y + i, rest)
    }
}

/// A row's powers while the row before is divided by its sum: the divider works
/// beside the multipliers. `before` may be `to`: each place is read first.
@inline(__always)
private func powersWhileDividing(
    _ to: Target, _ x: Source, _ y: Target, _ before: Target, _ scale: Float, _ columns: Int, _ past: Bool
) -> Float {
    let top = largest(x, columns)
    let end = whole(columns)
    let blocks = wholeBlocks(columns)
    var sum = noSum()
    var i = 0
    while i < blocks {
        put(loadQuad(before + i) / quad(scale), y + i, past)
        let lanes = exponential(loadQuad(x + i) - quad(top))
        sum = add(lanes, sum)
        put(lanes, to + i, false)
        i &+= 64
    }
    while i < end {
        put(load(before + i) / all(scale), y + i, past)
        let lanes = exponential(load(x + i) - all(top))
        sum.a = sum.a + lanes
        store(lanes, to + i)
        i &+= 16
    }
    if i < columns {
        let rest = columns - i
        sluice_store_first(sluice_load_first(before + i, rest, 0) / all(scale), y + i, rest)
        let lanes = lastPowers(x + i, top, rest)
        sum.a = sum.a + lanes
        sluice_store_first(lanes, to + i, rest)
    }
    return total(sum)
}

func softmaxRows(_ y: Target, _ x: Source, _ rows: Int, _ columns: Int) {
    if rows <= 0 { return }
    if columns & 15 == 0 && streams(y, x, rows * columns) {
        // One row of powers that stays in the cache while y goes past it.
        let place = UnsafeMutableRawPointer.allocate(byteCount: 4 * columns, alignment: 64)
        let row = place.assumingMemoryBound(to: Float.self)
        softmaxRows(y, x, rows, columns, row, 0, true)
        sluice_stream_end()
        place.deallocate()
    } else {
        softmaxRows(y, x, rows, columns, y, columns, false)
    }
}

/// - Parameters:
///   - held: Where the powers of a row are held until they are divided.
///   - step: From there to the place of the next row's.
@inline(__always)
private func softmaxRows(
    _ y: Target, _ x: Source, _ rows: Int, _ columns: Int, _ held: Target, _ step: Int, _ past: Bool
) {
    var (from, to, place) = (x, y, held)
    var scale = powers(place, from, columns)
    var row = 1
    while row < rows {
        from += columns
        scale = powersWhileDividing(place + step, from, to, place, scale, columns, past)
        to += columns
        place += step
        row &+= 1
    }
    divide(to, place, scale, columns, past)
}

/// The largest element of a row, and the logarithm of the sum of exp(x - top).
@inline(__always)
func logSum(_ x: Source, _ columns: Int) -> (top: Float, log: Lanes) {
    let top = largest(x, columns)
    let end = whole(columns)
    let blocks = wholeBlocks(columns)
    var sum = noSum()
    var i = 0
    while i < blocks {
        sum = add(exponential(loadQuad(x + i) - quad(top)), sum)
        i &+= 64
    }
    while i < end {
        sum.a = sum.a + exponential(load(x + i) - all(top))
        i &+= 16
    }
    if i < columns { sum.a = sum.a + lastPowers(x + i, top, columns - i) }
    return (top, logarithm(all(total(sum))))
}

func logSoftmaxRows(_ y: Target, _ x: Source, _ rows: Int, _ columns: Int) {
    let end = whole(columns)
    var (from, to) = (x, y)
    var row = 0
    while row < rows {
        let (top, scale) = logSum(from, columns)
        var i = 0
        while i < end {
            store(load(from + i) - all(top) - scale, to + i)
            i &+= 16
        }
        if i < columns {
            let rest = columns - i
            sluice_store_first(sluice_load_first(from + i, rest, 0) - all(top) - scale, to + i, rest)
        }
        from += columns
        to += columns
        row &+= 1
    }
}

/// dx = y (dy - sum of dy y), the sum in the order of `RowSum`.
func softmaxGradients(_ dx: Target, _ dy: Source, _ y: Source, _ rows: Int, _ columns: Int) {
    let end = whole(columns)
    var row = 0
    while row < rows {
        let start = row * columns
        let (to, from, value) = (dx + start, dy + start, y + start)
        let sum = all(dotOfRow(from, value, columns))
        var i = 0
        while i < end {
            store(load(value + i) * (load(from + i) - sum), to + i)
            i &+= 16
        }
        if i < columns {
            let rest = columns - i
            let difference = sluice_load_first(from + i, rest, 0) - sum
            sluice_store_first(sluice_load_first(value + i, rest, 0) * difference, to + i, rest)
        }
        row &+= 1
    }
}

/// dx = dy - exp(y) * sum of dy, for y the logarithms of a softmax.
func logSoftmaxGradients(_ dx: Target, _ dy: Source, _ y: Source, _ rows: Int, _ columns: Int) {
    let end = whole(columns)
    var row = 0
    while row < rows {
        let start = row * columns
        let (to, from, value) = (dx + start, dy + start, y + start)
        let sum = all(0) - all(sumOfRow(from, columns))
        var i = 0
        while i < end {
            store(load(from + i).addingProduct(exponential(load(value + i)), sum), to + i)
            i &+= 16
        }
        if i < columns {
            let rest = columns - i
            let power = exponential(sluice_load_first(value + i, rest, 0))
            sluice_store_first(sluice_load_first(from + i, rest, 0).addingProduct(power, sum), to + i, rest)
        }
        row &+= 1
    }
}
