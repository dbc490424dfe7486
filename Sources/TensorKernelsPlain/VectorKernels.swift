// Sixteen lanes whatever the level; a tail is a vector filled up, so that each
// element and each lane sees the same operations on every level.

typealias Source = UnsafePointer<Float>
typealias Target = UnsafeMutablePointer<Float>

@inline(__always)
private func load(_ p: Source, _ count: Int, _ fill: Float) -> SIMD16<Float> {
    if count >= 16 { return UnsafeRawPointer(p).loadUnaligned(as: SIMD16<Float>.self) }
    var lanes = SIMD16<Float>(repeating: fill)
    var i = 0
    while i < count {
        lanes[i] = p[i]
        i += 1
    }
    return lanes
}

@inline(__always)
private func store(_ lanes: SIMD16<Float>, _ p: Target, _ count: Int) {
    if count >= 16 {
        UnsafeMutableRawPointer(p).storeBytes(of: lanes, as: SIMD16<Float>.self)
        return
    }
    var i = 0
    while i < count {
        p[i] = lanes[i]
        i += 1
    }
}

@inline(__always)
private func total(_ x: SIMD16<Float>) -> Float {
    let eight = x.lowHalf + x.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
}

/// 1.5 * 2^23: adding it rounds to a whole number, which stands in the low bits.
private let rounder: Float = 12_582_912
private let rounderBits: Int32 = 0x4B40_0000

/// exp after Cephes `expf` (S. Moshier): x = n ln 2 + r, polynomial of degree 7,
/// scaled in two steps so that subnormal results are rounded once.
@inline(__always)
private func exponential(_ input: SIMD16<Float>) -> SIMD16<Float> {
    typealias V = SIMD16<Float>
    var x = input.replacing(with: V(repeating: -104), where: input .< V(repeating: -104))
    x = x.replacing(with: V(repeating: 89), where: x .> V(repeating: 89))
    let shifted = V(repeating: rounder).addingProduct(x, V(repeating: 1.442_695))
    let n = shifted - V(repeating: rounder)
    let whole = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- SIMD16<Int32>(repeating: rounderBits)
    var r = x.addingProduct(n, V(repeating: -0.693_359_375))
    r = r.addingProduct(n, V(repeating: 2.121_944_4e-4))
    var y = V(repeating: 1.398_199_9e-3).addingProduct(V(repeating: 1.987_569_1e-4), r)
    y = V(repeating: 8.333_452e-3).addingProduct(y, r)
    y = V(repeating: 4.166_579_6e-2).addingProduct(y, r)
    y = V(repeating: 1.666_666_5e-1).addingProduct(y, r)
    y = V(repeating: 0.5).addingProduct(y, r)
    y = r.addingProduct(y, r * r) + V(repeating: 1)
    let half = whole &>> SIMD16<Int32>(repeating: 1)
    let bias = SIMD16<Int32>(repeating: 127)
    let shift = SIMD16<Int32>(repeating: 23)
    let first = unsafeBitCast((half &+ bias) &<< shift, to: V.self)
    let second = unsafeBitCast((whole &- half &+ bias) &<< shift, to: V.self)
    return y * first * second
}

/// log after Cephes `logf`: x = m 2^e with m in [sqrt(1/2), sqrt(2)).
/// log(0) = -inf, log of a negative number is NaN, log(inf) = inf.
@inline(__always)
private func logarithm(_ input: SIMD16<Float>) -> SIMD16<Float> {
    typealias V = SIMD16<Float>
    typealias I = SIMD16<Int32>
    let small = input .< V(repeating: Float.leastNormalMagnitude)
    let x = input.replacing(with: input * V(repeating: 8_388_608), where: small)
    let bits = unsafeBitCast(x, to: I.self)
    let exponent = (bits &>> I(repeating: 23)) &- I(repeating: 126)
    var m = unsafeBitCast((bits & I(repeating: 0x7F_FFFF)) | I(repeating: 0x3F00_0000), to: V.self)
    var e = unsafeBitCast(exponent &+ I(repeating: rounderBits), to: V.self) - V(repeating: rounder)
    e = e.replacing(with: e - V(repeating: 23), where: small)
    let low = m .< V(repeating: 0.707_106_77)
    e = e.replacing(with: e - V(repeating: 1), where: low)
    m = m.replacing(with: m + m, where: low) - V(repeating: 1)
    let z = m * m
    var y = V(repeating: -1.151_461e-1).addingProduct(V(repeating: 7.037_683_6e-2), m)
    y = V(repeating: 1.167_699_9e-1).addingProduct(y, m)
    y = V(repeating: -1.242_014_1e-1).addingProduct(y, m)
    y = V(repeating: 1.424_932_3e-1).addingProduct(y, m)
    y = V(repeating: -1.666_805_8e-1).addingProduct(y, m)
    y = V(repeating: 2.000_071_5e-1).addingProduct(y, m)
    y = V(repeating: -2.499_999_4e-1).addingProduct(y, m)
    y = V(repeating: 3.333_333_1e-1).addingProduct(y, m)
    y = y * m * z
    y = y.addingProduct(e, V(repeating: -2.121_944_4e-4))
    y = y.addingProduct(z, V(repeating: -0.5))
    var result = (m + y).addingProduct(e, V(repeating: 0.693_359_375))
    result = result.replacing(with: input, where: input .== V(repeating: Float.infinity))
    result = result.replacing(with: input, where: input .!= input)
    result = result.replacing(with: V(repeating: Float.nan), where: input .< V(repeating: 0))
    return result.replacing(with: V(repeating: -Float.infinity), where: input .== V(repeating: 0))
}

