import CTensorKernels

// The gradient of the input is a convolution over the gradient of the output
// (Convolution.swift), once for each place a pixel can have between two strides: pixels at
// the same place meet the same taps. Where there are several such places the
// pixels of one lie apart in dx and are brought there from a copy.

/// The pass over dy that gives the input pixels at one place between two strides, and of each
/// axis the first tap and the distance to the next.
@inline(__always)
func backwardWindow(
    _ it: SluiceConvolution, _ phaseY: Int, _ phaseX: Int, _ group: Int
) -> (window: Window, tapY: Int, tapStepY: Int, tapX: Int, tapStepX: Int) {
    let outputs = it.outputs / it.groups
    let y = backwardAxis(
        it.height, it.outHeight, phaseY, it.strideY, it.padTop, it.dilationY, it.kernelHeight)
    let x = backwardAxis(it.width, it.outWidth, phaseX, it.strideX, it.padLeft, it.dilationX, it.kernelWidth)
    return (
        window(
            y.axis, x.axis, channels: it.outputs, first: group * outputs, width: outputs, pitch: outputs),
        y.tap, y.tapStep, x.tap, x.tapStep
    )
}

/// How many lines of one phase, of `count` an image, lie before `line` of all.
@inline(__always)
func phaseLines(_ line: Int, _ height: Int, _ phase: Int, _ stride: Int, _ count: Int) -> Int {
    let row = line % height - phase
    return line / height * count + (row > 0 ? (row + stride - 1) / stride : 0)
}

func convolutionInputGradients(
    _ shape: UnsafePointer<SluiceConvolution>, _ dx: Target, _ dy: Source, _ w: Source, _ from: Int,
    _ to: Int, _ workspace: Target
) {
    let it = shape.pointee
    if from >= to || it.width <= 0 || it.channels <= 0 { return }
    let workspace = aligned(workspace)
    if isPointwise(it) {
        let start = from * it.width
        var product = SluiceProduct(
            m: to * it.width - start, n: it.channels, k: it.outputs, a: dy + start * it.outputs,
            aRow: it.outputs, aColumn: 1, b: w, bRow: it.channels, bColumn: 1, c: dx + start * it.channels,
            cRow: it.channels, accumulates: 0, block: 0, bias: nil, activation: 0, workspace: workspace)
        matrixProducts(&product, 1, 0, 0, 0)
        return
    }
    if isDepthwise(it) {
        depthwiseInputGradient(shape, dx, dy, w, from, to, workspace)
        return
    }
    var group = 0
    while group < it.groups {
        var phase = 0
        while phase < it.strideY * it.strideX {
            inputGradientPhase(
                shape, dx, dy, w, from, to, workspace, group, phase / it.strideX, phase % it.strideX)
            phase += 1
        }
        group += 1
    }
}

private func inputGradientPhase(
    _ shape: UnsafePointer<SluiceConvolution>, _ dx: Target, _ dy: Source, _ w: Source, _ from: Int,
    _ to: Int, _ workspace: Target, _ group: Int, _ phaseY: Int, _ phaseX: Int
) {
    let it = shape.pointee
    let (inputs, outputs) = (it.channels / it.groups, it.outputs / it.groups)
    var (window, tapY, tapStepY, tapX, tapStepX) = backwardWindow(it, phaseY, phaseX, group)
    let count = window.x.count
    if count <= 0 { return }
    let start = phaseLines(from, it.height, phaseY, it.strideY, window.y.count) * count
    let end = phaseLines(to, it.height, phaseY, it.strideY, window.y.count) * count
    if start >= end { return }
    let depth = window.y.taps * window.x.taps * outputs
    let padded = paddedColumns(inputs)
    let broad = broadColumns(inputs, stepsTogether: outputs)
    let pixels = bandPixels(it)
    var workspace = workspace
    let places = table(&workspace, pixels)
    let steps = table(&workspace, depth)
    let packed = take(&workspace, padded * depth)
    let isStrided = it.strideX > 1 || it.strideY > 1
    let written = take(&workspace, isStrided ? pixels * inputs : 0)
    let isStreamed =
        it.groups == 1 && inputs & 15 == 0
        && streams(dx, dy, it.images * it.height * it.width * inputs)
    let sums = take(&workspace, isStreamed && !isStrided && depth > blockDepth ? pixels * inputs : 0)
    tabulateTaps(steps, window, channels: outputs)
    var p = 0
    while p < depth {
        let (tap, output) = (p / outputs, p % outputs)
        let ky = tapY + tap / window.x.taps * tapStepY
        let kx = tapX + tap % window.x.taps * tapStepX
        let row = ((group * outputs + output) * it.kernelHeight + ky) * it.kernelWidth + kx
        let block = p / blockDepth * blockDepth
        let here = depth - block < blockDepth ? depth - block : blockDepth
        let out = packed + block * padded
        packRow(
            out + (p - block) * broadTileColumns, w + row * inputs, broad, broadTileColumns,
            broadTileColumns * here)
        packRow(
            out + (broad * here + (p - block) * tileColumns), w + (row * inputs + broad), inputs - broad,
            tileColumns, tileColumns * here)
        p += 1
    }
    var pixel = start
    while pixel < end {
        let next = end - pixel < pixels ? end : pixel + pixels
        let place = isStrided ? written : dx + (pixel * it.channels + group * inputs)
        makeBand(
            &window, dy, pixel, next, places, steps, packed, depth, inputs, workspace,
            (
                c: place, stride: isStrided ? inputs : it.channels, height: 0, width: 0,
                onto: !isStrided && isStreamed ? Source(sums) : nil, bias: nil, isRectified: false,
                isStreamed: !isStrided && isStreamed
            ))
        var from = written
        while isStrided, pixel < next {
            let (line, q) = (pixel / count, pixel % count)
            let row = line / window.y.count * it.height + line % window.y.count * it.strideY + phaseY
            let column = q * it.strideX + phaseX
            let to = dx + ((row * it.width + column) * it.channels + group * inputs)
            if isStreamed {
                var channel = 0
                while channel < inputs {
                    sluice_stream(load(from + channel), to + channel)
                    channel &+= 16
                }
            } else {
                copyFloats(to, from, inputs)
            }
            from += inputs
            pixel += 1
        }
        pixel = next
    }
    if isStreamed { sluice_stream_end() }
}

/// One step of all panels, `width` floats of each, which lie `panel` floats apart.
@inline(__always)
private func packRow(_ out: Target, _ row: Source, _ columns: Int, _ width: Int, _ panel: Int) {
    var (to, j) = (out, 0)
    while j < columns {
        var lane = 0
        while lane < width {
            let left = columns &- j &- lane
            store(left > 0 ? loadUpTo16(row + (j &+ lane), left) : all(0), to + lane)
            lane &+= 16
        }
        to += panel
        j &+= width
    }
}
