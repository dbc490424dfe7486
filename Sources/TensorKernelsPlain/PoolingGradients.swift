import CTensorKernels

private enum Pool {
    case largest, sum
}

/// Gives a vector of dy to the elements of its window. Of the largest what has
/// been given is zero from there on, and zero added to what began as zero
/// changes nothing.
@inline(__always)
private func spread(
    _ pool: Pool, _ dx: Target, _ dy: Lanes, _ x: Source, _ y: Lanes, _ part: WindowPart, _ width: Int
) {
    var rest = dy
    var row = 0
    while row < part.height {
        var place = part.corner &+ row &* part.lineStep
        var column = 0
        while column < part.width {
            let before = loadUpTo16(dx + place, width)
            if pool == .largest {
                let here = loadUpTo16(x + place, width)
                storeUpTo16(before + sluice_where_found(here, y, rest), dx + place, width)
                rest = sluice_where_not_found(here, y, rest)
            } else {
                storeUpTo16(before + rest, dx + place, width)
            }
            place &+= part.step
            column &+= 1
        }
        row &+= 1
    }
}

@inline(__always)
private func spread(
    _ pool: Pool, _ it: SluiceWindow, _ dx: Target, _ dy: Source, _ x: Source, _ y: Source,
    _ countsPadding: Bool, _ from: Int, _ to: Int
) {
    let imageLength = it.height &* it.width &* it.channels
    let outLength = it.outHeight &* it.outWidth &* it.channels
    let end = whole(it.channels)
    var image = from
    while image < to {
        fill(dx + image &* imageLength, imageLength, 0)
        var place = image &* outLength
        var row = 0
        while row < it.outHeight {
            let windows = windowLine(it, image: image, row: row)
            var column = 0
            while column < it.outWidth {
                var part = windowPart(it, windows, column)
                let share = all(pool == .sum ? windowShare(it, part, countsPadding) : 1)
                var channel = 0
                while channel < end {
                    let slope = pool == .sum ? load(dy + place + channel) / share : load(dy + place + channel)
                    let top = pool == .largest ? load(y + place + channel) : slope
                    spread(pool, dx, slope, x, top, part, 16)
                    part.corner &+= 16
                    channel &+= 16
                }
                if channel < it.channels {
                    let rest = it.channels &- channel
                    let slope = sluice_load_first(dy + place + channel, rest, 0)
                    let top = pool == .largest ? sluice_load_first(y + place + channel, rest, 0) : slope
                    spread(pool, dx, pool == .sum ? slope / share : slope, x, top, part, rest)
                }
                place &+= it.channels
                column &+= 1
            }
            row &+= 1
        }
        image &+= 1
    }
}

func maxPoolGradients(
    _ window: UnsafePointer<SluiceWindow>, _ dx: Target, _ dy: Source, _ x: Source, _ y: Source, _ from: Int,
    _ to: Int
) {
    spread(.largest, window.pointee, dx, dy, x, y, false, from, to)
}

func averagePoolGradients(
    _ window: UnsafePointer<SluiceWindow>, _ dx: Target, _ dy: Source, _ countsPadding: Int, _ from: Int,
    _ to: Int
) {
    spread(.sum, window.pointee, dx, dy, dy, dy, countsPadding != 0, from, to)
}
