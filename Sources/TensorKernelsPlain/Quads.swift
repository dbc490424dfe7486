import CTensorKernels

// Four vectors worked on in step. A polynomial is one long chain, and the
// processor holds too few waiting instructions to find the next vector's chain
// behind it by itself; in step, four chains wait side by side. One vector is
// the same thing four times, which the compiler then does once: `isOne`, known
// when it compiles, says that nothing is to be held in step. (A tuple, for a
// structure leaves symbols that another target could have too.)

typealias Quad = (a: Lanes, b: Lanes, c: Lanes, d: Lanes, isOne: Bool)

@inline(__always)
func quad(_ x: Lanes) -> Quad { (x, x, x, x, true) }

@inline(__always)
func quad(_ x: Float) -> Quad { quad(all(x)) }

@inline(__always)
func loadQuad(_ p: Source) -> Quad { (load(p), load(p + 16), load(p + 32), load(p + 48), false) }

/// The processor fetches ahead by itself, but not across a page's end, and a
/// long stream has one each sixteen blocks.
@inline(__always)
func prefetch(_ p: Source, _ past: Bool) {
    if past {
        sluice_prefetch_read(p + 1024)
        sluice_prefetch_read(p + 1040)
        sluice_prefetch_read(p + 1056)
        sluice_prefetch_read(p + 1072)
    }
}

@inline(__always)
func put(_ x: Quad, _ p: Target, _ past: Bool) {
    if past {
        sluice_stream(x.a, p)
        sluice_stream(x.b, p + 16)
        sluice_stream(x.c, p + 32)
        sluice_stream(x.d, p + 48)
    } else {
        store(x.a, p)
        store(x.b, p + 16)
        store(x.c, p + 32)
        store(x.d, p + 48)
    }
}

@inline(__always)
func + (x: Quad, y: Quad) -> Quad { (x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d, x.isOne && y.isOne) }

@inline(__always)
func - (x: Quad, y: Quad) -> Quad { (x.a - y.a, x.b - y.b, x.c - y.c, x.d - y.d, x.isOne && y.isOne) }

@inline(__always)
func * (x: Quad, y: Quad) -> Quad { (x.a * y.a, x.b * y.b, x.c * y.c, x.d * y.d, x.isOne && y.isOne) }

@inline(__always)
func / (x: Quad, y: Quad) -> Quad { (x.a / y.a, x.b / y.b, x.c / y.c, x.d / y.d, x.isOne && y.isOne) }

/// sum + x y, rounded once.
@inline(__always)
func plus(_ sum: Quad, _ x: Quad, _ y: Quad) -> Quad {
    (
        sum.a.addingProduct(x.a, y.a), sum.b.addingProduct(x.b, y.b), sum.c.addingProduct(x.c, y.c),
        sum.d.addingProduct(x.d, y.d), sum.isOne && x.isOne && y.isOne
    )
}

/// A step of a polynomial: sum + x y, rounded once, the four vectors in step.
@inline(__always)
func step(_ sum: Quad, _ x: Quad, _ y: Quad) -> Quad {
    var z = plus(sum, x, y)
    if !z.isOne { sluice_in_step(&z.a, &z.b, &z.c, &z.d) }
    return z
}

@inline(__always)
func plus(_ sum: Float, _ x: Quad, _ y: Quad) -> Quad { step(quad(sum), x, y) }

/// x between two limits; NaN stays.
@inline(__always)
func bounded(_ x: Quad, _ low: Float, _ high: Float) -> Quad { atMost(atLeast(x, low), high) }

@inline(__always)
func atLeast(_ x: Quad, _ limit: Float) -> Quad {
    (
        sluice_at_least(x.a, limit), sluice_at_least(x.b, limit), sluice_at_least(x.c, limit),
        sluice_at_least(x.d, limit), x.isOne
    )
}

