import Estimators
import Testing

@Suite struct DeviationRuleTests {
    @Test func `the population's deviation counts, and missing values do not`() throws {
        // Mean 5, deviation 2.
        let values: [Double] = [2, 4, 4, 4, .nan, 5, 5, 7, 9]
        let rule = try DeviationRule(fitting: values, threshold: 1.5)
        #expect([rule.mean, rule.deviation, rule.lower, rule.upper] == [5, 2, 2, 8])
        #expect(rule.flags(values) == [false, false, false, false, false, false, false, false, true])
        #expect(rule.flags([1.9, 2, 8, 8.1, .nan]) == [true, false, false, true, false])
    }

    @Test func `planted outliers are found`() throws {
        var values = (0..<1000).map { Double($0 * 7919 % 1000) / 1000 }
        for place in 0..<10 { values[place * 97] = place % 2 == 0 ? 10 : -10 }
        let flags = try DeviationRule(fitting: values).flags(values)
        #expect(flags.indices.filter { flags[$0] } == (0..<10).map { $0 * 97 })
    }

    @Test func `what differs from a constant is an outlier, however it is rounded`() throws {
        let rule = try DeviationRule(fitting: [0.1, 0.1, 0.1], threshold: 2)
        #expect(rule.deviation == 0)
        #expect(rule.flags([0.1, 0.2]) == [false, true])
    }

    @Test func `what has no deviation is an error`() {
        #expect(throws: EstimatorError.noRows) { try DeviationRule(fitting: [.nan]) }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try DeviationRule(fitting: [1, .infinity])
        }
        #expect(throws: EstimatorError.tooLarge) { try DeviationRule(fitting: [1e300, -1e300]) }
        expectRefused(DeviationRule.thresholdRange) { _ = try DeviationRule(fitting: [1, 2], threshold: $0) }
    }
}
