import CTensorKernels

// The gradient of the weights is a product too: dw turned has a row for every tap
// and channel and a column for every output, and its steps are output pixels. So
// the same micro kernel makes it, with the tables of rows and steps changed round,
// and dy is the B of it, read where it lies or packed.

/// Outputs at once: so many that their sums stay in the second-level cache.
@inline(__always)
private func chunkColumns(_ it: SluiceConvolution) -> Int {
    let depth = it.kernelHeight * it.kernelWidth * (it.channels / it.groups)
    let whole = broadTileColumns > 32 ? broadTileColumns : 32
    let fitting = (depth > 0 ? 131072 / depth : 0) / whole * whole
    let columns = paddedColumns(it.outputs / it.groups)
    let least = fitting > whole ? fitting : whole
    return least < columns ? least : columns
}

@inline(__always)
private func weightWindow(_ it: SluiceConvolution, _ group: Int) -> Window {
    let (y, x) = forwardAxes(it)
    let inputs = it.channels / it.groups
    return window(y, x, channels: it.channels, first: group * inputs, width: inputs, pitch: inputs)
}

func weightGradientFloats(_ it: SluiceConvolution) -> Int {
    if isDepthwise(it) { return depthwiseWeightFloats(it) }
    let depth = it.kernelHeight * it.kernelWidth * (it.channels / it.groups)
    return tableFloats(blockDepth) + tableFloats(depth) + chunkColumns(it) * (depth + blockDepth)
        + gatheredFloats(weightWindow(it, 0), blockDepth)
}

func convolutionWeightGradients(
    _ shape: UnsafePointer<SluiceConvolution>, _ dw: Target, _ dy: Source, _ x: Source, _ segment: Int,
    _ from: Int, _ to: Int, _ firstWeight: Int, _ lastWeight: Int, _ workspace: Target
) {
    let it = shape.pointee
    let depth = it.kernelHeight * it.kernelWidth * (it.channels / it.groups)
    if from >= to || firstWeight >= lastWeight { return }
    if it.images * it.outHeight * it.outWidth <= 0 {
        var output = from
        while output < to {
            clear(dw + (output * depth + firstWeight), lastWeight - firstWeight)
            output += 1
        }
        return
    }
    let workspace = aligned(workspace)
    let outputs = it.outputs / it.groups
    var output = from
    while output < to {
        let group = output / outputs
        let groupEnd = (group + 1) * outputs
        let end = to < groupEnd ? to : groupEnd
        let chunk = chunkColumns(it)
        let columns = end - output < chunk ? end - output : chunk
        var image = 0
        while image < it.images {
            let next = leafEnd(image, segment, it.images)
            weightGradientLeaf(
                shape, dw, dy, x, image, next, output, columns, group, firstWeight, lastWeight, workspace)
            image = next
        }
        output += columns
    }
}