func exponentials(_ y: Target, _ x: Source, _ count: Int) {
    var i = 0
    while i < count {
        store(exponential(load(x + i, count - i, 0)), y + i, count - i)
        i += 16
    }
}

func logarithms(_ y: Target, _ x: Source, _ count: Int) {
    var i = 0
    while i < count {
        store(logarithm(load(x + i, count - i, 1)), y + i, count - i)
        i += 16
    }
}

/// 1 / (1 + exp(-x))
func sigmoids(_ y: Target, _ x: Source, _ count: Int) {
    let one = SIMD16<Float>(repeating: 1)
    var i = 0
    while i < count {
        let lanes = load(x + i, count - i, 0)
        store(one / (one + exponential(SIMD16<Float>(repeating: 0) - lanes)), y + i, count - i)
        i += 16
    }
}

/// The largest element; NaN is passed over here and spreads through exp.
@inline(__always)
private func largest(_ x: Source, _ count: Int) -> Float {
    var best = SIMD16<Float>(repeating: -Float.infinity)
    var i = 0
    while i < count {
        let lanes = load(x + i, count - i, -Float.infinity)
        best = best.replacing(with: lanes, where: lanes .> best)
        i += 16
    }
    let eight = best.lowHalf.replacing(with: best.highHalf, where: best.highHalf .> best.lowHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return two[1] > two[0] ? two[1] : two[0]
}

func softmaxRows(_ y: Target, _ x: Source, _ rows: Int, _ columns: Int) {
    var row = 0
    while row < rows {
        let from = x + row * columns
        let to = y + row * columns
        let top = SIMD16<Float>(repeating: largest(from, columns))
        var sums = SIMD16<Float>(repeating: 0)
        var i = 0
        while i < columns {
            let powers = exponential(load(from + i, columns - i, -Float.infinity) - top)
            sums = sums + powers
            store(powers, to + i, columns - i)
            i += 16
        }
        let scale = SIMD16<Float>(repeating: total(sums))
        i = 0
        while i < columns {
            store(load(Source(to) + i, columns - i, 0) / scale, to + i, columns - i)
            i += 16
        }
        row += 1
    }
}

func logSoftmaxRows(_ y: Target, _ x: Source, _ rows: Int, _ columns: Int) {
    var row = 0
    while row < rows {
        let from = x + row * columns
        let to = y + row * columns
        let top = SIMD16<Float>(repeating: largest(from, columns))
        var sums = SIMD16<Float>(repeating: 0)
        var i = 0
        while i < columns {
            sums = sums + exponential(load(from + i, columns - i, -Float.infinity) - top)
            i += 16
        }
        let scale = logarithm(SIMD16<Float>(repeating: total(sums)))
        i = 0
        while i < columns {
            store(load(from + i, columns - i, 0) - top - scale, to + i, columns - i)
            i += 16
        }
        row += 1
    }
}

func sumOf(_ x: Source, _ count: Int) -> Float {
    var sums = SIMD16<Float>(repeating: 0)
    var i = 0
    while i < count {
        sums = sums + load(x + i, count - i, 0)
        i += 16
    }
    return total(sums)
}

func dotOf(_ x: Source, _ y: Source, _ count: Int) -> Float {
    var sums = SIMD16<Float>(repeating: 0)
    var i = 0
    while i < count {
        sums = sums.addingProduct(load(x + i, count - i, 0), load(y + i, count - i, 0))
        i += 16
    }
    return total(sums)
}

func addScaled(_ y: Target, _ x: Source, _ a: Float, _ count: Int) {
    let factor = SIMD16<Float>(repeating: a)
    var i = 0
    while i < count {
        store(
            load(Source(y) + i, count - i, 0).addingProduct(factor, load(x + i, count - i, 0)), y + i,
            count - i
        )
        i += 16
    }
}

func addBiasAndActivate(_ x: Target, _ bias: Source, _ rows: Int, _ columns: Int, _ activation: Int) {
    let zero = SIMD16<Float>(repeating: 0)
    var row = 0
    while row < rows {
        let line = x + row * columns
        var i = 0
        while i < columns {
            var lanes = load(Source(line) + i, columns - i, 0) + load(bias + i, columns - i, 0)
            if activation == 1 { lanes = lanes.replacing(with: zero, where: lanes .< zero) }
            store(lanes, line + i, columns - i)
            i += 16
        }
        row += 1
    }
}

/// AdamW (Loshchilov and Hutter 2019, algorithm 2). The second moment is
/// flushed to zero below the normal range, where it would cost 100 cycles.
func adamWStep(
    _ w: Target, _ m: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ beta1: Float,
    _ beta2: Float, _ epsilon: Float, _ decay: Float, _ c1: Float, _ c2: Float
) {
    typealias V = SIMD16<Float>
    var i = 0
    while i < count {
        let rest = count - i
        let gradient = load(g + i, rest, 0)
        let first = (load(Source(m) + i, rest, 0) * V(repeating: beta1))
            .addingProduct(V(repeating: 1 - beta1), gradient)
        var second = (load(Source(v) + i, rest, 0) * V(repeating: beta2))
            .addingProduct(V(repeating: 1 - beta2), gradient * gradient)
        second = second.replacing(
            with: V(repeating: 0), where: second .< V(repeating: Float.leastNormalMagnitude))
        let root = (second * V(repeating: c2)).squareRoot()
        let update = first * V(repeating: c1) / (root + V(repeating: epsilon))
        var weights = load(Source(w) + i, rest, 0)
        weights = weights.addingProduct(V(repeating: -(rate * decay)), weights)
        weights = weights.addingProduct(V(repeating: -rate), update)
        store(first, m + i, rest)
        store(second, v + i, rest)
        store(weights, w + i, rest)
        i += 16
    }
}
