import CTensorKernels

// Copies of parts of a matrix in the order in which tiles read them.

/// A panel of A that is being copied, a few lines of the cache after each tile: `part` of those that are
/// `left`. Its rows have `lines` and lie `step` floats apart; `ahead` is asked for, a part before it is
/// copied. (A tuple, like `Ending`.)
typealias PanelCopy = (
    from: Source, line: Int, to: Target, ahead: Source, aheadLine: Int, lines: Int, step: Int, part: Int,
    left: Int
)

/// What copies `rows` rows of `depth` floats, a multiple of sixteen, in `parts` parts.
@inline(__always)
func comingPanel(
    _ source: Source, _ step: Int, _ out: Target, _ rows: Int, _ depth: Int, _ parts: Int
) -> PanelCopy {
    let lines = depth / 16
    let part = (rows &* lines &+ parts &- 1) / parts
    return (
        from: source, line: 0, to: out, ahead: source + (part / lines &* step &+ part % lines &* 16),
        aheadLine: part % lines, lines: lines, step: step, part: part, left: rows &* lines
    )
}

/// Nothing to copy.
@inline(__always)
func noPanel(_ source: Source, _ out: Target) -> PanelCopy {
    (from: source, line: 0, to: out, ahead: source, aheadLine: 0, lines: 0, step: 0, part: 0, left: 0)
}

/// Copies the next part, and asks for the one after it; at the end these are the first lines
/// of the panel behind this one.
@inline(__always)
func copyPart(_ copy: inout PanelCopy) {
    var part = copy.part < copy.left ? copy.part : copy.left
    copy.left &-= part
    while part > 0 {
        store(load(copy.from), copy.to)
        sluice_prefetch_read(copy.ahead)
        copy.from += 16
        copy.to += 16
        copy.line &+= 1
        if copy.line == copy.lines {
            copy.line = 0
            copy.from += copy.step &- 16 &* copy.lines
            copy.to += copiedRow &- 16 &* copy.lines
        }
        copy.ahead += 16
        copy.aheadLine &+= 1
        if copy.aheadLine == copy.lines {
            copy.aheadLine = 0
            copy.ahead += copy.step &- 16 &* copy.lines
        }
        part &-= 1
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
        if width > 32 {
            sluice_prefetch_read(from + (12 &* depthStep &+ 32))
            sluice_prefetch_read(from + (12 &* depthStep &+ 48))
        }
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
