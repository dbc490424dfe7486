import Testing

@testable import Estimators

/// Held against sorting, which says what is meant.
@Suite struct OrderStatisticsTests {
    private static func values(_ count: Int, _ value: (inout RandomSource) -> Double) -> [Double] {
        var source = RandomSource(state: UInt64(count))
        return (0..<count).map { _ in value(&source) }
    }

    /// SplitMix64.
    struct RandomSource {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    private static let forms: [(String, @Sendable (inout RandomSource) -> Double)] = [
        ("of every size", { Double(bitPattern: $0.next()) }),
        ("alike in their first bits", { 1 + Double($0.next() >> 12) * 0x1p-60 }),
        ("few different ones", { Double($0.next() % 3) }),
        ("one", { _ in 7 }),
        ("of both signs", { Double(Int64(bitPattern: $0.next())) * 0x1p-63 }),
        (
            "zeros of both signs, the least and infinite ones",
            {
                [0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .infinity, -.infinity][
                    Int($0.next() % 6)]
            }
        ),
    ]

    @Test(arguments: [1, 2, 255, 256, 257, 1000, 20_000])
    func `each rank has the value that sorting gives it`(count: Int) {
        for (name, form) in Self.forms {
            let values = Self.values(count, form).map { $0.isNaN ? 0 : $0 }
            let sorted = values.sorted()
            let ranks = [0, count - 1, count / 2, count / 3, count / 2, (count - 1) / 4, min(1, count - 1)]
            let found = values.withUnsafeBufferPointer { OrderStatistics.select($0, ranks: ranks) }
            #expect(found == ranks.map { sorted[$0] }, "\(count) \(name)")
            #expect(found.allSatisfy { $0 != 0 || $0.sign == .plus })
        }
    }

    @Test func `many ranks at once are the sorted values`() {
        let values = Self.values(3000, Self.forms[4].1)
        let found = values.withUnsafeBufferPointer {
            OrderStatistics.select($0, ranks: Array(0..<3000).reversed())
        }
        #expect(found == values.sorted().reversed())
    }
}
