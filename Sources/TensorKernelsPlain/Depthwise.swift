import CTensorKernels

// A convolution in which each channel has a filter of its own: no product but a
// stream. A register holds sixteen channels of an output pixel; several pixels
// are made at once, so that their chains do not wait for each other and a tap's
// weights are read once for all. Lines beyond the image are a line of zeros;
// pixels some of whose taps are beside it are made one at a time. What there
// mostly is, 3x3 at stride 1, goes two lines at a time (DepthwisePairs.swift).

#if SLUICE_V4
/// Pixels at once.
private let pixelsAtOnce = 8
private typealias PixelSums = InlineArray<8, Lanes>
#else
private let pixelsAtOnce = 4
private typealias PixelSums = InlineArray<4, Lanes>
#endif

@inline(__always)
func isDepthwise(_ it: SluiceConvolution) -> Bool { it.groups == it.channels && it.outputs == it.channels }

@inline(__always)
private func paddedChannels(_ it: SluiceConvolution) -> Int { (it.channels + 15) & ~15 }

/// The longest line either pass reads.
@inline(__always)
private func zeroFloats(_ it: SluiceConvolution) -> Int {
    let forward = (it.outWidth - 1) * it.strideX + 1
    return (it.width > forward ? it.width : forward) * it.channels + 16
}

/// Weights tap by tap, where taps lie (three tables), and a line of zeros.
func depthwiseFloats(_ it: SluiceConvolution) -> Int {
    let taps = it.kernelHeight * it.kernelWidth
    return taps * paddedChannels(it) + 3 * tableFloats(taps) + zeroFloats(it) + 16
}

/// A line to be made: output q goes to `out + q * outStep` and tap t of it is `q * inStep` floats
/// from the address `taps[t]`, inside the image when q is in `starts[t]..<ends[t]`.
typealias DepthwiseLine = (
    out: Target, outStep: Int, count: Int, source: Source, inStep: Int, taps: UnsafeMutablePointer<Int>,
    starts: UnsafeMutablePointer<Int>, ends: UnsafeMutablePointer<Int>, tapCount: Int, weights: Source,
    zeros: Source, channels: Int, bias: Source?, isRectified: Bool, isStreamed: Bool,
    ahead: Source, aheadStep: Int
)

func depthwiseLines(
    _ shape: UnsafePointer<SluiceConvolution>, _ y: Target, _ x: Source, _ w: Source, _ bias: Source?,
    _ activation: Int, _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    let axes = forwardAxes(it)
    var line = prepared(it, (axes.y, 0, 1), (axes.x, 0, 1), x, w, workspace)
    line.outStep = it.channels
    line.bias = bias
    line.isRectified = activation == 1
    line.isStreamed =
        it.channels & 15 == 0 && line.tapCount <= blockDepth
        && streams(y, x, it.images * it.outHeight * it.outWidth * it.channels)
    var number = from
    while number < to {
        line.out = y + number * it.outWidth * it.channels
        number += makeLines(
            &line, axes.y, axes.x, number / it.outHeight, number % it.outHeight, to - number,
            it.outWidth * it.channels)
    }
    if line.isStreamed { sluice_stream_end() }
}

func depthwiseInputGradient(
    _ shape: UnsafePointer<SluiceConvolution>, _ dx: Target, _ dy: Source, _ w: Source, _ from: Int,
    _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    var phaseX = 0
    while phaseX < it.strideX {
        var phaseY = 0
        while phaseY < it.strideY {
            let y = backwardAxis(
                it.height, it.outHeight, phaseY, it.strideY, it.padTop, it.dilationY, it.kernelHeight)
            let x = backwardAxis(
                it.width, it.outWidth, phaseX, it.strideX, it.padLeft, it.dilationX, it.kernelWidth)
            var line = prepared(it, y, x, dy, w, workspace)
            line.outStep = it.strideX * it.channels
            line.isStreamed =
                it.channels & 15 == 0 && line.tapCount <= blockDepth
                && streams(dx, dy, it.images * it.height * it.width * it.channels)
            var number = phaseLines(from, it.height, phaseY, it.strideY, y.axis.count)
            let end = phaseLines(to, it.height, phaseY, it.strideY, y.axis.count)
            while number < end {
                let (image, q) = (number / y.axis.count, number % y.axis.count)
                let row = image * it.height + q * it.strideY + phaseY
                line.out = dx + (row * it.width + phaseX) * it.channels
                number += makeLines(
                    &line, y.axis, x.axis, image, q, end - number, it.strideY * it.width * it.channels)
            }
            if line.isStreamed { sluice_stream_end() }
            phaseY += 1
        }
        phaseX += 1
    }
}

