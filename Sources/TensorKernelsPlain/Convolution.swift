import CTensorKernels

// A convolution as a product that is nowhere laid out: rows are pixels, steps are taps,
// and the micro kernel reads the image itself (WindowTile.swift) or, where
// taps reach beyond it, a copy of a few of its lines with zeros around. Only the
// weights are packed.

/// Pixels at once: so few that their part of y and the lines under them stay in the
/// second-level cache, and whole tiles on every level.
@inline(__always)
func bandPixels(_ shape: SluiceConvolution) -> Int {
    shape.channels + shape.outputs <= 128 * shape.groups ? 480 : 240
}

@inline(__always)
func paddedColumns(_ columns: Int) -> Int { (columns + tileColumns - 1) / tileColumns * tileColumns }

@inline(__always)
private func paddedFloats(_ count: Int) -> Int { (count + 15) & ~15 }

/// Floats that tables of `count` whole numbers need.
@inline(__always)
func tableFloats(_ count: Int) -> Int { paddedFloats(2 * (count + lowTileRows)) }

/// Takes the floats for a table from the workspace.
@inline(__always)
func table(_ workspace: inout Target, _ count: Int) -> UnsafeMutablePointer<Int> {
    let start = UnsafeMutableRawPointer(workspace).assumingMemoryBound(to: Int.self)
    workspace += tableFloats(count)
    return start
}

/// Takes `count` floats from the workspace.
@inline(__always)
func take(_ workspace: inout Target, _ count: Int) -> Target {
    let start = workspace
    workspace += paddedFloats(count)
    return start
}

@inline(__always)
func aligned(_ workspace: Target) -> Target {
    workspace + (64 - Int(UInt(bitPattern: workspace) & 63)) / 4 % 16
}

@inline(__always)
private func larger(_ a: Int, _ b: Int) -> Int { a > b ? a : b }

func convolutionWorkspace(_ shape: UnsafePointer<SluiceConvolution>) -> Int {
    let it = shape.pointee
    let floats = larger(
        larger(isPointwise(it) ? productWorkspace : 0, weightGradientFloats(it)),
        larger(productFloats(it), isDepthwise(it) ? depthwiseFloats(it) : 0))
    return floats + 16
}

/// For a convolution and for the gradient of its input.
private func productFloats(_ it: SluiceConvolution) -> Int {
    let (inputs, outputs) = (it.channels / it.groups, it.outputs / it.groups)
    let taps = it.kernelHeight * it.kernelWidth
    let pixels = bandPixels(it)
    let (y, x) = forwardAxes(it)
    let forward = window(y, x, channels: it.channels, first: 0, width: inputs, pitch: inputs)
    var (columns, copied) = (paddedColumns(outputs) * inputs, gatheredFloats(forward, pixels))
    columns = larger(columns, paddedColumns(inputs) * outputs)
    var phaseY = 0
    while phaseY < it.strideY {
        var phaseX = 0
        while phaseX < it.strideX {
            copied = larger(copied, gatheredFloats(backwardWindow(it, phaseY, phaseX, 0).window, pixels))
            phaseX += 1
        }
        phaseY += 1
    }
    return tableFloats(pixels) + tableFloats(taps * larger(inputs, outputs)) + paddedFloats(taps * columns)
        + paddedFloats(copied) + paddedFloats(pixels * larger(inputs, outputs))
}

/// One tap that never leaves the image: a product of matrices as they lie.
@inline(__always)
func isPointwise(_ it: SluiceConvolution) -> Bool {
    it.groups == 1 && it.kernelHeight == 1 && it.kernelWidth == 1 && it.strideY == 1 && it.strideX == 1
        && it.padTop == 0 && it.padLeft == 0 && it.outHeight == it.height && it.outWidth == it.width
}

