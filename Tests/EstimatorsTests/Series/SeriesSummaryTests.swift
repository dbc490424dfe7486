import Estimators
import Testing

@Suite struct SeriesSummaryTests {
    @Test func `a series is summed up by its definitions`() throws {
        let summary = try #require(
            try SeriesSummary(of: [1, -1, 3, -3, 5], quantiles: [0.25], lags: [1, 2, 5]))
        #expect(summary.count == 5)
        #expect(summary.mean == 1)
        #expect(summary.deviation == 8.0.squareRoot())
        #expect([summary.minimum, summary.median, summary.maximum] == [-3, 1, 5])
        #expect(summary.quantiles == [-1])
        #expect(summary.slope == 0.6)
        #expect(summary.energy == 9)
        #expect(summary.zeroCrossings == 4)
        // Deviations 0, -2, 2, -4, 4.
        let expected: [Double] = [-0.875, 16.0 / 3 / 8]
        #expect(Array(summary.autocorrelations.prefix(2)) == expected)
        #expect(summary.autocorrelations[2].isNaN)
    }

    @Test func `missing values leave their places`() throws {
        let summary = try #require(try SeriesSummary(of: [0, .nan, 2, 3, .nan, 5], lags: [1]))
        #expect(summary.count == 4)
        #expect(summary.slope == 1)
        #expect(summary.mean == 2.5)
        // One pair is a step apart: 2 and 3.
        #expect((summary.autocorrelations[0] - -0.25 / 3.25).magnitude < 1e-15)
    }

    @Test func `constant, single and absent values have the numbers they can have`() throws {
        let constant = try #require(try SeriesSummary(of: [0.1, 0.1, 0.1]))
        #expect([constant.mean, constant.deviation, constant.slope] == [0.1, 0, 0])
        #expect(constant.autocorrelations[0].isNaN)
        #expect(try SeriesSummary(of: [7])?.slope == 0)
        #expect(try SeriesSummary(of: [.nan]) == nil)
        #expect(try SeriesSummary(of: []) == nil)
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try SeriesSummary(of: [1, .infinity])
        }
        #expect(throws: EstimatorError.tooLarge) { try SeriesSummary(of: [1e200, 2]) }
        expectRefused(SeriesSummary.lagRange, whole: { _ = try SeriesSummary(of: [1], lags: [$0]) })
        expectRefused(SeriesSummary.quantileRange) { _ = try SeriesSummary(of: [1], quantiles: [$0]) }
    }
}
