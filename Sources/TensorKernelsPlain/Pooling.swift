import CTensorKernels

// Pools over images whose channels lie together, so that a vector holds
// channels of one place and windows need no shuffles. Padding is left out of
// the loops instead of being compared or added.

/// The lines, or columns, of an image under a window.
@inline(__always)
private func under(
    _ place: Int, _ stride: Int, _ pad: Int, _ length: Int, _ size: Int
) -> (from: Int, to: Int) {
    let start = place &* stride &- pad
    let end = start &+ length
    return (start < 0 ? 0 : start, end > size ? size : end)
}

/// What of a window lies on its image: where its first element is, how many lines
/// and columns, and the floats between elements and between lines of x.
typealias WindowPart = (corner: Int, height: Int, width: Int, step: Int, lineStep: Int)

/// The windows of a line of y, as far as their columns are not known.
@inline(__always)
func windowLine(_ it: SluiceWindow, image: Int, row: Int) -> WindowPart {
    let rows = under(row, it.strideY, it.padTop, it.windowHeight, it.height)
    let lineStep = it.width &* it.channels
    return ((image &* it.height &+ rows.from) &* lineStep, rows.to &- rows.from, 0, it.channels, lineStep)
}

@inline(__always)
func windowPart(_ it: SluiceWindow, _ line: WindowPart, _ column: Int) -> WindowPart {
    let columns = under(column, it.strideX, it.padLeft, it.windowWidth, it.width)
    return (
        line.corner &+ columns.from &* line.step, line.height, columns.to &- columns.from, line.step,
        line.lineStep
    )
}

/// The number a window's sum is divided by; 1 where there is nothing to sum.
@inline(__always)
func windowShare(_ it: SluiceWindow, _ part: WindowPart, _ countsPadding: Bool) -> Float {
    if countsPadding { return Float(it.windowHeight &* it.windowWidth) }
    return part.height > 0 && part.width > 0 ? Float(part.height &* part.width) : 1
}

private enum Pool {
    case largest, sum
}

@inline(__always)
private func step(_ pool: Pool, _ x: Lanes, _ y: Lanes) -> Lanes {
    switch pool {
    case .largest: sluice_larger_or_nan(x, y)
    case .sum: y + x
    }
}

@inline(__always)
private func start(_ pool: Pool) -> Lanes { all(pool == .largest ? -.infinity : 0) }

/// One element of y for all channels, divided by `count`.
@inline(__always)
private func fold(_ pool: Pool, _ y: Target, _ x: Source, _ part: WindowPart, _ count: Float, _ past: Bool) {
    let channels = part.step
    let blocks = wholeBlocks(channels)
    var channel = 0
    while channel < blocks {
        var (a, b, c, d) = (start(pool), start(pool), start(pool), start(pool))
        var row = 0
        while row < part.height {
            var from = x + (part.corner &+ row &* part.lineStep &+ channel)
            var column = 0
            while column < part.width {
                a = step(pool, load(from), a)
                b = step(pool, load(from + 16), b)
                c = step(pool, load(from + 32), c)
                d = step(pool, load(from + 48), d)
                from += part.step
                column &+= 1
            }
            row &+= 1
        }
        if pool == .sum { (a, b, c, d) = (a / all(count), b / all(count), c / all(count), d / all(count)) }
        put(a, y + channel, past)
        put(b, y + channel + 16, past)
        put(c, y + channel + 32, past)
        put(d, y + channel + 48, past)
        channel &+= 64
    }
    while channel < channels {
        let width = channels &- channel
        var lanes = start(pool)
        var row = 0
        while row < part.height {
            var from = x + (part.corner &+ row &* part.lineStep &+ channel)
            var column = 0
            while column < part.width {
                lanes = step(pool, loadUpTo16(from, width), lanes)
                from += part.step
                column &+= 1
            }
            row &+= 1
        }
        if pool == .sum { lanes = lanes / all(count) }
        if past { sluice_stream(lanes, y + channel) } else { storeUpTo16(lanes, y + channel, width) }
        channel &+= 16
    }
}

@inline(__always)
private func pool(
    _ pool: Pool, _ it: SluiceWindow, _ y: Target, _ x: Source, _ countsPadding: Bool, _ from: Int, _ to: Int
) {
    let past =
        it.channels & 15 == 0 && streams(y, x, it.images &* it.outHeight &* it.outWidth &* it.channels)
    var line = from
    var place = y + from &* it.outWidth &* it.channels
    while line < to {
        let image = line / it.outHeight
        let windows = windowLine(it, image: image, row: line &- image &* it.outHeight)
        var column = 0
        while column < it.outWidth {
            let part = windowPart(it, windows, column)
            fold(pool, place, x, part, pool == .sum ? windowShare(it, part, countsPadding) : 1, past)
            place += it.channels
            column &+= 1
        }
        line &+= 1
    }
    if past { sluice_stream_end() }
}

func maxPools(_ window: UnsafePointer<SluiceWindow>, _ y: Target, _ x: Source, _ from: Int, _ to: Int) {
    pool(.largest, window.pointee, y, x, false, from, to)
}

func averagePools(
    _ window: UnsafePointer<SluiceWindow>, _ y: Target, _ x: Source, _ countsPadding: Int, _ from: Int,
    _ to: Int
) {
    pool(.sum, window.pointee, y, x, countsPadding != 0, from, to)
}
