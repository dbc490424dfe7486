import Testing

@testable import Estimators

@Suite struct RankLearnerTests {
    private static let values: [Double] = {
        var state: UInt64 = 1
        return (0..<5000).map { row in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            switch row % 7 {
            case 0: return .nan
            case 1: return Double(Int(state >> 60)) - 8
            case 2: return -0.0
            case 3: return .infinity * (state >> 63 == 0 ? 1 : -1)
            default: return Double(Int64(bitPattern: state)) * 0x1p-40
            }
        }
    }()

    /// 5000 values are held whole by the last, and never by the first.
    @Test(arguments: [0, 1, 7, 100, 2000, 100_000], [1, 13, 4999, 5000])
    func `places are those of all values sorted, whatever is held and however rows are cut`(
        most: Int, batch: Int
    ) {
        let sorted = Self.values.filter { !$0.isNaN }.map { $0 + 0 }.sorted()
        let wanted = [0, 1, 17, sorted.count / 2, sorted.count / 2, sorted.count - 2, sorted.count - 1]
        var learner = RankLearner(LearningScope(rows: Self.values.count, most: most)) { count in
            #expect(count == sorted.count)
            return wanted
        }
        var passes = 0
        var found: [Double]?
        while found == nil, passes < 9 {
            for start in stride(from: 0, to: Self.values.count, by: batch) {
                learner.take(Array(Self.values[start..<min(start + batch, Self.values.count)]))
            }
            found = learner.endPass()
            passes += 1
        }
        #expect(found == wanted.map { sorted[$0] })
        #expect(passes <= 4 && (passes == 1) == (most >= sorted.count))
    }

    @Test func `fences are those of all values at once`() {
        let finite = Self.values.filter { !$0.isInfinite }
        for most in [0, 50, 100_000] {
            var learner = OutliersLearner(factor: 1.5, LearningScope(rows: finite.count, most: most))
            var found: Outliers??
            while found == nil {
                learner.take(finite)
                found = learner.endPass()
            }
            #expect(found == .some(Outliers(iqrOf: finite)))
        }
        var empty = OutliersLearner(factor: 1.5, LearningScope(rows: 1, most: 0))
        empty.take([.nan])
        #expect(empty.endPass() == .some(nil))
    }
}