/// Everything of a line that is the same for all of them.
private func prepared(
    _ it: SluiceConvolution, _ y: (axis: Axis, tap: Int, tapStep: Int),
    _ x: (axis: Axis, tap: Int, tapStep: Int), _ source: Source, _ w: Source, _ workspace: Target
) -> DepthwiseLine {
    let tapCount = y.axis.taps * x.axis.taps
    var workspace = workspace
    let (taps, starts, ends) = (
        table(&workspace, tapCount), table(&workspace, tapCount), table(&workspace, tapCount)
    )
    let weights = take(&workspace, tapCount * paddedChannels(it))
    var t = 0
    while t < tapCount {
        let ky = y.tap + t / x.axis.taps * y.tapStep
        let kx = x.tap + t % x.axis.taps * x.tapStep
        let row = weights + t * paddedChannels(it)
        var channel = 0
        while channel < it.channels {
            row[channel] = w[(channel * it.kernelHeight + ky) * it.kernelWidth + kx]
            channel += 1
        }
        clear(row + channel, paddedChannels(it) - channel)
        t += 1
    }
    clear(workspace, zeroFloats(it))
    return (
        out: workspace, outStep: 0, count: x.axis.count, source: source, inStep: x.axis.stride * it.channels,
        taps: taps, starts: starts, ends: ends, tapCount: tapCount, weights: UnsafePointer(weights),
        zeros: UnsafePointer(workspace), channels: it.channels, bias: nil, isRectified: false,
        isStreamed: false, ahead: source, aheadStep: 0
    )
}

/// Makes line q of an image, or lines q and q + 1 where `count` allows both.
/// - Returns: how many lines were made.
@inline(__always)
private func makeLines(
    _ line: inout DepthwiseLine, _ y: Axis, _ x: Axis, _ image: Int, _ q: Int, _ count: Int, _ lineStep: Int
) -> Int {
    #if SLUICE_V4
    if count >= 2, q + 2 <= y.count, arePaired(y, x) {
        makePair(&line, y, x, image, q, lineStep)
        return 2
    }
    #endif
    aim(&line, y, x, image, q)
    makeLine(&line)
    return 1
}

/// Finds where the taps of line q of an image lie.
@inline(__always)
private func aim(_ line: inout DepthwiseLine, _ y: Axis, _ x: Axis, _ image: Int, _ q: Int) {
    let bottom = image * y.size + q * y.stride + y.start + y.low + y.span
    line.ahead = line.source + bottom * x.size * line.channels
    line.aheadStep = y.stride * x.stride * line.channels
    var t = 0
    var ty = 0
    while ty < y.taps {
        let row = q * y.stride + y.start + ty * y.step
        let isInside = row >= 0 && row < y.size
        var tx = 0
        while tx < x.taps {
            let column = x.start + tx * x.step
            // The first with q * stride + column >= 0, the first with it >= size.
            let start = column >= 0 ? 0 : (-column + x.stride - 1) / x.stride
            let end = x.size > column ? (x.size - column + x.stride - 1) / x.stride : 0
            let place = ((image * y.size + row) * x.size + column) * line.channels
            line.taps[t] = Int(bitPattern: isInside ? line.source + place : line.zeros)
            line.starts[t] = start < x.count ? start : x.count
            line.ends[t] = end < x.count ? end : x.count
            if !isInside { (line.starts[t], line.ends[t]) = (0, x.count) }
            t += 1
            tx += 1
        }
        ty += 1
    }
}

@inline(never)
private func makeLine(_ pointer: UnsafePointer<DepthwiseLine>) {
    let it = pointer.pointee
    // Where all taps are inside.
    var (start, end) = (0, it.count)
    var t = 0
    while t < it.tapCount {
        if it.starts[t] > start { start = it.starts[t] }
        if it.ends[t] < end { end = it.ends[t] }
        t += 1
    }
    if end - start < pixelsAtOnce { (start, end) = (it.count, it.count) }
    var q = 0
    while q < start {
        makePixel(it, q)
        q += 1
    }
    while q < end {
        // The last ones begin early and make some pixels a second time.
        let first = end - q < pixelsAtOnce ? end - pixelsAtOnce : q
        if !asksByTap(it) {
            let (from, to) = (q &* it.aheadStep, (q &+ pixelsAtOnce) &* it.aheadStep)
            var place = from
            while place < to {
                sluice_prefetch_later(it.ahead + place)
                place &+= 16
            }
        }
        makePixels(it, first)
        q = first + pixelsAtOnce
    }
    while q < it.count {
        makePixel(it, q)
        q += 1
    }
}

/// Sixteen channels at a time the next line is read in an order that no one foresees, so it is asked
/// for: of a pixel a line of the cache with each tap, where that asks for all of it, since many at once
/// wait for each other.
@inline(__always)
private func asksByTap(_ it: DepthwiseLine) -> Bool {
    it.aheadStep == it.channels && it.tapCount >= pixelsAtOnce
}

@inline(__always)
private func makePixels(_ it: DepthwiseLine, _ q: Int) {
    var channel = 0
    while channel < it.channels {
        if it.channels &- channel >= 16 {
            makePixels(it, q, channel, 16, isPart: false)
        } else {
            makePixels(it, q, channel, it.channels &- channel, isPart: true)
        }
        channel &+= 16
    }
}