/// The sums of images `image..<end` for `columns` outputs of a group and some weights of each, written to
/// dw or added to it.
private func weightGradientLeaf(
    _ shape: UnsafePointer<SluiceConvolution>, _ dw: Target, _ dy: Source, _ x: Source, _ image: Int,
    _ end: Int, _ output: Int, _ columns: Int, _ group: Int, _ firstWeight: Int, _ lastWeight: Int,
    _ workspace: Target
) {
    let it = shape.pointee
    let inputs = it.channels / it.groups
    let depth = it.kernelHeight * it.kernelWidth * inputs
    let padded = paddedColumns(columns)
    var workspace = workspace
    let steps = table(&workspace, blockDepth)
    let places = table(&workspace, depth)
    let sums = take(&workspace, padded * depth)
    let packed = take(&workspace, padded * blockDepth)
    // Where pixels of dy and of the images are not counted alike nobody knows what comes next.
    let isAlike = it.strideY == 1 && it.strideX == 1 && it.outHeight == it.height && it.outWidth == it.width
    let count = lastWeight - firstWeight
    let (xFirst, xWidth) = count < inputs ? (firstWeight % inputs, count) : (0, inputs)
    let xLines = isAlike ? xWidth / 16 : 0
    var window = weightWindow(it, group)
    tabulateTaps(places, window, channels: inputs)
    var beyond = 0
    while beyond < lowTileRows {
        places[depth + beyond] = places[depth - 1]
        beyond += 1
    }
    let (start, last) = (image * it.outHeight * it.outWidth, end * it.outHeight * it.outWidth)
    var pixel = start
    while pixel < last {
        let here = last - pixel < blockDepth ? last - pixel : blockDepth
        let base = gather(&window, x, pixel, pixel + here, workspace, steps)
        let rows = dy + (pixel * it.outputs + output)
        let broad = broadColumns(columns, stepsTogether: here)
        var j = 0
        while j < columns {
            let most = tileWidth(j, broad)
            if !isReadInPlace(it, columns - j) {
                let width = columns - j < most ? columns - j : most
                pack(packed + j * here, rows + j, width, here, most, 1, it.outputs)
            }
            j += most
        }
        let next = pixel + here
        let dyAhead = dy + (next * it.outputs + output)
        let xAhead = x + ((next + linesBelow(it) * it.width) * it.channels + group * inputs + xFirst)
        var tile = 0
        j = 0
        while j < columns {
            let isInPlace = isReadInPlace(it, columns &- j)
            let (height, most) = (j < broad ? broadTileRows : lowTileRows, tileWidth(j, broad))
            let panel = isInPlace ? rows + j : Source(packed) + j &* here
            var i = firstWeight
            while i < lastWeight {
                let c = sums + (i &* padded &+ j)
                let ending: Ending = (
                    c: c, stride: padded, height: lastWeight &- i < height ? lastWeight &- i : height,
                    width: columns &- j < most ? columns &- j : most,
                    onto: pixel > start ? Source(c) : nil, bias: nil, isRectified: false, isStreamed: false
                )
                if here >= 64, pixel > start { prefetch(ending) }
                // The next block comes from far away: with each tile a line of the cache of each of its
                // pixels is asked for, first of dy, then of the images.
                let xTile = tile &- columns / 16
                let ahead = xTile < 0 ? dyAhead + 16 &* tile : xAhead + 16 &* xTile
                windowTile(
                    base, places + i, steps, panel, isInPlace ? it.outputs : most, here, ending,
                    ahead: xTile < xLines ? ahead : nil, aheadStep: xTile < 0 ? it.outputs : it.channels)
                tile &+= 1
                i &+= height
            }
            j &+= most
        }
        pixel += here
    }
    turn(
        dw + (output * depth + firstWeight), sums + firstWeight * padded, count, depth, columns, padded,
        adds: image > 0)
}

/// Lines of an image that the last line of a block reads below its own.
@inline(__always)
private func linesBelow(_ it: SluiceConvolution) -> Int { (it.kernelHeight - 1) * it.dilationY - it.padTop }

/// Whether the panel of dy of which `columns` are left is read where it lies. Lines further apart
/// would share few places in the first-level cache, and packing is slow for less than a panel.
@inline(__always)
private func isReadInPlace(_ it: SluiceConvolution, _ columns: Int) -> Bool {
    columns == 16 || (columns >= tileColumns && it.outputs <= 128 && it.outputs & 15 == 0)
}

/// out[j, i] (+)= sums[i, j] for `count` i, where rows of out lie `depth` apart and those of sums `step`.
@inline(__always)
private func turn(
    _ out: Target, _ sums: Target, _ count: Int, _ depth: Int, _ columns: Int, _ step: Int, adds: Bool
) {
    var j = 0
    while j < columns {
        let to = out + j * depth
        var i = 0
        while i < count {
            let value = sums[i &* step &+ j]
            to[i] = adds ? to[i] + value : value
            i &+= 1
        }
        j += 1
    }
}
