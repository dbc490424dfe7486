/// One element's step each.
extension ScalarReference {
    private static func moment(_ m: Float, _ x: Float, _ beta: Float) -> Float {
        (m * beta).addingProduct(1 - beta, x)
    }

    private static func flushed(_ x: Float, _ limit: Float) -> Float { x.magnitude < limit ? 0 : x }

    /// The first moment and the second.
    private static func moments(
        _ m: Float, _ v: Float, _ gradient: Float, _ beta1: Float, _ beta2: Float
    ) -> (Float, Float) {
        let g = flushed(gradient, 0x1p-56)
        return (
            flushed(moment(m, g, beta1), 0x1p-80), flushed(moment(v, g * g, beta2), .leastNormalMagnitude)
        )
    }

    /// The weight, the first moment, the second moment.
    public static func adamW(
        _ w: Float, _ m: Float, _ v: Float, _ g: Float, rate: Float, beta1: Float, beta2: Float,
        epsilon: Float, decay: Float, c1: Float, c2: Float
    ) -> (Float, Float, Float) {
        let (first, second) = moments(m, v, g, beta1, beta2)
        let update = first * c1 / ((second * c2).squareRoot() + epsilon)
        return (w.addingProduct(-(rate * decay), w).addingProduct(-rate, update), first, second)
    }

    /// The weight, the first moment, the second moment.
    public static func adam(
        _ w: Float, _ m: Float, _ v: Float, _ g: Float, rate: Float, beta1: Float, beta2: Float,
        epsilon: Float, decay: Float, c1: Float, c2: Float
    ) -> (Float, Float, Float) {
        let gradient = g.addingProduct(decay, w)
        let (first, second) = moments(m, v, gradient, beta1, beta2)
        let update = first * c1 / ((second * c2).squareRoot() + epsilon)
        return (w.addingProduct(-rate, update), first, second)
    }

    /// The weight, the second moment.
    public static func rmsProp(
        _ w: Float, _ v: Float, _ g: Float, rate: Float, beta: Float, epsilon: Float, decay: Float
    ) -> (Float, Float) {
        let gradient = g.addingProduct(decay, w)
        let small = flushed(gradient, 0x1p-56)
        let second = flushed(moment(v, small * small, beta), .leastNormalMagnitude)
        return (w.addingProduct(-rate, gradient / (second.squareRoot() + epsilon)), second)
    }

    public static func sgd(_ w: Float, _ g: Float, rate: Float, decay: Float) -> Float {
        w.addingProduct(-rate, g.addingProduct(decay, w))
    }

    /// The weight, the velocity.
    public static func momentum(
        _ w: Float, _ v: Float, _ g: Float, rate: Float, momentum: Float, decay: Float, nesterov: Bool
    ) -> (Float, Float) {
        let gradient = g.addingProduct(decay, w)
        let velocity = flushed(gradient.addingProduct(momentum, v), 0x1p-80)
        let step = nesterov ? gradient.addingProduct(momentum, velocity) : velocity
        return (w.addingProduct(-rate, step), velocity)
    }
}
