import CTensorKernels

// Sixteen lanes whatever the level; a tail is a vector filled up, so that each
// element and each lane sees the same operations on every level. Loops run
// over whole vectors, and the tail stands once behind them: a test in the loop
// would cost as much as the work.

typealias Lanes = SIMD16<Float>
typealias Source = UnsafePointer<Float>
typealias Target = UnsafeMutablePointer<Float>

@inline(__always)
func all(_ x: Float) -> Lanes { Lanes(repeating: x) }

@inline(__always)
func load(_ p: Source) -> Lanes { sluice_load(p) }

@inline(__always)
func load(_ p: Target) -> Lanes { sluice_load(p) }

@inline(__always)
func store(_ lanes: Lanes, _ p: Target) { sluice_store(lanes, p) }

/// How many of `count` elements lie in whole vectors.
@inline(__always)
func whole(_ count: Int) -> Int { count & ~15 }

/// From this many floats on a result that fills no buffer it was made from is
/// written past the caches, which then need not read what is overwritten. Alone
/// that is 1.3 times as fast at 4 MB and 2 times at 64 MB; with a reader behind
/// it equally fast at 4 MB, and below that slower, for the result is not in the
/// cache (Sapphire Rapids, 2 MB of second level).
private let streamLength = 1 << 20

/// Whether `count` floats to y, made from x, go past the caches.
@inline(__always)
func streams(_ y: Target, _ x: Source, _ count: Int) -> Bool {
    count >= streamLength && UInt(bitPattern: y) & 63 == 0 && UnsafePointer(y) != x
}

@inline(__always)
func put(_ lanes: Lanes, _ p: Target, _ past: Bool) {
    if past { sluice_stream(lanes, p) } else { store(lanes, p) }
}

/// Halves onto halves: the order of every reduction over lanes.
@inline(__always)
func total(_ x: Lanes) -> Float {
    let eight = x.lowHalf + x.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
}

/// Every sum over lanes has four chains, for one chain waits four cycles an addition.
/// Of each whole block of 64 elements the first sixteen go to `a`, the next to
/// `b` and so on; what is behind the last whole block goes to `a`.
/// (A tuple, for a structure leaves symbols that another target could have too.)
typealias RowSum = (a: Lanes, b: Lanes, c: Lanes, d: Lanes)

@inline(__always)
func noSum() -> RowSum { (all(0), all(0), all(0), all(0)) }

@inline(__always)
func total(_ sum: RowSum) -> Float { total((sum.a + sum.b) + (sum.c + sum.d)) }

/// How many of `count` elements lie in whole blocks of four vectors.
@inline(__always)
func wholeBlocks(_ count: Int) -> Int { count & ~63 }
