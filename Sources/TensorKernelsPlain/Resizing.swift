import CTensorKernels

// Images of another size by linear interpolation between the nearest lines and
// columns, as PyTorch has it; channels lie together.

/// Between which two lines (or columns) one of the new size lies, and the share
/// of the second.
private typealias Between = (low: Int, high: Int, share: Float)

/// How far apart in the old size the new ones lie.
@inline(__always)
private func distance(_ size: Int, _ outSize: Int, _ alignsCorners: Bool) -> Float {
    if !alignsCorners { return Float(size) / Float(outSize) }
    return outSize > 1 ? Float(size &- 1) / Float(outSize &- 1) : 0
}

/// With aligned corners the first and the last lie on those of the old size;
/// without, lines have width, and their middles are counted.
@inline(__always)
private func between(_ place: Int, _ distance: Float, _ size: Int, _ alignsCorners: Bool) -> Between {
    var source = alignsCorners ? Float(place) * distance : (Float(place) + 0.5) * distance - 0.5
    if source < 0 { source = 0 }
    let before = Int(source)
    let low = before < size ? before : size &- 1
    return (low, low &+ 1 < size ? low &+ 1 : low, source - Float(low))
}

/// Interpolated along the line first.
func bilinearResizes(
    _ y: Target, _ x: Source, _ images: Int, _ height: Int, _ width: Int, _ channels: Int, _ outHeight: Int,
    _ outWidth: Int, _ alignsCorners: Int, _ from: Int, _ to: Int
) {
    let (down, right) = (
        distance(height, outHeight, alignsCorners != 0), distance(width, outWidth, alignsCorners != 0)
    )
    var place = y + from &* outWidth &* channels
    var line = from
    while line < to {
        let image = line / outHeight
        let rows = between(line &- image &* outHeight, down, height, alignsCorners != 0)
        let (upper, lower) = (
            x + (image &* height &+ rows.low) &* width &* channels,
            x + (image &* height &+ rows.high) &* width &* channels
        )
        let (lowerShare, upperShare) = (all(rows.share), all(1 - rows.share))
        var column = 0
        while column < outWidth {
            let columns = between(column, right, width, alignsCorners != 0)
            let (low, high) = (columns.low &* channels, columns.high &* channels)
            let (rightShare, leftShare) = (all(columns.share), all(1 - columns.share))
            var i = 0
            while i < channels {
                let rest = channels &- i
                let above = (loadUpTo16(upper + (low &+ i), rest) * leftShare)
                    .addingProduct(loadUpTo16(upper + (high &+ i), rest), rightShare)
                let below = (loadUpTo16(lower + (low &+ i), rest) * leftShare)
                    .addingProduct(loadUpTo16(lower + (high &+ i), rest), rightShare)
                storeUpTo16((above * upperShare).addingProduct(below, lowerShare), place + i, rest)
                i &+= 16
            }
            place += channels
            column &+= 1
        }
        line &+= 1
    }
}

/// Elements of dy in order, each to the four it was made of: upper left, upper
/// right, lower left, lower right.
func bilinearResizeGradients(
    _ dx: Target, _ dy: Source, _ images: Int, _ height: Int, _ width: Int, _ channels: Int,
    _ outHeight: Int, _ outWidth: Int, _ alignsCorners: Int, _ from: Int, _ to: Int
) {
    let (down, right) = (
        distance(height, outHeight, alignsCorners != 0), distance(width, outWidth, alignsCorners != 0)
    )
    let length = height &* width &* channels
    var place = dy + from &* outHeight &* outWidth &* channels
    var image = from
    while image < to {
        let plane = dx + image &* length
        fill(plane, length, 0)
        var row = 0
        while row < outHeight {
            let rows = between(row, down, height, alignsCorners != 0)
            let (upper, lower) = (
                plane + rows.low &* width &* channels, plane + rows.high &* width &* channels
            )
            var column = 0
            while column < outWidth {
                let columns = between(column, right, width, alignsCorners != 0)
                let (low, high) = (columns.low &* channels, columns.high &* channels)
                let (above, below) = (1 - rows.share, rows.share)
                let (left, after) = (1 - columns.share, columns.share)
                var i = 0
                while i < channels {
                    let rest = channels &- i
                    let slope = loadUpTo16(place + i, rest)
                    addTo(upper + (low &+ i), slope, above * left, rest)
                    addTo(upper + (high &+ i), slope, above * after, rest)
                    addTo(lower + (low &+ i), slope, below * left, rest)
                    addTo(lower + (high &+ i), slope, below * after, rest)
                    i &+= 16
                }
                place += channels
                column &+= 1
            }
            row &+= 1
        }
        image &+= 1
    }
}

@inline(__always)
private func addTo(_ place: Target, _ slope: Lanes, _ share: Float, _ width: Int) {
    storeUpTo16(loadUpTo16(place, width).addingProduct(slope, all(share)), place, width)
}
