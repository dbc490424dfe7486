import CTensorKernels

// The gradient of depthwise weights, in two passes. The first makes the chains of each part, a block of
// output pixels under some channels: of sixteen channels several taps at once are summed in
// registers, and dy is read once for all of them. Pixels and taps are found as in
// WindowTile.swift, or along lines (DepthwiseLineSums.swift). The second folds chains in order.
// So threads share blocks of pixels, which lie together in memory, and not channels, of
// which each thread would read a piece here and a piece there.

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

/// Floats of the chains of sixteen channels of a block; the last taps at once may be more than there are.
@inline(__always)
func sliceFloats(_ taps: Int) -> Int { 16 * ((taps + tapsAtOnce - 1) / tapsAtOnce * tapsAtOnce) }

func depthwisePartFloats(_ shape: UnsafePointer<SluiceConvolution>) -> Int {
    let it = shape.pointee
    let channels = it.channels < channelsAtOnce ? it.channels : channelsAtOnce
    return (channels + 15) / 16 * sliceFloats(it.kernelHeight * it.kernelWidth)
}

/// How the parts of a gradient are counted: leaf by leaf, block by block, then by channels.
private typealias Parts = (leafImages: Int, leafBlocks: Int, blocks: Int, channelParts: Int)

@inline(__always)
private func counted(_ it: SluiceConvolution, _ segment: Int) -> Parts {
    let pixels = it.outHeight * it.outWidth
    let leafImages = leafEnd(0, segment, it.images)
    let leafBlocks = (leafImages * pixels + blockDepth - 1) / blockDepth
    let rest = leafImages > 0 ? it.images % leafImages : 0
    let leaves = leafImages > 0 ? it.images / leafImages : 0
    return (
        leafImages, leafBlocks, leaves * leafBlocks + (rest * pixels + blockDepth - 1) / blockDepth,
        (it.channels + channelsAtOnce - 1) / channelsAtOnce
    )
}

func depthwiseParts(_ shape: UnsafePointer<SluiceConvolution>, _ segment: Int) -> Int {
    let it = shape.pointee
    if !isDepthwise(it) || it.kernelHeight * it.kernelWidth <= 0 { return 0 }
    let parts = counted(it, segment)
    return parts.blocks * parts.channelParts
}

func depthwiseWeightFloats(_ it: SluiceConvolution) -> Int {
    let taps = it.kernelHeight * it.kernelWidth
    let copied = gatheredFloats(sliceWindow(it, 0, it.channels, mayBeDirect: false), blockDepth)
    return tableFloats(blockDepth) + tableFloats(taps + tapsAtOnce) + copied + it.width * it.channels + 16
}

func depthwiseWeightChains(
    _ shape: UnsafePointer<SluiceConvolution>, _ chains: Target, _ dy: Source, _ x: Source, _ segment: Int,
    _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    let parts = counted(it, segment)
    let pixels = it.outHeight * it.outWidth
    let workspace = aligned(workspace)
    #if SLUICE_V4
    let isByLine = sumsLines(it)
    if isByLine { clear(workspace, it.width * it.channels) }
    #endif
    var part = from
    while part < to {
        let (block, channelPart) = (part / parts.channelParts, part % parts.channelParts)
        let leaf = block / parts.leafBlocks
        let start = leaf * parts.leafImages * pixels + block % parts.leafBlocks * blockDepth
        let rest = leafEnd(leaf * parts.leafImages, segment, it.images) * pixels - start
        let end = start + (rest < blockDepth ? rest : blockDepth)
        let first = channelPart * channelsAtOnce
        let last = it.channels - first < channelsAtOnce ? it.channels : first + channelsAtOnce
        let out = chains + part * depthwisePartFloats(shape)
        #if SLUICE_V4
        if isByLine {
            sumLines(shape, out, dy, x, start, end, first, last, Source(workspace))
        } else {
            sumTaps(shape, out, dy, x, start, end, first, last, workspace)
        }
        #else
        sumTaps(shape, out, dy, x, start, end, first, last, workspace)
        #endif
        part += 1
    }
}

