import CTensorKernels

// What a kernel sees of the images it passes over: along each axis the taps of
// output q lie at q * stride + start + t * step. The gradient of the input is
// such a pass too, over the gradient of the output: the pixels that are one and
// the same place between two strides meet the same taps (docs in kernels.h).
// (Tuples, for structures leave symbols that another target could have too.)

/// One axis: `count` outputs, `taps` taps, and `size` pixels of the image; `low` is where the
/// lowest tap of an output lies beside its first, and `span` what its taps reach over.
typealias Axis = (count: Int, stride: Int, start: Int, step: Int, taps: Int, size: Int, low: Int, span: Int)

/// Both axes, and where pixels lie: `width` channels from `first` on of images of `channels`. They
/// are read there when no tap is beyond an image (`isDirect`), or from a copy with
/// zeros around, whose pixels are `pitch` and lines `line` floats apart.
typealias Window = (
    y: Axis, x: Axis, channels: Int, first: Int, width: Int, isDirect: Bool, pitch: Int, line: Int
)

@inline(__always)
private func axis(_ count: Int, _ stride: Int, _ start: Int, _ step: Int, _ taps: Int, _ size: Int) -> Axis {
    let reach = taps > 0 ? (taps - 1) * step : 0
    return (count, stride, start, step, taps, size, reach < 0 ? reach : 0, (reach < 0 ? -reach : reach) + 1)
}

/// Outputs over the input.
@inline(__always)
func forwardAxes(_ shape: SluiceConvolution) -> (y: Axis, x: Axis) {
    (
        axis(
            shape.outHeight, shape.strideY, -shape.padTop, shape.dilationY, shape.kernelHeight, shape.height),
        axis(shape.outWidth, shape.strideX, -shape.padLeft, shape.dilationX, shape.kernelWidth, shape.width)
    )
}

/// Every `stride`-th of `size` input pixels from `phase` on, over `count` outputs: those taps
/// `tap + t * tapStep` that meet them.
@inline(__always)
func backwardAxis(
    _ size: Int, _ count: Int, _ phase: Int, _ stride: Int, _ pad: Int, _ dilation: Int, _ kernel: Int
) -> (axis: Axis, tap: Int, tapStep: Int) {
    var tap = 0
    while tap < kernel, (phase + pad - tap * dilation) % stride != 0 { tap += 1 }
    var next = tap + 1
    while next < kernel, (phase + pad - next * dilation) % stride != 0 { next += 1 }
    let tapStep = next - tap
    let taps = tap < kernel ? (kernel - tap + tapStep - 1) / tapStep : 0
    let outputs = phase < size ? (size - phase + stride - 1) / stride : 0
    let start = taps > 0 ? (phase + pad - tap * dilation) / stride : 0
    let step = taps > 1 ? -(tapStep * dilation / stride) : 0
    return (axis(outputs, 1, start, step, taps, count), tap, tapStep)
}

@inline(__always)
private func staysInside(_ axis: Axis) -> Bool {
    let low = axis.start + axis.low
    return axis.count > 0 && low >= 0 && low + (axis.count - 1) * axis.stride + axis.span <= axis.size
}

/// - Parameter pitch: Of a copied pixel, at least `width`.
@inline(__always)
func window(
    _ y: Axis, _ x: Axis, channels: Int, first: Int, width: Int, pitch: Int, mayBeDirect: Bool = true
) -> Window {
    if mayBeDirect, staysInside(y), staysInside(x) {
        return (y, x, channels, first, width, true, channels, x.size * channels)
    }
    let columns = (x.count > 0 ? (x.count - 1) * x.stride : 0) + x.span
    return (y, x, channels, first, width, false, pitch, columns * pitch)
}

/// Where each tap lies beside the first place of its pixel: all channels of a tap, tap by tap.
@inline(__always)
func tabulateTaps(_ steps: UnsafeMutablePointer<Int>, _ it: Window, channels: Int) {
    var out = steps
    var ty = 0
    while ty < it.y.taps {
        var tx = 0
        while tx < it.x.taps {
            let place =
                (ty &* it.y.step &- it.y.low) &* it.line &+ (tx &* it.x.step &- it.x.low) &* it.pitch
            var channel = 0
            while channel < channels {
                out[channel] = place &+ channel
                channel &+= 1
            }
            out += channels
            tx &+= 1
        }
        ty &+= 1
    }
}