func convolutions(
    _ shape: UnsafePointer<SluiceConvolution>, _ y: Target, _ x: Source, _ w: Source, _ bias: Source?,
    _ activation: Int, _ from: Int, _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    let (start, end) = (from * it.outWidth, to * it.outWidth)
    if start >= end || it.outputs <= 0 { return }
    var workspace = aligned(workspace)
    if isPointwise(it) {
        var product = SluiceProduct(
            m: end - start, n: it.outputs, k: it.channels, a: x + start * it.channels, aRow: it.channels,
            aColumn: 1, b: w, bRow: 1, bColumn: it.channels, c: y + start * it.outputs, cRow: it.outputs,
            accumulates: 0, block: 0, bias: bias, activation: activation, workspace: workspace)
        matrixProducts(&product, 1, 0, 0, 0)
        return
    }
    if isDepthwise(it) {
        depthwiseLines(shape, y, x, w, bias, activation, from, to, workspace)
        return
    }
    let (inputs, outputs) = (it.channels / it.groups, it.outputs / it.groups)
    let depth = it.kernelHeight * it.kernelWidth * inputs
    let padded = paddedColumns(outputs)
    let pixels = bandPixels(it)
    let places = table(&workspace, pixels)
    let steps = table(&workspace, depth)
    let packed = take(&workspace, padded * depth)
    let isStreamed =
        it.groups == 1 && outputs & 15 == 0 && streams(y, x, it.images * it.outHeight * it.outWidth * outputs)
    let sums = take(&workspace, isStreamed && depth > blockDepth ? pixels * outputs : 0)
    let axes = forwardAxes(it)
    let broad = broadColumns(outputs, stepsTogether: inputs)
    var group = 0
    while group < it.groups {
        let first = group * outputs
        var p = 0
        while p < depth {
            let here = depth - p < blockDepth ? depth - p : blockDepth
            pack(packed + p * padded, w + (first * depth + p), broad, here, broadTileColumns, depth, 1)
            pack(
                packed + (p * padded + broad * here), w + ((first + broad) * depth + p), outputs - broad,
                here, tileColumns, depth, 1)
            p += here
        }
        var window = window(
            axes.y, axes.x, channels: it.channels, first: group * inputs, width: inputs, pitch: inputs)
        tabulateTaps(steps, window, channels: inputs)
        var pixel = start
        while pixel < end {
            let next = end - pixel < pixels ? end : pixel + pixels
            makeBand(
                &window, x, pixel, next, places, steps, packed, depth, outputs, workspace,
                (
                    c: y + (pixel * it.outputs + first), stride: it.outputs, height: 0, width: 0,
                    onto: isStreamed ? Source(sums) : nil, bias: bias.map { $0 + first },
                    isRectified: activation == 1, isStreamed: isStreamed
                ))
            pixel = next
        }
        group += 1
    }
    if isStreamed { sluice_stream_end() }
}

/// All tiles of some pixels; `whole` is what becomes of the first of them. When it is streamed
/// its `onto` is where sums can be kept until they are whole.
@inline(never)
func makeBand(
    _ window: UnsafePointer<Window>, _ images: Source, _ from: Int, _ to: Int,
    _ places: UnsafeMutablePointer<Int>, _ steps: UnsafePointer<Int>, _ packed: Source, _ depth: Int,
    _ columns: Int, _ copy: Target, _ whole: Ending
) {
    let count = to &- from
    let base = gather(window, images, from, to, copy, places)
    var beyond = 0
    while beyond < lowTileRows {
        places[count + beyond] = places[count - 1]
        beyond += 1
    }
    let padded = paddedColumns(columns)
    let sums = whole.onto.map { Target(mutating: $0) } ?? whole.c
    // Channels of a tap lie together, and blocks are a multiple of four deep.
    let isInFours = window.pointee.width & 3 == 0
    let broad = broadColumns(columns, stepsTogether: window.pointee.width)
    var p = 0
    repeat {
        let here = depth - p < blockDepth ? depth - p : blockDepth
        let isLast = p + here == depth
        var first = 0
        while first < columns {
            let isBroad = first < broad
            let end = isBroad ? broad : columns
            let (rows, width) =
                isBroad ? (broadTileRows, broadTileColumns) : (lowTileRows, tileColumns)
            var i = 0
            while i < count {
                var j = first
                while j < end {
                    let place = i &* whole.stride &+ j
                    let ending: Ending = (
                        c: (isLast ? whole.c : sums) + place, stride: whole.stride,
                        height: count &- i < rows ? count &- i : rows,
                        width: end &- j < width ? end &- j : width,
                        onto: p > 0 ? Source(sums) + place : nil,
                        bias: isLast ? whole.bias.map { $0 + j } : nil,
                        isRectified: isLast && whole.isRectified, isStreamed: isLast && whole.isStreamed
                    )
                    if here >= 64 { prefetch(ending) }
                    windowTile(
                        base, places + i, steps + p, packed + (p &* padded &+ j &* here), width, here, ending,
                        isInFours: isInFours)
                    j &+= width
                }
                i &+= rows
            }
            first = end
        }
        p += here
    } while p < depth
}