/// The chains of pixels `pixel..<end` for channels `from..<to`.
@inline(never)
private func sumTaps(
    _ shape: UnsafePointer<SluiceConvolution>, _ chains: Target, _ dy: Source, _ x: Source, _ pixel: Int,
    _ end: Int, _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    let taps = it.kernelHeight * it.kernelWidth
    var workspace = workspace
    let steps = table(&workspace, blockDepth)
    let places = table(&workspace, taps + tapsAtOnce)
    var window = sliceWindow(it, from, to, mayBeDirect: true)
    tabulateTaps(places, window, channels: 1)
    var beyond = 0
    while beyond < tapsAtOnce {
        places[taps + beyond] = places[taps - 1]
        beyond += 1
    }
    let base = gather(&window, x, pixel, end, workspace, steps)
    var channel = from
    while channel < to {
        let width = to - channel < 16 ? to - channel : 16
        let slice = chains + (channel - from) / 16 * sliceFloats(taps)
        let rows = dy + (pixel * it.outputs + channel)
        var t = 0
        while t < taps {
            let (out, a) = (slice + 16 * t, base + (channel - from))
            if width == 16 {
                sumTaps(out, a, places + t, steps, rows, it.outputs, end - pixel, 16)
            } else {
                sumPartTaps(out, a, places + t, steps, rows, it.outputs, end - pixel, width)
            }
            t += tapsAtOnce
        }
        channel += 16
    }
}

/// Folds chains to channels `from..<to` of dw; `from` is a multiple of sixteen.
func depthwiseWeightFolds(
    _ shape: UnsafePointer<SluiceConvolution>, _ dw: Target, _ chains: Source, _ segment: Int, _ from: Int,
    _ to: Int
) {
    let it = shape.pointee
    let taps = it.kernelHeight * it.kernelWidth
    let parts = counted(it, segment)
    let step = parts.channelParts * depthwisePartFloats(shape)
    var channel = from
    while channel < to {
        let width = to - channel < 16 ? to - channel : 16
        let slice =
            chains + channel / channelsAtOnce * depthwisePartFloats(shape)
            + channel % channelsAtOnce / 16 * sliceFloats(taps)
        foldTaps(slice, step, parts.leafBlocks, parts.blocks, dw + channel * taps, taps, width)
        channel += 16
    }
}

/// Blocks of a leaf left to right, then leaves: all taps of `width` channels.
@inline(never)
private func foldTaps(
    _ chains: Source, _ step: Int, _ leafBlocks: Int, _ blocks: Int, _ out: Target, _ taps: Int, _ width: Int
) {
    var tap = 0
    while tap < taps {
        var sum = all(0)
        var block = 0
        while block < blocks {
            let end = blocks - block < leafBlocks ? blocks : block + leafBlocks
            let isFirst = block == 0
            var leaf = load(chains + (block &* step &+ 16 &* tap))
            block &+= 1
            while block < end {
                leaf = leaf + load(chains + (block &* step &+ 16 &* tap))
                block &+= 1
            }
            sum = isFirst ? leaf : sum + leaf
        }
        var lane = 0
        while lane < width {
            out[lane &* taps &+ tap] = sum[lane]
            lane &+= 1
        }
        tap &+= 1
    }
}

@inline(never)
private func sumTaps(
    _ out: Target, _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source,
    _ bStep: Int, _ depth: Int, _ width: Int
) { store(tapSums(a, places, steps, b, bStep, depth, width, isPart: false), out) }

@inline(never)
private func sumPartTaps(
    _ out: Target, _ a: Source, _ places: UnsafePointer<Int>, _ steps: UnsafePointer<Int>, _ b: Source,
    _ bStep: Int, _ depth: Int, _ width: Int
) { store(tapSums(a, places, steps, b, bStep, depth, width, isPart: true), out) }

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
private func store(_ sums: borrowing TapSums, _ out: Target) {
    store(sums[0], out)
    store(sums[1], out + 16)
    store(sums[2], out + 32)
    store(sums[3], out + 48)
    store(sums[4], out + 64)
    #if SLUICE_V4
    store(sums[5], out + 80)
    store(sums[6], out + 96)
    store(sums[7], out + 112)
    store(sums[8], out + 128)
    #endif
}
