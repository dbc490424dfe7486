import CTensorKernels

// The depthwise filter there mostly is, 3x3 at stride 1, two lines of outputs at once: of the four
// lines under both each pixel is read once and meets all its taps, where a line alone reads
// it three times and fetches three lines from the second-level cache for one. Each output is
// still one chain over its taps in order, so its bits are those of Depthwise.swift.
//
// The gradient of the input is the same pass over a reflected image, with strides below zero.

#if SLUICE_V4
/// Of each line; the last ones begin early and make some pixels a second time.
private let pixelsAtOnce = 4

/// Four lines of input from the first column under output 0 on, of which `inside` are there, and
/// the two lines of output above each other. (A tuple, as in Window.swift.)
private typealias Pair = (
    rows: (Source, Source, Source, Source), step: Int, inside: (start: Int, end: Int),
    first: Target, second: Target, outStep: Int, count: Int, ahead: Source
)

private typealias Four = (Lanes, Lanes, Lanes, Lanes)
private typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

/// Whether lines of this pass can be made in pairs.
@inline(__always)
func arePaired(_ y: Axis, _ x: Axis) -> Bool {
    y.taps == 3 && x.taps == 3 && y.stride == 1 && x.stride == 1 && x.step == y.step
        && (x.step == 1 || x.step == -1) && x.count >= pixelsAtOnce
}

/// Makes lines q and q + 1 of an image, which begin at `line.out` and `lineStep` further.
@inline(never)
func makePair(
    _ pointer: UnsafePointer<DepthwiseLine>, _ y: Axis, _ x: Axis, _ image: Int, _ q: Int, _ lineStep: Int
) {
    let line = pointer.pointee
    let isReflected = x.step < 0
    let channels = line.channels
    let start = isReflected ? x.size - x.count - x.start : x.start
    let firstColumn = (isReflected ? x.size - 1 - start : start) * channels
    func row(_ k: Int) -> Source {
        let row = isReflected ? q + 1 + y.start - k : q + y.start + k
        let isInside = row >= 0 && row < y.size
        return (isInside ? line.source + (image * y.size + row) * x.size * channels : line.zeros)
            + firstColumn
    }
    let lastOutput = isReflected ? (x.count - 1) * line.outStep : 0
    let (upper, lower) = (line.out + lastOutput, line.out + (lineStep + lastOutput))
    var pair: Pair = (
        rows: (row(0), row(1), row(2), row(3)), step: isReflected ? -channels : channels,
        inside: (-start, x.size - start), first: isReflected ? lower : upper,
        second: isReflected ? upper : lower, outStep: isReflected ? -line.outStep : line.outStep,
        count: x.count,
        ahead: line.source + (image * y.size + q + 2 + y.start + y.low + y.span - 1) * x.size * channels
    )
    var pixel = 0
    while pixel < x.count {
        let at = x.count - pixel < pixelsAtOnce ? x.count - pixelsAtOnce : pixel
        let isInside = at >= pair.inside.start && at + pixelsAtOnce + 2 <= pair.inside.end
        let whole = isInside ? channels & ~15 : 0
        wholeBlocks(pointer, &pair, at, whole)
        partBlocks(pointer, &pair, at, whole)
        pixel += pixelsAtOnce
    }
}

@inline(never)
private func wholeBlocks(
    _ line: UnsafePointer<DepthwiseLine>, _ pair: UnsafePointer<Pair>, _ q: Int, _ end: Int
) {
    var channel = 0
    while channel < end {
        makeBlock(line.pointee, pair.pointee, q, channel, 16, isWhole: true)
        channel &+= 16
    }
}

/// Blocks with columns beside the image, or of fewer than sixteen channels.
@inline(never)
private func partBlocks(
    _ line: UnsafePointer<DepthwiseLine>, _ pair: UnsafePointer<Pair>, _ q: Int, _ start: Int
) {
    let channels = line.pointee.channels
    var channel = start
    while channel < channels {
        let width = channels &- channel < 16 ? channels &- channel : 16
        makeBlock(line.pointee, pair.pointee, q, channel, width, isWhole: false)
        channel &+= 16
    }
}

