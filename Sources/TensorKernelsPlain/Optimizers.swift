import CTensorKernels

// One step over all parameters. The loops run over counts up to sixteen: what
// an update costs is memory, square root and division, not the test. A
// second moment below the normal range is flushed to zero: there it would cost
// 100 cycles an operation.

@inline(__always)
private func moment(_ m: Lanes, _ x: Lanes, _ beta: Float) -> Lanes {
    (m * all(beta)).addingProduct(all(1 - beta), x)
}

/// AdamW (Loshchilov and Hutter 2019, algorithm 2).
func adamWStep(
    _ w: Target, _ m: Target, _ v: Target, _ g: Source, _ count: Int, _ rate: Float, _ beta1: Float,
    _ beta2: Float, _ epsilon: Float, _ decay: Float, _ c1: Float, _ c2: Float
) {
    var i = 0
    while i < count {
        let rest = count - i
        let gradient = loadUpTo16(g + i, rest)
        let first = moment(loadUpTo16(m + i, rest), gradient, beta1)
        let second = sluice_flush(moment(loadUpTo16(v + i, rest), gradient * gradient, beta2))
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
        let first = moment(loadUpTo16(m + i, rest), gradient, beta1)
        let second = sluice_flush(moment(loadUpTo16(v + i, rest), gradient * gradient, beta2))
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
        let second = sluice_flush(moment(loadUpTo16(v + i, rest), gradient * gradient, beta))
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
        let velocity = gradient.addingProduct(all(momentum), loadUpTo16(v + i, rest))
        let step = nesterov != 0 ? gradient.addingProduct(all(momentum), velocity) : velocity
        storeUpTo16(velocity, v + i, rest)
        storeUpTo16(weights.addingProduct(all(-rate), step), w + i, rest)
        i &+= 16
    }
}
