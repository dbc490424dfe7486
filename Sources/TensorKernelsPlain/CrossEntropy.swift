import CTensorKernels

/// With weights w and smoothing s of C classes: the row's sum of -w t log softmax for
/// the targets t = s / C, and 1 - s more for the label's, as two terms: the label's, then
/// s / C times the sum over the row in the order of `RowSum` (Szegedy et al. 2016,
/// "Rethinking the inception architecture"; as PyTorch). Without smoothing a class
/// of minus infinity costs nothing.
func crossEntropyRows(
    _ losses: Target, _ x: Source, _ labels: UnsafePointer<Int32>, _ weights: Source?, _ smoothing: Float,
    _ rows: Int, _ columns: Int
) {
    let share = smoothing / Float(columns)
    var row = 0
    while row < rows {
        let from = x + row * columns
        let label = Int(labels[row])
        let (top, log) = logSum(from, columns)
        let loss = (1 - smoothing) * (weights?[label] ?? 1) * (log[0] - (from[label] - top))
        losses[row] =
            smoothing == 0
            ? loss : loss.addingProduct(share, weightedLogs(from, weights, all(top), log, columns))
        row &+= 1
    }
}

/// The row's sum of -w log softmax(x).
@inline(__always)
private func weightedLogs(
    _ x: Source, _ weights: Source?, _ top: Lanes, _ log: Lanes, _ columns: Int
) -> Float {
    let blocks = wholeBlocks(columns)
    var sum = noSum()
    var i = 0
    while i < blocks {
        sum.a = sum.a.addingProduct(factor(weights, i), log - (load(x + i) - top))
        sum.b = sum.b.addingProduct(factor(weights, i &+ 16), log - (load(x + i + 16) - top))
        sum.c = sum.c.addingProduct(factor(weights, i &+ 32), log - (load(x + i + 32) - top))
        sum.d = sum.d.addingProduct(factor(weights, i &+ 48), log - (load(x + i + 48) - top))
        i &+= 64
    }
    while i &+ 16 <= columns {
        sum.a = sum.a.addingProduct(factor(weights, i), log - (load(x + i) - top))
        i &+= 16
    }
    if i < columns {
        let rest = columns &- i
        let scale = weights.map { sluice_load_first($0 + i, rest, 0) } ?? all(1)
        let logs = sluice_keep_first(log - (sluice_load_first(x + i, rest, 0) - top), rest)
        sum.a = sum.a.addingProduct(scale, logs)
    }
    return total(sum)
}

@inline(__always)
private func factor(_ weights: Source?, _ i: Int) -> Lanes { weights.map { load($0 + i) } ?? all(1) }

/// With W = the row's sum of w t, which is 1 without weights:
/// dx = (softmax W - w s / C) scale, at the label (1 - s) w less in the parentheses.
func crossEntropyRowsGradients(
    _ dx: Target, _ x: Source, _ labels: UnsafePointer<Int32>, _ weights: Source?, _ smoothing: Float,
    _ scales: Source, _ rows: Int, _ columns: Int
) {
    softmaxRows(dx, x, rows, columns)
    let share = smoothing / Float(columns)
    let shared = weights.map { share * sumOf($0, columns) } ?? smoothing
    var row = 0
    while row < rows {
        let to = dx + row * columns
        let label = Int(labels[row])
        let own = (1 - smoothing) * (weights?[label] ?? 1)
        let whole = all(weights == nil ? 1 : own + shared)
        let scale = all(scales[row])
        // The label's element is put right before the rest is: of the others only it is known where it is.
        let atLabel = ((to[label] * whole[0]).addingProduct(0 - share, weights?[label] ?? 1) - own) * scale[0]
        var i = 0
        while i < columns {
            let width = columns &- i
            let factor = weights.map { loadUpTo16($0 + i, width) } ?? all(1)
            let level = (loadUpTo16(to + i, width) * whole).addingProduct(all(0 - share), factor)
            storeUpTo16(level * scale, to + i, width)
            i &+= 16
        }
        to[label] = atLabel
        row &+= 1
    }
}