/// Four pixels of both lines, `width` channels of them.
@inline(__always)
private func makeBlock(
    _ line: DepthwiseLine, _ pair: Pair, _ q: Int, _ channel: Int, _ width: Int, isWhole: Bool
) {
    let padded = (line.channels &+ 15) & ~15
    let weights = line.weights + channel
    let (top, middle, bottom) = (weights, weights + 3 &* padded, weights + 6 &* padded)
    // The two lines below this pair, in the order in which they lie.
    let ahead = pair.ahead + (2 &* q &* line.channels &+ 8 &* channel)
    var first: Four = (all(0), all(0), all(0), all(0))
    var second = first
    var x = columns(pair, pair.rows.0, q, channel, width, isWhole: isWhole)
    askFor(ahead)
    pass(x, &first, top, padded)
    x = columns(pair, pair.rows.1, q, channel, width, isWhole: isWhole)
    askFor(ahead + 32)
    pass(x, &first, middle, padded)
    pass(x, &second, top, padded)
    x = columns(pair, pair.rows.2, q, channel, width, isWhole: isWhole)
    askFor(ahead + 64)
    pass(x, &first, bottom, padded)
    pass(x, &second, middle, padded)
    x = columns(pair, pair.rows.3, q, channel, width, isWhole: isWhole)
    askFor(ahead + 96)
    pass(x, &second, bottom, padded)
    let place = q &* pair.outStep &+ channel
    let (above, below, step) = (pair.first + place, pair.second + place, pair.outStep)
    // Asked once for what is most often the case.
    if isWhole, line.isStreamed, line.bias == nil, !line.isRectified {
        sluice_stream(first.0, above)
        sluice_stream(first.1, above + step)
        sluice_stream(first.2, above + 2 &* step)
        sluice_stream(first.3, above + 3 &* step)
        sluice_stream(second.0, below)
        sluice_stream(second.1, below + step)
        sluice_stream(second.2, below + 2 &* step)
        sluice_stream(second.3, below + 3 &* step)
        return
    }
    finish(line, first.0, above, channel, width)
    finish(line, first.1, above + step, channel, width)
    finish(line, first.2, above + 2 &* step, channel, width)
    finish(line, first.3, above + 3 &* step, channel, width)
    finish(line, second.0, below, channel, width)
    finish(line, second.1, below + step, channel, width)
    finish(line, second.2, below + 2 &* step, channel, width)
    finish(line, second.3, below + 3 &* step, channel, width)
}

@inline(__always)
private func askFor(_ place: Source) {
    sluice_prefetch_later(place)
    sluice_prefetch_later(place + 16)
}

/// What three taps of four outputs meet in a line of the input.
@inline(__always)
private func columns(
    _ pair: Pair, _ row: Source, _ q: Int, _ channel: Int, _ width: Int, isWhole: Bool
) -> Six {
    let step = pair.step
    let from = row + (q &* step &+ channel)
    if isWhole {
        return (
            load(from), load(from + step), load(from + 2 &* step), load(from + 3 &* step),
            load(from + 4 &* step), load(from + 5 &* step)
        )
    }
    @inline(__always)
    func column(_ i: Int) -> Lanes {
        let isInside = q &+ i >= pair.inside.start && q &+ i < pair.inside.end
        return isInside ? loadUpTo16(from + i &* step, width) : all(0)
    }
    return (column(0), column(1), column(2), column(3), column(4), column(5))
}

/// Three taps of a line of the filter, in order, join four chains.
@inline(__always)
private func pass(_ x: Six, _ sums: inout Four, _ weights: Source, _ padded: Int) {
    let (left, middle, right) = (load(weights), load(weights + padded), load(weights + 2 &* padded))
    sums.0 = sums.0.addingProduct(left, x.0)
    sums.1 = sums.1.addingProduct(left, x.1)
    sums.2 = sums.2.addingProduct(left, x.2)
    sums.3 = sums.3.addingProduct(left, x.3)
    sums.0 = sums.0.addingProduct(middle, x.1)
    sums.1 = sums.1.addingProduct(middle, x.2)
    sums.2 = sums.2.addingProduct(middle, x.3)
    sums.3 = sums.3.addingProduct(middle, x.4)
    sums.0 = sums.0.addingProduct(right, x.2)
    sums.1 = sums.1.addingProduct(right, x.3)
    sums.2 = sums.2.addingProduct(right, x.4)
    sums.3 = sums.3.addingProduct(right, x.5)
}

@inline(__always)
private func finish(_ line: DepthwiseLine, _ chain: Lanes, _ place: Target, _ channel: Int, _ width: Int) {
    putUpTo16(finishedPixel(line, chain, channel, width), place, width, isStreamed: line.isStreamed)
}
#endif
