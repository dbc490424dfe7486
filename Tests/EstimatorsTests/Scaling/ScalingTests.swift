import CanonicalJSON
import Estimators
import Testing

@Suite struct ScalingTests {
    private static let options: [RobustScaler.Options] = [
        RobustScaler.Options(),
        {
            var options = RobustScaler.Options()
            (options.lower, options.upper, options.hasUnitVariance) = (0.1, 0.8, true)
            return options
        }(),
        {
            var options = RobustScaler.Options()
            options.centers = false
            return options
        }(),
        {
            var options = RobustScaler.Options()
            options.scales = false
            return options
        }(),
    ]

    @Test func `scalers and quantile transforms have the numbers of scikit-learn`() throws {
        let golden = try ColumnGoldens.read("scaling")
        let columns = try #require(try ColumnGoldens.read("data")["columns"]?.object)
        try #require(columns.count == 19)
        for (name, values) in columns {
            let column = ColumnGoldens.numbers(values)
            let own = try #require(golden[name])
            let robust = try #require(own["robust"]?.array)
            for (options, expected) in zip(Self.options, robust) {
                let scaler = try RobustScaler(fitting: column, options)
                let found = [scaler.center, scaler.scale, scaler(column)[1]]
                #expect(difference(found, ColumnGoldens.numbers(expected)) == nil, "\(name)")
            }
            #expect(try MaxAbsScaler(fitting: column).scale == own["max_abs"]?.number)
            let new = column.prefix(60) + [-1e5, 1e5, 3.3]
            let quantile = try #require(own["quantile"]?.array)
            try #require(quantile.count == 6)
            for one in quantile {
                let parts = one.array ?? []
                let output = try #require(QuantileTransformer.Output(rawValue: parts[1].string ?? ""))
                let transformer = try QuantileTransformer(
                    fitting: column, quantiles: Int(parts[0].number ?? 0), output: output)
                #expect(
                    difference(transformer(Array(new)), ColumnGoldens.numbers(parts[2])) == nil,
                    "\(name) \(parts[0]) \(output)")
            }
        }
    }

    @Test func `missing values stay missing and are not counted`() throws {
        let scaler = try RobustScaler(fitting: [.nan, 1, 2, 3, .nan])
        #expect(try scaler == RobustScaler(center: 2, scale: 1))
        #expect(scaler([.nan, 4]).map(\.isNaN) == [true, false])
        #expect(try MaxAbsScaler(fitting: [-4, .nan, 2])([2, .nan]).map(\.isNaN) == [false, true])
        let transformer = try QuantileTransformer(fitting: [1, .nan, 2, 3], quantiles: 3)
        #expect(transformer([1, 2, 3, 2.5]) == [0, 0.5, 1, 0.75])
        #expect(transformer([.nan])[0].isNaN)
    }

    @Test func `columns without spread are moved and not scaled`() throws {
        #expect(try RobustScaler(fitting: [7, 7, 7])([7, 8]) == [0, 1])
        #expect(try MaxAbsScaler(fitting: [0, 0])([0, 2]) == [0, 2])
        #expect(try QuantileTransformer(fitting: [7, 7, 7])([6, 7, 8]) == [0, 0, 1])
        #expect(try QuantileTransformer(fitting: [7])([6, 7, 8]) == [0, 0, 0])
    }

    @Test func `huge and tiny numbers are scaled`() throws {
        let huge = [1e300, 2e300, 3e300, 4e300, 5e300]
        #expect(try RobustScaler(fitting: huge)(huge) == [-1, -0.5, 0, 0.5, 1])
        #expect(try MaxAbsScaler(fitting: huge)(huge).last == 1)
        let tiny = huge.map { $0 * 1e-300 * 1e-300 }
        let uniform = try QuantileTransformer(fitting: tiny)(tiny)
        #expect(difference(uniform, [0, 0.25, 0.5, 0.75, 1]) == nil)
    }

    @Test func `nothing to learn from is an error`() {
        for column in [[], [Double.nan, .nan]] {
            #expect(throws: EstimatorError.noRows) { try RobustScaler(fitting: column) }
            #expect(throws: EstimatorError.noRows) { try MaxAbsScaler(fitting: column) }
            #expect(throws: EstimatorError.noRows) { try QuantileTransformer(fitting: column) }
        }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try MaxAbsScaler(fitting: [1, .infinity])
        }
        #expect(throws: EstimatorError.notFinite(row: 0, column: 0)) {
            try QuantileTransformer(fitting: [-.infinity, 1])
        }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try RobustScaler(fitting: [1, .infinity, .infinity])
        }
    }

    @Test func `numbers that no column has given are refused`() {
        for scale in [0, -1, .nan, .infinity] {
            let error = EstimatorError.architecture(key: "scale", expected: "a number above 0")
            #expect(throws: error) { try RobustScaler(center: 0, scale: scale) }
            #expect(throws: error) { try MaxAbsScaler(scale: scale) }
        }
        #expect(throws: EstimatorError.self) { try RobustScaler(center: .nan, scale: 1) }
        for quantiles in [[], [2, 1], [.nan], [1, .infinity]] {
            #expect(throws: EstimatorError.self) {
                try QuantileTransformer(quantiles: quantiles, output: .normal)
            }
        }
        #expect(throws: EstimatorError.tooLarge) {
            try RobustScaler(fitting: [-1.7e308, -1.7e308, 1.7e308, 1.7e308])
        }
    }

    @Test func `options outside their ranges are refused`() {
        expectRefused(RobustScaler.Options.lowerRange) {
            var options = RobustScaler.Options()
            options.lower = $0
            _ = try RobustScaler(fitting: [1, 2], options)
        }
        expectRefused(RobustScaler.Options.upperRange) {
            var options = RobustScaler.Options()
            options.upper = $0
            _ = try RobustScaler(fitting: [1, 2], options)
        }
        expectRefused(
            QuantileTransformer.quantilesRange,
            whole: {
                _ = try QuantileTransformer(fitting: [1, 2], quantiles: $0)
            })
        var options = RobustScaler.Options()
        (options.lower, options.upper) = (0.5, 0.5)
        #expect(throws: EstimatorError.self) { try RobustScaler(fitting: [1, 2], options) }
        (options.lower, options.upper, options.hasUnitVariance) = (0, 1, true)
        #expect(throws: EstimatorError.self) { try RobustScaler(fitting: [1, 2], options) }
    }

    @Test func `ranges say what they hold`() {
        #expect(OptionRange.whole("k", from: 1, to: 9).description == "a whole number from 1 to 9")
        #expect(OptionRange.number("t", from: 0, excludesLowest: true).description == "a number above 0")
        #expect(OptionRange.number("t", from: 0).description == "a number from 0 on")
        #expect(
            OptionRange.number("c", from: 0, to: 0.5, excludesLowest: true).description
                == "a number above 0 and up to 0.5")
        #expect(
            OptionRange.number("c", from: 0, to: 1, excludesLowest: true, excludesHighest: true).description
                == "a number between 0 and 1")
        #expect(OptionRange.number("c", from: 0, to: 1).description == "a number from 0 to 1")
        #expect(
            OptionRange.number("c", from: 0, to: 1, excludesHighest: true).description
                == "a number from 0 to below 1")
    }
}