@inline(__always)
private func tap(_ it: DepthwiseLine, _ t: Int, _ place: Int) -> Source {
    Source(bitPattern: it.taps[t]).unsafelyUnwrapped + place
}

@inline(__always)
private func read(_ p: Source, _ width: Int, isPart: Bool) -> Lanes {
    isPart ? sluice_load_first(p, width, 0) : load(p)
}

/// `width` channels of several pixels.
@inline(__always)
private func makePixels(_ it: DepthwiseLine, _ q: Int, _ channel: Int, _ width: Int, isPart: Bool) {
    let step = it.inStep
    let padded = (it.channels &+ 15) & ~15
    var weights = it.weights + channel
    let asksByTap = asksByTap(it)
    var ahead = it.ahead + (q &* it.aheadStep &+ channel)
    var t = 0
    repeat {
        let end = it.tapCount &- t < blockDepth ? it.tapCount : t &+ blockDepth
        let isFirst = t == 0
        var sums = PixelSums(repeating: all(0))
        while t < end {
            let x = tap(it, t, q &* step &+ channel)
            let weight = load(weights)
            sums[0] = sums[0].addingProduct(weight, read(x, width, isPart: isPart))
            sums[1] = sums[1].addingProduct(weight, read(x + step, width, isPart: isPart))
            sums[2] = sums[2].addingProduct(weight, read(x + 2 &* step, width, isPart: isPart))
            sums[3] = sums[3].addingProduct(weight, read(x + 3 &* step, width, isPart: isPart))
            #if SLUICE_V4
            sums[4] = sums[4].addingProduct(weight, read(x + 4 &* step, width, isPart: isPart))
            sums[5] = sums[5].addingProduct(weight, read(x + 5 &* step, width, isPart: isPart))
            sums[6] = sums[6].addingProduct(weight, read(x + 6 &* step, width, isPart: isPart))
            sums[7] = sums[7].addingProduct(weight, read(x + 7 &* step, width, isPart: isPart))
            #endif
            if asksByTap, t < pixelsAtOnce { sluice_prefetch_later(ahead) }
            ahead += it.aheadStep
            weights += padded
            t &+= 1
        }
        let isLast = t == it.tapCount
        finish(it, sums[0], q, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[1], q &+ 1, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[2], q &+ 2, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[3], q &+ 3, channel, width, isFirst: isFirst, isLast: isLast)
        #if SLUICE_V4
        finish(it, sums[4], q &+ 4, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[5], q &+ 5, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[6], q &+ 6, channel, width, isFirst: isFirst, isLast: isLast)
        finish(it, sums[7], q &+ 7, channel, width, isFirst: isFirst, isLast: isLast)
        #endif
    } while t < it.tapCount
}

/// One pixel, of which taps may be beside the image.
@inline(__always)
private func makePixel(_ it: DepthwiseLine, _ q: Int) {
    let padded = (it.channels &+ 15) & ~15
    var channel = 0
    while channel < it.channels {
        let width = it.channels &- channel < 16 ? it.channels &- channel : 16
        var t = 0
        repeat {
            let end = it.tapCount &- t < blockDepth ? it.tapCount : t &+ blockDepth
            let isFirst = t == 0
            var sum = all(0)
            while t < end {
                let isInside = it.starts[t] <= q && q < it.ends[t]
                let x = isInside ? tap(it, t, q &* it.inStep &+ channel) : it.zeros
                sum = sum.addingProduct(load(it.weights + (t &* padded &+ channel)), loadUpTo16(x, width))
                t &+= 1
            }
            finish(it, sum, q, channel, width, isFirst: isFirst, isLast: t == it.tapCount)
        } while t < it.tapCount
        channel &+= 16
    }
}

/// A chain joins its fold; what follows a whole fold is done to it.
@inline(__always)
private func finish(
    _ it: DepthwiseLine, _ chain: Lanes, _ q: Int, _ channel: Int, _ width: Int, isFirst: Bool, isLast: Bool
) {
    let place = it.out + (q &* it.outStep &+ channel)
    var lanes = chain
    if !isFirst { lanes = loadUpTo16(place, width) + lanes }
    if isLast {
        return putUpTo16(finishedPixel(it, lanes, channel, width), place, width, isStreamed: it.isStreamed)
    }
    storeUpTo16(lanes, place, width)
}

/// What follows a whole fold.
@inline(__always)
func finishedPixel(_ it: DepthwiseLine, _ fold: Lanes, _ channel: Int, _ width: Int) -> Lanes {
    var lanes = fold
    if let bias = it.bias { lanes = lanes + loadUpTo16(bias + channel, width) }
    if it.isRectified { lanes = lanes.replacing(with: all(0), where: lanes .< all(0)) }
    return lanes
}

@inline(__always)
func putUpTo16(_ lanes: Lanes, _ place: Target, _ width: Int, isStreamed: Bool) {
    if isStreamed { sluice_stream(lanes, place) } else { storeUpTo16(lanes, place, width) }
}