/// Floats that `gather` may write for `pixels` pixels of any place.
@inline(__always)
func gatheredFloats(_ it: Window, _ pixels: Int) -> Int {
    if it.isDirect || it.x.count <= 0 || it.y.count <= 0 { return 0 }
    let lines = (pixels + it.x.count - 2) / it.x.count + 1
    let images = (lines + it.y.count - 2) / it.y.count + 1
    return (lines * it.y.stride + images * it.y.span) * it.line
}

/// Finds the places of pixels `from..<to`, counted over all images, and copies what
/// lies under them where it must be copied.
/// - Returns: what the places are counted from.
@inline(never)
func gather(
    _ window: UnsafePointer<Window>, _ images: Source, _ from: Int, _ to: Int, _ copy: Target,
    _ places: UnsafeMutablePointer<Int>
) -> Source {
    let it = window.pointee
    var places = places
    var place = 0
    var pixel = from
    while pixel < to {
        let line = pixel / it.x.count
        let (image, q) = (line / it.y.count, line % it.y.count)
        let last = (to - 1) / it.x.count
        let lines = (last < line - q + it.y.count ? last - line + 1 : it.y.count - q)
        let top = q * it.y.stride + it.y.start + it.y.low
        let left = it.x.start + it.x.low
        if it.isDirect {
            place = (image * it.y.size + top) * it.line + left * it.pitch
        } else {
            let rows = (lines - 1) * it.y.stride + it.y.span
            copyLines(it, images + image * it.y.size * it.x.size * it.channels, top, rows, left, copy + place)
        }
        var down = 0
        while down < lines {
            let first = pixel % it.x.count
            let count = to - pixel < it.x.count - first ? to - pixel : it.x.count - first
            var next = place &+ down &* it.y.stride &* it.line &+ first &* it.x.stride &* it.pitch
            var i = 0
            while i < count {
                places[i] = next
                next &+= it.x.stride &* it.pitch
                i &+= 1
            }
            places += count
            pixel += count
            down += 1
        }
        place += ((lines - 1) * it.y.stride + it.y.span) * it.line
    }
    return it.isDirect ? images + it.first : UnsafePointer(copy)
}

/// Lines `top..<top + rows` of an image from column `left` on, with zeros beyond it.
@inline(__always)
private func copyLines(_ it: Window, _ image: Source, _ top: Int, _ rows: Int, _ left: Int, _ out: Target) {
    let columns = it.line / (it.pitch > 0 ? it.pitch : 1)
    // Of the columns those before `start` and from `end` on are beyond the image.
    let start = left >= 0 ? 0 : -left < columns ? -left : columns
    let room = it.x.size - left
    let end = room < start ? start : room < columns ? room : columns
    var row = 0
    while row < rows {
        let to = out + row * it.line
        if top + row < 0 || top + row >= it.y.size {
            clear(to, it.line)
        } else {
            clear(to, start * it.pitch)
            let from = image + ((top + row) * it.x.size + left + start) * it.channels + it.first
            if it.width == it.channels, it.pitch == it.channels {
                copyFloats(to + start * it.pitch, from, (end - start) * it.pitch)
            } else {
                copyPixels(to + start * it.pitch, from, end - start, it)
            }
            clear(to + end * it.pitch, (columns - end) * it.pitch)
        }
        row += 1
    }
}

/// A part of the channels; what the pitch leaves behind them is zero.
@inline(__always)
private func copyPixels(_ to: Target, _ from: Source, _ count: Int, _ it: Window) {
    var i = 0
    while i < count {
        let (pixel, source) = (to + i &* it.pitch, from + i &* it.channels)
        var channel = 0
        while channel &+ 16 <= it.width {
            store(load(source + channel), pixel + channel)
            channel &+= 16
        }
        while channel < it.width {
            pixel[channel] = source[channel]
            channel &+= 1
        }
        while channel < it.pitch {
            pixel[channel] = 0
            channel &+= 1
        }
        i &+= 1
    }
}

@inline(__always)
func copyFloats(_ to: Target, _ from: Source, _ count: Int) {
    var i = 0
    while i &+ 16 <= count {
        store(load(from + i), to + i)
        i &+= 16
    }
    if i < count { sluice_store_first(sluice_load_first(from + i, count &- i, 0), to + i, count &- i) }
}

@inline(__always)
func clear(_ to: Target, _ count: Int) {
    var i = 0
    while i &+ 16 <= count {
        store(all(0), to + i)
        i &+= 16
    }
    while i < count {
        to[i] = 0
        i &+= 1
    }
}
