import CTensorKernels

// One step over all parameters. The loops run over counts up to sixteen: what
// an update costs is memory, square root and division, not the test.
//
// Below the normal range an operation costs 100 cycles, and moments of what gets
// no gradient fall there: behind a dead relu all of them do. So what is too small
// to move a weight is made zero by a select, on every level alike.

/// Below it a gradient is zero to a moment: its square, as it enters the second one, would not be normal.
private let leastGradient: Float = 0x1p-56
/// Below it a first moment or a velocity is zero: its next decay stays normal.
private let leastMoment: Float = 0x1p-80
private let leastSquare = Float.leastNormalMagnitude

@inline(__always)
private func moment(_ m: Lanes, _ x: Lanes, _ beta: Float) -> Lanes {
    (m * all(beta)).addingProduct(all(1 - beta), x)
}

@inline(__always)
private func moments(
    _ m: Lanes, _ v: Lanes, _ gradient: Lanes, _ beta1: Float, _ beta2: Float
) -> (Lanes, Lanes) {
    let g = sluice_flush(gradient, leastGradient)
    return (
        sluice_flush(moment(m, g, beta1), leastMoment), sluice_flush(moment(v, g * g, beta2), leastSquare)
    )
}

/// AdamW (Loshchilov and Hutter 2019, algorithm 2).
func adamWStep(
    _ w: Target, _ m: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ beta1: Float,
    _ beta2: Float, _ epsilon: Float, _ decay: Float, _ c1: Float, _ c2: Float
) {
    var i = 0
    while i < count {
        let rest = count - i
        let (first, second) = moments(
            loadUpTo16(m + i, rest), loadUpTo16(v + i, rest), loadUpTo16(g + i, rest), beta1, beta2)
        let update = first * all(c1) / ((second * all(c2)).squareRoot() + all(epsilon))
        var weights = loadUpTo16(w + i, rest)
        weights = weights.addingProduct(all(-(rate * decay)), weights)
        weights = weights.addingProduct(all(-rate), update)
        storeUpTo16(first, m + i, rest)
        storeUpTo16(second, v + i, rest)
        storeUpTo16(weights, w + i, rest)
        i &+= 16
    }
}

/// Adam (Kingma and Ba 2015, algorithm 1), the decay added to the gradient.
func adamStep(
    _ w: Target, _ m: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ beta1: Float,
    _ beta2: Float, _ epsilon: Float, _ decay: Float, _ c1: Float, _ c2: Float
) {
    var i = 0
    while i < count {
        let rest = count - i
        let weights = loadUpTo16(w + i, rest)
        let gradient = loadUpTo16(g + i, rest).addingProduct(all(decay), weights)
        let (first, second) = moments(
            loadUpTo16(m + i, rest), loadUpTo16(v + i, rest), gradient, beta1, beta2)
        let update = first * all(c1) / ((second * all(c2)).squareRoot() + all(epsilon))
        storeUpTo16(first, m + i, rest)
        storeUpTo16(second, v + i, rest)
        storeUpTo16(weights.addingProduct(all(-rate), update), w + i, rest)
        i &+= 16
    }
}

/// RMSprop (Tieleman and Hinton 2012), the decay added to the gradient.
func rmsPropStep(
    _ w: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ beta: Float, _ epsilon: Float,
    _ decay: Float
) {
    var i = 0
    while i < count {
        let rest = count - i
        let weights = loadUpTo16(w + i, rest)
        let gradient = loadUpTo16(g + i, rest).addingProduct(all(decay), weights)
        let small = sluice_flush(gradient, leastGradient)
        let second = sluice_flush(moment(loadUpTo16(v + i, rest), small * small, beta), leastSquare)
        let update = gradient / (second.squareRoot() + all(epsilon))
        storeUpTo16(second, v + i, rest)
        storeUpTo16(weights.addingProduct(all(-rate), update), w + i, rest)
        i &+= 16
    }
}

func sgdStep(_ w: Target, _ g: Source, _ count: Int, _ rate: Float, _ decay: Float) {
    var i = 0
    while i < count {
        let rest = count - i
        let weights = loadUpTo16(w + i, rest)
        let gradient = loadUpTo16(g + i, rest).addingProduct(all(decay), weights)
        storeUpTo16(weights.addingProduct(all(-rate), gradient), w + i, rest)
        i &+= 16
    }
}

/// Momentum (Polyak 1964), and Nesterov's in the form of Sutskever et al. 2013
/// that looks ahead from the new velocity.
func momentumStep(
    _ w: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ momentum: Float, _ decay: Float,
    _ nesterov: Int
) {
    var i = 0
    while i < count {
        let rest = count - i
        let weights = loadUpTo16(w + i, rest)
        let gradient = loadUpTo16(g + i, rest).addingProduct(all(decay), weights)
        let velocity = sluice_flush(
            gradient.addingProduct(all(momentum), loadUpTo16(v + i, rest)), leastMoment)
        let step = nesterov != 0 ? gradient.addingProduct(all(momentum), velocity) : velocity
        storeUpTo16(velocity, v + i, rest)
        storeUpTo16(weights.addingProduct(all(-rate), step), w + i, rest)
        i &+= 16
    }
}