@inline(__always)
func atMost(_ x: Quad, _ limit: Float) -> Quad {
    (
        sluice_at_most(x.a, limit), sluice_at_most(x.b, limit), sluice_at_most(x.c, limit),
        sluice_at_most(x.d, limit), x.isOne
    )
}

@inline(__always)
func whereNegative(_ x: Quad, _ negative: Quad, _ other: Quad) -> Quad {
    (
        sluice_where_negative(x.a, negative.a, other.a), sluice_where_negative(x.b, negative.b, other.b),
        sluice_where_negative(x.c, negative.c, other.c), sluice_where_negative(x.d, negative.d, other.d),
        x.isOne && negative.isOne && other.isOne
    )
}

@inline(__always)
func wherePositive(_ x: Quad, _ value: Quad) -> Quad {
    (
        sluice_where_positive(x.a, value.a), sluice_where_positive(x.b, value.b),
        sluice_where_positive(x.c, value.c), sluice_where_positive(x.d, value.d), x.isOne && value.isOne
    )
}

/// `negative` or `positive` by the sign of x; zero and NaN stay.
@inline(__always)
func sign(_ x: Quad, _ negative: Float, _ positive: Float) -> Quad {
    (
        sluice_sign(x.a, negative, positive), sluice_sign(x.b, negative, positive),
        sluice_sign(x.c, negative, positive), sluice_sign(x.d, negative, positive), x.isOne
    )
}

/// x y, or zero where x is zero whatever y is.
@inline(__always)
func productOrZero(_ x: Quad, _ y: Quad) -> Quad {
    (
        sluice_product_or_zero(x.a, y.a), sluice_product_or_zero(x.b, y.b), sluice_product_or_zero(x.c, y.c),
        sluice_product_or_zero(x.d, y.d), x.isOne && y.isOne
    )
}

@inline(__always)
func magnitude(_ x: Quad) -> Quad {
    (sluice_magnitude(x.a), sluice_magnitude(x.b), sluice_magnitude(x.c), sluice_magnitude(x.d), x.isOne)
}

@inline(__always)
func negativeMagnitude(_ x: Quad) -> Quad {
    (
        sluice_negative_magnitude(x.a), sluice_negative_magnitude(x.b), sluice_negative_magnitude(x.c),
        sluice_negative_magnitude(x.d), x.isOne
    )
}

/// x with the sign of y.
@inline(__always)
func withSign(_ x: Quad, _ y: Quad) -> Quad {
    (
        sluice_with_sign(x.a, y.a), sluice_with_sign(x.b, y.b), sluice_with_sign(x.c, y.c),
        sluice_with_sign(x.d, y.d), x.isOne && y.isOne
    )
}

/// Lanes of a table (`sluice_lookup`).
@inline(__always)
func lookup(_ table: Lanes, _ place: Quad) -> Quad {
    (
        sluice_lookup(table, place.a), sluice_lookup(table, place.b), sluice_lookup(table, place.c),
        sluice_lookup(table, place.d), place.isOne
    )
}

/// y 2^n
@inline(__always)
func scaled(_ y: Quad, _ n: Quad) -> Quad {
    (
        sluice_scale(y.a, n.a), sluice_scale(y.b, n.b), sluice_scale(y.c, n.c), sluice_scale(y.d, n.d),
        y.isOne && n.isOne
    )
}

/// What x has above the whole number at or below it (`sluice_fraction`).
@inline(__always)
func fraction(_ x: Quad) -> Quad {
    (sluice_fraction(x.a), sluice_fraction(x.b), sluice_fraction(x.c), sluice_fraction(x.d), x.isOne)
}

/// y 2^n for the whole number n at or below x (`sluice_scale_by_floor`).
@inline(__always)
func scaled(_ y: Quad, byFloorOf x: Quad) -> Quad {
    (
        sluice_scale_by_floor(y.a, x.a), sluice_scale_by_floor(y.b, x.b), sluice_scale_by_floor(y.c, x.c),
        sluice_scale_by_floor(y.d, x.d), y.isOne && x.isOne
    )
}
