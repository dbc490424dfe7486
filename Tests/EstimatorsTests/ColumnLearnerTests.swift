import Testing

@testable import Estimators

/// What is learned of batches, held in little memory, is what is learned of all at once.
@Suite struct ColumnLearnerTests {
    private static func batches(_ count: Int, _ sizes: [Int]) -> [Range<Int>] {
        var (batches, start): ([Range<Int>], Int) = ([], 0)
        while start < count {
            let end = min(count, start + sizes[batches.count % sizes.count])
            batches.append(start..<end)
            start = end
        }
        return batches
    }

    private static func learned<Learner: NumberLearner>(
        _ learner: Learner, _ column: [Double], _ sizes: [Int]
    ) -> Learner.Learned {
        var learner = learner
        while true {
            for batch in batches(column.count, sizes) { learner.take(Array(column[batch])) }
            if let learned = learner.endPass() { return learned }
        }
    }

    private static let column = {
        var source = OrderStatisticsTests.RandomSource(state: 8)
        return (0..<3000).map { _ in
            source.next() % 19 == 0 ? Double.nan : Double(Int64(bitPattern: source.next()) >> 40) / 64
        }
    }()

    @Test(arguments: [[3000], [1], [7, 100, 0, 1]], [10, 500, 100_000])
    func `columns are learned batch by batch`(sizes: [Int], most: Int) throws {
        let column = Self.column
        let robust = Self.learned(
            try RobustScaler.learner(LearningScope(rows: column.count, most: most)), column, sizes)
        #expect(try robust.get() == RobustScaler(fitting: column))
        let bins = Self.learned(
            try Bins.quantileLearner(bins: 7, LearningScope(rows: column.count, most: most)), column, sizes)
        #expect(try bins.get() == Bins.quantile(fitting: column, bins: 7))
        for count in [20, 4000] {
            let transformer = Self.learned(
                try QuantileLearner(quantiles: count, LearningScope(rows: column.count, most: most)), column,
                sizes)
            #expect(try transformer.get() == QuantileTransformer(fitting: column, quantiles: count))
        }
        let rule = Self.learned(try DeviationLearner(threshold: 2), column, sizes)
        #expect(try rule.get() == DeviationRule(fitting: column, threshold: 2))
        let range = Self.learned(RangeLearner(), column, sizes)
        #expect(try MaxAbsScaler(range) == MaxAbsScaler(fitting: column))
        #expect(try Bins.uniform(range) == Bins.uniform(fitting: column))
    }

    @Test(arguments: [[600], [1], [7, 100, 0, 1]])
    func `levels and matrices are learned batch by batch`(sizes: [Int]) throws {
        let target = (0..<600).map { Double($0 * 7919 % 97) }
        let codes = (0..<600).map { Int32($0 * 31 % 11) - 1 }
        var frequency = FrequencyLearner()
        for batch in Self.batches(600, sizes) { try frequency.take(Array(codes[batch])) }
        #expect(try frequency.end() == FrequencyEncoder(fitting: codes, levels: 10))
        for smoothing in [TargetEncoder.Smoothing.auto, .rows(3)] {
            for target in [EncoderTarget.number(target), .classes(target.map { Int($0) % 3 }, count: 3)] {
                var learner = try TargetLearner(smoothing: smoothing)
                var learned: TargetEncoder?
                while learned == nil {
                    for batch in Self.batches(600, sizes) {
                        try learner.take(Array(codes[batch]), target.rows(Array(batch)))
                    }
                    learned = try learner.endPass()
                }
                #expect(
                    try learned
                        == TargetEncoder(fitting: codes, levels: 10, target: target, smoothing: smoothing))
            }
        }
        let x = zip(target, codes).flatMap { [$0, Double($1), $0 * Double($1)] }
        var learner = try ComponentsLearner(columns: 3, kept: .count(2))
        var learned: PrincipalComponents?
        while learned == nil {
            for batch in Self.batches(600, sizes) {
                try learner.take(Array(x[batch.lowerBound * 3..<batch.upperBound * 3]))
            }
            learned = try learner.endPass()
        }
        #expect(try learned == PrincipalComponents(fitting: x, columns: 3, kept: .count(2)))
    }

    @Test func `what cannot be learned is an error`() throws {
        let infinite = Self.learned(
            try RobustScaler.learner(LearningScope(rows: 3, most: 10)), [1, .infinity, .infinity], [3])
        #expect(infinite == .failure(.tooLarge))
        #expect(
            Self.learned(try Bins.quantileLearner(LearningScope(rows: 3, most: 10)), [1, .infinity], [3])
                == .failure(.tooLarge))
        #expect(
            Self.learned(
                try QuantileLearner(quantiles: 2, LearningScope(rows: 3, most: 9)), [1, 2, .infinity], [3])
                == .failure(.tooLarge))
        #expect(Self.learned(try DeviationLearner(), [1, -.infinity], [3]) == .failure(.tooLarge))
        #expect(
            Self.learned(try QuantileLearner(LearningScope(rows: 3, most: 10)), [.nan], [3])
                == .failure(.noRows))
        #expect(
            Self.learned(try RobustScaler.learner(LearningScope(rows: 3, most: 10)), [.nan], [3])
                == .failure(.noRows))
        #expect(
            Self.learned(try Bins.quantileLearner(LearningScope(rows: 3, most: 10)), [], [3])
                == .failure(.noRows))
        var options = RobustScaler.Options()
        options.lower = 1
        #expect(throws: EstimatorError.self) {
            try RobustScaler.learner(LearningScope(rows: 3, most: 1), options)
        }
        #expect(throws: EstimatorError.label(-2, row: 1, classes: 1)) {
            var learner = FrequencyLearner()
            try learner.take([0, -2])
        }
        #expect(throws: EstimatorError.noRows) {
            var learner = try TargetLearner()
            _ = try learner.endPass()
        }
        #expect(throws: EstimatorError.noRows) {
            var learner = try ComponentsLearner(columns: 2)
            _ = try learner.endPass()
        }
        #expect(throws: EstimatorError.shape(values: 0, rows: 0, columns: 0)) {
            try ComponentsLearner(columns: 0)
        }
    }
}
