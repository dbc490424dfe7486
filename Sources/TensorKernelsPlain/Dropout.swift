import CTensorKernels

private typealias Words = SIMD16<UInt32>

/// Philox 4x32-10 (Salmon et al. 2011) for sixteen counters at once.
@inline(__always)
private func philox(
    _ counters: Words, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32, _ low: UInt32, _ high: UInt32
) -> (Words, Words, Words, Words) {
    var (a, b, c, d) = (counters, Words(repeating: c1), Words(repeating: c2), Words(repeating: c3))
    var (k0, k1) = (low, high)
    var round = 0
    while round < 10 {
        let first: (high: Words, low: Words) = (
            sluice_product_high(a, 0xD251_1F53), sluice_product_low(a, 0xD251_1F53)
        )
        let second: (high: Words, low: Words) = (
            sluice_product_high(c, 0xCD9E_8D57), sluice_product_low(c, 0xCD9E_8D57)
        )
        a = second.high ^ b ^ Words(repeating: k0)
        c = first.high ^ d ^ Words(repeating: k1)
        (b, d) = (second.low, first.low)
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
        round &+= 1
    }
    return (a, b, c, d)
}

/// Dropout (Srivastava et al. 2014): element j of a sample's row is zero where
/// word j % 4 of the counter (j / 4, sample, step, 4 | layer << 8) is below the
/// threshold, and times `scale` elsewhere (docs: numerics, rule 10).
func dropouts(
    _ y: Target, _ x: Source, _ scale: Float, _ threshold: UInt32, _ seedLow: UInt32, _ seedHigh: UInt32,
    _ step: Int, _ layer: Int, _ samples: UnsafePointer<Int>?, _ firstSample: Int, _ rows: Int,
    _ columns: Int
) {
    let numbers = Words(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    let use = 4 | UInt32(truncatingIfNeeded: layer) << 8
    var (from, to) = (x, y)
    var row = 0
    while row < rows {
        let sample = UInt32(truncatingIfNeeded: samples?[row] ?? firstSample &+ row)
        var j = 0
        while j < columns {
            let first = Words(repeating: UInt32(truncatingIfNeeded: j >> 2))
            let (a, b, c, d) = philox(
                first &+ numbers, sample, UInt32(truncatingIfNeeded: step), use, seedLow, seedHigh)
            let rest = columns &- j
            drop(to + j, from + j, scale, threshold, sluice_quartets(a, b, c, d, 0), rest)
            if rest > 16 {
                drop(to + j + 16, from + j + 16, scale, threshold, sluice_quartets(a, b, c, d, 1), rest &- 16)
            }
            if rest > 32 {
                drop(to + j + 32, from + j + 32, scale, threshold, sluice_quartets(a, b, c, d, 2), rest &- 32)
            }
            if rest > 48 {
                drop(to + j + 48, from + j + 48, scale, threshold, sluice_quartets(a, b, c, d, 3), rest &- 48)
            }
            j &+= 64
        }
        from += columns
        to += columns
        row &+= 1
    }
}

@inline(__always)
private func drop(_ y: Target, _ x: Source, _ scale: Float, _ threshold: UInt32, _ words: Words, _ width: Int)
{
    storeUpTo16(sluice_unless_below(words, threshold, loadUpTo16(x, width) * all(scale)), y, width)
}
