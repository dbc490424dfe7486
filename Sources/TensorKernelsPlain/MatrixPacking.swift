import CTensorKernels

// Copies of parts of a matrix in the order in which tiles read them.

/// Lines of the cache in a row of a whole block.
private let rowLines = blockDepth / 16

/// A panel of A that is being copied, part by part: `part` lines of the cache at once, up to line
/// `end`. Each row has `rowLines`; the first `lines` of them are there. (A tuple, like
/// `Ending`.)
typealias PanelCopy = (from: Source, step: Int, to: Target, lines: Int, part: Int, line: Int, end: Int)

/// What copies `rows` rows of `depth` floats, a multiple of sixteen, in `parts` parts.
@inline(__always)
func comingPanel(
    _ source: Source, _ step: Int, _ out: Target, _ rows: Int, _ depth: Int, _ parts: Int
) -> PanelCopy {
    let end = rowLines &* rows
    return (
        from: source, step: step, to: out, lines: depth / 16, part: (end &+ parts &- 1) / parts, line: 0,
        end: end
    )
}

/// Copies the next part, and asks for the one after it; at the end these are the first lines
/// of the panel behind this one.
@inline(__always)
func copyPart(_ copy: inout PanelCopy) {
    let last = copy.line &+ copy.part < copy.end ? copy.line &+ copy.part : copy.end
    while copy.line < last {
        let (row, line) = (copy.line / rowLines, copy.line % rowLines)
        if line < copy.lines {
            store(
                load(copy.from + (row &* copy.step &+ 16 &* line)), copy.to + (row &* copiedRow &+ 16 &* line)
            )
        }
        let ahead = copy.line &+ copy.part
        sluice_prefetch_read(copy.from + (ahead / rowLines &* copy.step &+ 16 &* (ahead % rowLines)))
        copy.line &+= 1
    }
}

/// Copies a panel of A whose rows lie together, at once. Rows beyond the last are copies of
/// it, from which nothing is used.
@inline(never)
func copyPanel(_ out: Target, _ source: Source, _ height: Int, _ rows: Int, _ depth: Int, _ step: Int) {
    var row = 0
    while row < rows {
        let from = source + (row < height ? row : height &- 1) &* step
        let to = out + row &* copiedRow
        var i = 0
        while i < whole(depth) {
            store(load(from + i), to + i)
            i &+= 16
        }
        while i < depth {
            to[i] = from[i]
            i &+= 1
        }
        row &+= 1
    }
}

/// Packs `count` rows (or columns) of a strided matrix into panels of `width`.
@inline(__always)
func pack(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int, _ depth: Int,
    _ width: Int, _ step: Int, _ depthStep: Int
) {
    var out = out
    var start = 0
    while start < count {
        let here = count - start < width ? count - start : width
        if here == width, step == 1 {
            packLines(out, source + start, depth, width, depthStep)
        } else if here == width, depthStep == 1, width & 7 == 0 {
            packTransposed(out, source + start * step, depth, width, step)
        } else {
            packAny(out, source + start * step, here, depth, width, step, depthStep)
        }
        out += width * depth
        start += width
    }
}

/// A panel whose lines lie together, each perhaps on a page of its own: so far
/// apart that the next ones must be asked for.
@inline(__always)
private func packLines(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ depth: Int, _ width: Int,
    _ depthStep: Int
) {
    var from = source
    var to = out
    var p = 0
    while p < depth {
        sluice_prefetch_read(from + 12 &* depthStep)
        if width > 16 { sluice_prefetch_read(from + (12 &* depthStep &+ 16)) }
        var i = 0
        while i &+ 8 <= width {
            sluice_copy8(to + i, from + i)
            i &+= 8
        }
        if i < width, width > 8 {
            // Twelve: the last eight.
            sluice_copy8(to + (width &- 8), from + (width &- 8))
            i = width
        }
        while i < width {
            to[i] = from[i]
            i &+= 1
        }
        from += depthStep
        to += width
        p &+= 1
    }
}

/// A panel whose columns lie together, a multiple of eight wide: turned in squares.
@inline(__always)
private func packTransposed(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ depth: Int, _ width: Int,
    _ step: Int
) {
    var p = 0
    while p &+ 8 <= depth {
        var i = 0
        while i < width {
            sluice_transpose8(out + (p &* width &+ i), width, source + (i &* step &+ p), step)
            i &+= 8
        }
        p &+= 8
    }
    while p < depth {
        var i = 0
        while i < width {
            out[p &* width &+ i] = source[i &* step &+ p]
            i &+= 1
        }
        p &+= 1
    }
}

/// A panel at an edge or of any strides.
@inline(never)
func packAny(
    _ out: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ here: Int, _ depth: Int,
    _ width: Int, _ step: Int, _ depthStep: Int
) {
    var p = 0
    while p < depth {
        let from = source + p * depthStep
        let to = out + p * width
        var i = 0
        while i < here {
            to[i] = from[i * step]
            i += 1
        }
        while i < width {
            to[i] = 0
            i += 1
        }
        p += 1
    }
}
