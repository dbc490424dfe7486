import CTensorKernels

/// Four vectors at p, or a part of one.
@inline(__always)
private func load(_ p: Source, _ isBlock: Bool, _ width: Int) -> Quad {
    isBlock ? loadQuad(p) : quad(loadUpTo16(p, width))
}

@inline(__always)
private func store(_ x: Quad, _ p: Target, _ isBlock: Bool, _ width: Int) {
    if isBlock { put(x, p, false) } else { storeUpTo16(x.a, p, width) }
}

/// A gated recurrent unit (Cho et al. 2014) as PyTorch defines it: with i made
/// from the input and s from the state h, each [rows, 3 hidden] for r, z and n,
/// r = sigmoid(i + s), z = sigmoid(i + s), n = tanh(i + r s), and the new state
/// n + z (h - n). `gates` takes r, z, n and the s of n, [rows, 4 hidden].
func gruCells(
    _ y: Target, _ gates: Target, _ fromInput: Source, _ fromHidden: Source, _ previous: Source, _ rows: Int,
    _ hidden: Int
) {
    var row = 0
    while row < rows {
        let (i, s, g) = (
            fromInput + 3 * row * hidden, fromHidden + 3 * row * hidden, gates + 4 * row * hidden
        )
        let (h, to) = (previous + row * hidden, y + row * hidden)
        var column = 0
        while column &+ 64 <= hidden {
            gruCell(to + column, g + column, i + column, s + column, h + column, hidden, true, 64)
            column &+= 64
        }
        while column < hidden {
            let width = hidden &- column
            gruCell(to + column, g + column, i + column, s + column, h + column, hidden, false, width)
            column &+= 16
        }
        row &+= 1
    }
}

@inline(__always)
private func gruCell(
    _ y: Target, _ gates: Target, _ i: Source, _ s: Source, _ h: Source, _ hidden: Int, _ isBlock: Bool,
    _ width: Int
) {
    let r = sigmoid(load(i, isBlock, width) + load(s, isBlock, width))
    let z = sigmoid(load(i + hidden, isBlock, width) + load(s + hidden, isBlock, width))
    let state = load(s + 2 * hidden, isBlock, width)
    let n = tanh(plus(load(i + 2 * hidden, isBlock, width), r, state))
    let previous = load(h, isBlock, width)
    store(r, gates, isBlock, width)
    store(z, gates + hidden, isBlock, width)
    store(n, gates + 2 * hidden, isBlock, width)
    store(state, gates + 3 * hidden, isBlock, width)
    store(plus(n, z, previous - n), y, isBlock, width)
}

/// From dh the gradients of i, of s, and that of the state before but for what
/// comes to it by way of s.
func gruCellGradients(
    _ dInput: Target, _ dHidden: Target, _ dPrevious: Target, _ dh: Source, _ gates: Source,
    _ previous: Source, _ rows: Int, _ hidden: Int
) {
    var row = 0
    while row < rows {
        let (i, s, g) = (dInput + 3 * row * hidden, dHidden + 3 * row * hidden, gates + 4 * row * hidden)
        let (to, slope, h) = (dPrevious + row * hidden, dh + row * hidden, previous + row * hidden)
        var column = 0
        while column &+ 64 <= hidden {
            gruCellGradient(
                i + column, s + column, to + column, slope + column, g + column, h + column, hidden, true, 64)
            column &+= 64
        }
        while column < hidden {
            gruCellGradient(
                i + column, s + column, to + column, slope + column, g + column, h + column, hidden, false,
                hidden &- column)
            column &+= 16
        }
        row &+= 1
    }
}

@inline(__always)
private func gruCellGradient(
    _ dInput: Target, _ dHidden: Target, _ dPrevious: Target, _ dh: Source, _ gates: Source, _ h: Source,
    _ hidden: Int, _ isBlock: Bool, _ width: Int
) {
    let slope = load(dh, isBlock, width)
    let r = load(gates, isBlock, width)
    let z = load(gates + hidden, isBlock, width)
    let n = load(gates + 2 * hidden, isBlock, width)
    let state = load(gates + 3 * hidden, isBlock, width)
    let previous = load(h, isBlock, width)
    let dn = slope * (quad(1) - z) * plus(quad(1), quad(0) - n, n)
    let dz = slope * (previous - n) * (z * (quad(1) - z))
    let dr = dn * state * (r * (quad(1) - r))
    store(dr, dInput, isBlock, width)
    store(dz, dInput + hidden, isBlock, width)
    store(dn, dInput + 2 * hidden, isBlock, width)
    store(dr, dHidden, isBlock, width)
    store(dz, dHidden + hidden, isBlock, width)
    store(dn * r, dHidden + 2 * hidden, isBlock, width)
    store(slope * z, dPrevious, isBlock, width)
}
