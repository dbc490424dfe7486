import CTensorKernels

// The gradient of depthwise weights: of sixteen channels several taps at once are
// summed in registers over output pixels, whose dy is read once for all of them.
// Pixels and taps are found as in WindowTile.swift.

#if SLUICE_V4
/// Taps at once: those of a 3x3 filter.
private let tapsAtOnce = 9
private typealias TapSums = InlineArray<9, Lanes>
#else
private let tapsAtOnce = 5
private typealias TapSums = InlineArray<5, Lanes>
#endif

/// Channels at once: so many that memory is read in runs, and so few that what lies under
/// a block of pixels stays in the second-level cache.
private let channelsAtOnce = 128

/// Those channels `from..<to` that are made at once.
@inline(__always)
private func sliceWindow(_ it: SluiceConvolution, _ from: Int, _ to: Int, mayBeDirect: Bool) -> Window {
    let (y, x) = forwardAxes(it)
    let width = to - from < channelsAtOnce ? to - from : channelsAtOnce
    return window(
        y, x, channels: it.channels, first: from, width: width, pitch: (width + 15) & ~15,
        mayBeDirect: mayBeDirect && width & 15 == 0)
}

/// Sums of sixteen channels; the last taps at once may be more than there are.
@inline(__always)
private func sliceFloats(_ taps: Int) -> Int { 16 * (taps + tapsAtOnce) }

func depthwiseWeightFloats(_ it: SluiceConvolution) -> Int {
    let taps = it.kernelHeight * it.kernelWidth
    let copied = gatheredFloats(sliceWindow(it, 0, it.channels, mayBeDirect: false), blockDepth)
    return tableFloats(blockDepth) + tableFloats(taps + tapsAtOnce)
        + channelsAtOnce / 16 * sliceFloats(taps) + copied
}

func depthwiseWeightGradient(
    _ shape: UnsafePointer<SluiceConvolution>, _ dw: Target, _ dy: Source, _ x: Source, _ segment: Int,
    _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    var channel = from
    while channel < to {
        let end = to - channel < channelsAtOnce ? to : channel + channelsAtOnce
        var image = 0
        while image < it.images {
            let next = leafEnd(image, segment, it.images)
            depthwiseLeaf(shape, dw, dy, x, image, next, channel, end, workspace)
            image = next
        }
        channel = end
    }
}

/// The sums of images `image..<end` for channels `from..<to`, written to dw or added to it.
private func depthwiseLeaf(
    _ shape: UnsafePointer<SluiceConvolution>, _ dw: Target, _ dy: Source, _ x: Source, _ image: Int,
    _ end: Int, _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    let taps = it.kernelHeight * it.kernelWidth
    var workspace = workspace
    let steps = table(&workspace, blockDepth)
    let places = table(&workspace, taps + tapsAtOnce)
    let sums = take(&workspace, channelsAtOnce / 16 * sliceFloats(taps))
    var window = sliceWindow(it, from, to, mayBeDirect: true)
    tabulateTaps(places, window, channels: 1)
    var beyond = 0
    while beyond < tapsAtOnce {
        places[taps + beyond] = places[taps - 1]
        beyond += 1
    }
    let (start, last) = (image * it.outHeight * it.outWidth, end * it.outHeight * it.outWidth)
    var pixel = start
    while pixel < last {
        let here = last - pixel < blockDepth ? last - pixel : blockDepth
        let base = gather(&window, x, pixel, pixel + here, workspace, steps)
        var channel = from
        while channel < to {
            let width = to - channel < 16 ? to - channel : 16
            let slice = sums + (channel - from) / 16 * sliceFloats(taps)
            let rows = dy + (pixel * it.outputs + channel)
            var t = 0
            while t < taps {
                let (out, a) = (slice + 16 * t, base + (channel - from))
                if width == 16 {
                    sumTaps(out, a, places + t, steps, rows, it.outputs, here, 16, adds: pixel > start)
                } else {
                    sumPartTaps(out, a, places + t, steps, rows, it.outputs, here, width, adds: pixel > start)
                }
                t += tapsAtOnce
            }
            channel += 16
        }
        pixel += here
    }
    var channel = from
    while channel < to {
        let slice = sums + ((channel - from) / 16 * sliceFloats(taps) + (channel - from) % 16)
        let out = dw + channel * taps
        var t = 0
        while t < taps {
            out[t] = image > 0 ? out[t] + slice[16 * t] : slice[16 * t]
            t += 1
        }
        channel += 1
    }
}

@inline(never)
private func sumTaps(
    _ out: Target, _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source,
    _ bStep: Int, _ depth: Int, _ width: Int, adds: Bool
) { join(tapSums(a, places, steps, b, bStep, depth, width, isPart: false), out, adds) }

@inline(never)
private func sumPartTaps(
    _ out: Target, _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source,
    _ bStep: Int, _ depth: Int, _ width: Int, adds: Bool
) { join(tapSums(a, places, steps, b, bStep, depth, width, isPart: true), out, adds) }

/// One chain for each tap and lane over `depth` pixels.
@inline(__always)
private func tapSums(
    _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source, _ bStep: Int,
    _ depth: Int, _ width: Int, isPart: Bool
) -> TapSums {
    var sums = TapSums(repeating: all(0))
    let (a0, a1, a2) = (a + places[0], a + places[1], a + places[2])
    let (a3, a4) = (a + places[3], a + places[4])
    #if SLUICE_V4
    let (a5, a6) = (a + places[5], a + places[6])
    let (a7, a8) = (a + places[7], a + places[8])
    #endif
    var right = b
    var p = 0
    while p < depth {
        let step = steps[p]
        let factor = isPart ? sluice_load_first(right, width, 0) : load(right)
        sums[0] = sums[0].addingProduct(load(a0 + step), factor)
        sums[1] = sums[1].addingProduct(load(a1 + step), factor)
        sums[2] = sums[2].addingProduct(load(a2 + step), factor)
        sums[3] = sums[3].addingProduct(load(a3 + step), factor)
        sums[4] = sums[4].addingProduct(load(a4 + step), factor)
        #if SLUICE_V4
        sums[5] = sums[5].addingProduct(load(a5 + step), factor)
        sums[6] = sums[6].addingProduct(load(a6 + step), factor)
        sums[7] = sums[7].addingProduct(load(a7 + step), factor)
        sums[8] = sums[8].addingProduct(load(a8 + step), factor)
        #endif
        right += bStep
        p &+= 1
    }
    return sums
}

@inline(__always)
private func join(_ sums: borrowing TapSums, _ out: Target, _ adds: Bool) {
    join(sums[0], out, adds)
    join(sums[1], out + 16, adds)
    join(sums[2], out + 32, adds)
    join(sums[3], out + 48, adds)
    join(sums[4], out + 64, adds)
    #if SLUICE_V4
    join(sums[5], out + 80, adds)
    join(sums[6], out + 96, adds)
    join(sums[7], out + 112, adds)
    join(sums[8], out + 128, adds)
    #endif
}

@inline(__always)
private func join(_ lanes: Lanes, _ out: Target, _ adds: Bool) {
    store(adds ? load(out) + lanes : lanes, out)
}
