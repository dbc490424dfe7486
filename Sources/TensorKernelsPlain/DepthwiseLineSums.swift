import CTensorKernels

// The chains of depthwise filters of 3x3 at stride 1: along a line of outputs a column of the
// image is read once and meets all taps, where DepthwiseWeightGradient.swift reads nine pixels
// for each output from a copy of the image. The bits are the same.

#if SLUICE_V4
/// A part of a line of outputs `start..<end`, the lines of the image under it, and what will be
/// wanted afterwards. (A tuple, as in Window.swift.)
private typealias Run = (
    start: Int, end: Int, rows: (Source, Source, Source), slope: Source, width: Int, pad: Int, step: Int,
    nextLine: Source, nextSlope: Source, nextStep: Int
)

private typealias Column = (Lanes, Lanes, Lanes)

/// Whether the filters of this convolution are summed line by line.
@inline(__always)
func sumsLines(_ it: SluiceConvolution) -> Bool {
    it.kernelHeight == 3 && it.kernelWidth == 3 && it.strideY == 1 && it.strideX == 1 && it.dilationY == 1
        && it.dilationX == 1
}

/// The chains of output pixels `start..<end` for channels `from..<to`, nine vectors for each sixteen
/// channels.
///
/// - Parameter zeros: A line of them.
@inline(never)
func sumLines(
    _ shape: UnsafePointer<SluiceConvolution>, _ chains: Target, _ dy: Source, _ x: Source, _ start: Int,
    _ end: Int, _ from: Int, _ to: Int, _ zeros: Source
) {
    let it = shape.pointee
    let channels = it.channels
    let lineFloats = it.width * channels
    let isWhole = to - from == channels
    var pixel = start
    while pixel < end {
        let (line, q) = (pixel / it.outWidth, pixel % it.outWidth)
        let here = end - pixel < it.outWidth - q ? end - pixel : it.outWidth - q
        let (image, top) = (line / it.outHeight, line % it.outHeight - it.padTop)
        func row(_ number: Int) -> Source {
            let isInside = number >= 0 && number < it.height
            return isInside ? x + (image * it.height + number) * lineFloats : zeros
        }
        var run: Run = (
            start: q, end: q + here, rows: (row(top), row(top + 1), row(top + 2)),
            slope: dy + line * it.outWidth * channels, width: it.width, pad: it.padLeft, step: channels,
            nextLine: x + (image * it.height + top + 3) * lineFloats,
            nextSlope: dy + (line + 1) * it.outWidth * channels, nextStep: isWhole ? 16 : channels
        )
        var channel = from
        while channel < to {
            let width = to - channel < 16 ? to - channel : 16
            // All channels of a line are asked for in the order in which they lie, a share of them with
            // each sixteen.
            let ahead = isWhole ? channel * it.outWidth + 16 * q : q * channels + channel
            let chain = chains + (channel - from) / 16 * sliceFloats(9)
            if width == 16 {
                sumWholeRun(&run, chain, channel, ahead, pixel == start)
            } else {
                sumPartRun(&run, chain, channel, ahead, width, pixel == start)
            }
            channel += 16
        }
        pixel += here
    }
}

@inline(never)
private func sumWholeRun(
    _ run: UnsafePointer<Run>, _ chain: Target, _ channel: Int, _ ahead: Int, _ isFirst: Bool
) { sumRun(run.pointee, chain, channel, ahead, 16, isFirst, isPart: false) }

@inline(never)
private func sumPartRun(
    _ run: UnsafePointer<Run>, _ chain: Target, _ channel: Int, _ ahead: Int, _ width: Int, _ isFirst: Bool
) { sumRun(run.pointee, chain, channel, ahead, width, isFirst, isPart: true) }

/// Goes on with nine chains of `width` channels, or begins them.
@inline(__always)
private func sumRun(
    _ run: Run, _ chain: Target, _ channel: Int, _ ahead: Int, _ width: Int, _ isFirst: Bool, isPart: Bool
) {
    let zero = all(0)
    var top: Column = (zero, zero, zero)
    var (middle, bottom) = (top, top)
    if !isFirst {
        top = (load(chain), load(chain + 16), load(chain + 32))
        middle = (load(chain + 48), load(chain + 64), load(chain + 80))
        bottom = (load(chain + 96), load(chain + 112), load(chain + 128))
    }
    let (row0, row1, row2) = (run.rows.0 + channel, run.rows.1 + channel, run.rows.2 + channel)
    let step = run.step

    @inline(__always)
    func read(_ place: Source) -> Lanes { isPart ? loadUpTo16(place, width) : load(place) }
    @inline(__always)
    func column(_ k: Int) -> Column {
        if k < 0 || k >= run.width { return (zero, zero, zero) }
        return (read(row0 + k &* step), read(row1 + k &* step), read(row2 + k &* step))
    }

    var left = column(run.start &- run.pad)
    var centre = column(run.start &- run.pad &+ 1)
    var slope = run.slope + (run.start &* step &+ channel)
    var (nextLine, nextSlope) = (run.nextLine + ahead, run.nextSlope + ahead)
    var k = run.start &- run.pad &+ 2
    let end = run.end &- run.pad &+ 2
    while k < end {
        sluice_prefetch_later(nextLine)
        sluice_prefetch_later(nextSlope)
        nextLine += run.nextStep
        nextSlope += run.nextStep
        let right = column(k)
        let factor = read(slope)
        slope += step
        top.0 = top.0.addingProduct(left.0, factor)
        top.1 = top.1.addingProduct(centre.0, factor)
        top.2 = top.2.addingProduct(right.0, factor)
        middle.0 = middle.0.addingProduct(left.1, factor)
        middle.1 = middle.1.addingProduct(centre.1, factor)
        middle.2 = middle.2.addingProduct(right.1, factor)
        bottom.0 = bottom.0.addingProduct(left.2, factor)
        bottom.1 = bottom.1.addingProduct(centre.2, factor)
        bottom.2 = bottom.2.addingProduct(right.2, factor)
        left = centre
        centre = right
        k &+= 1
    }
    store(top.0, chain)
    store(top.1, chain + 16)
    store(top.2, chain + 32)
    store(middle.0, chain + 48)
    store(middle.1, chain + 64)
    store(middle.2, chain + 80)
    store(bottom.0, chain + 96)
    store(bottom.1, chain + 112)
    store(bottom.2, chain + 128)
}
#endif
