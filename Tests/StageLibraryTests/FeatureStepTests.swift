import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes
import Testing

@testable import StageLibrary

/// What single steps of features.fit make of columns.
@Suite struct FeatureStepTests {
    private func applied(_ step: JSONValue, to frame: DataFrame) throws -> DataFrame {
        try FittedTransform.fit(steps: [step], target: nil, on: frame).apply(frame)
    }

    private func day(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
        CivilDate.days(year: year, month: month, day: day)!
    }

    @Test func `a date has parts, and a null has none`() throws {
        let days = [day(2024, 2, 29), day(1969, 12, 31), day(2023, 12, 31), day(2024, 12, 31), 0]
        let frame = try frame(
            DataColumn(
                "d", .date, .date32(days), validity: ValidityBitmap([true, true, true, true, false])))
        let parts = ["year", "quarter", "month", "day", "day_of_year", "weekday"]
        let made = try applied(["dates": ["columns": ["d"], "parts": .strings(parts)]], to: frame)
        #expect(made.names == parts.map { "d.\($0)" })
        let expected: [[Int64?]] = [
            [2024, 1969, 2023, 2024, nil], [1, 4, 4, 4, nil], [2, 12, 12, 12, nil], [29, 31, 31, 31, nil],
            [60, 365, 365, 366, nil],
            // A Thursday, a Wednesday, a Sunday, a Tuesday.
            [4, 3, 7, 2, nil],
        ]
        for (column, values) in zip(made.columns, expected) {
            #expect(
                (0..<5).map { column.isValid($0) ? column.numbers?[$0] : nil }
                    == values.map { $0.map { Double($0) } }, "\(column.name)")
        }
    }

    @Test func `a time before 1970 is in its own hour, and cycles close`() throws {
        let hour: Int64 = 3_600_000_000
        let frame = try frame(
            DataColumn("t", .timestamp, .timestamp([-1, 0, 6 * hour, 12 * hour, 18 * hour])))
        let parts = try applied(["dates": ["columns": ["t"], "parts": ["hour", "minute"]]], to: frame)
        #expect(parts["t.hour"]?.numbers == [23, 0, 6, 12, 18])
        #expect(parts["t.minute"]?.numbers == [59, 0, 0, 0, 0])
        let cycles = try applied(
            ["dates": ["columns": ["t"], "parts": ["year", "hour"], "cycles": true]], to: frame)
        #expect(cycles.names == ["t.year", "t.hour.sin", "t.hour.cos"])
        #expect(cycles["t.year"]?.numbers == [1969, 1970, 1970, 1970, 1970])
        for (name, expected) in [
            ("sin", [-0.2588190451025207, 0, 1, 0, -1]), ("cos", [0.9659258262890683, 1, 0, -1, 0]),
        ] {
            let values = try #require(cycles["t.hour.\(name)"]?.numbers)
            for (value, expected) in zip(values, expected) {
                #expect(abs(value - expected) < 1e-15, "\(name)")
            }
        }
    }

    @Test func `columns are combined and stay`() throws {
        let table = try frame(
            .numbers("a", [1, 2, nil, 4, 1e300]), .integers("b", [2, 0, 3, nil, 4]),
            .texts("s", ["x", "x&y", "", nil, #"\"#]),
            .categories("c", ["p", "q", "p", "q", "p"], levels: ["p", "q"]))
        let ratio = try applied(["ratio": ["of": "a", "by": "b"]], to: table)
        #expect(ratio.names == ["a", "b", "s", "c", "a/b"])
        #expect(ratio["a/b"] == .numbers("a/b", [0.5, nil, nil, nil, 2.5e299]))
        let product = try applied(["product": ["columns": ["a", "a", "b"]]], to: table)
        #expect(product["a*a*b"] == .numbers("a*a*b", [2, 0, nil, nil, nil]))
        let cross = try applied(["cross": ["columns": ["s", "c"]]], to: table)
        #expect(cross["s&c"] == .texts("s&c", ["x&p", #"x\&y&q"#, "&p", nil, #"\\&p"#]))
    }

    @Test func `what one step makes the next one takes`() throws {
        let table = try frame(
            .texts("s", ["x", "y", "x"]), .texts("t", ["p", "p", "q"]), .numbers("n", [1, nil, 3]))
        let transform = try FittedTransform.fit(
            steps: [
                ["impute": ["columns": ["n"], "strategy": "mean"]],
                ["cross": ["columns": ["s", "t"]]],
                ["product": ["columns": ["n", "n"]]],
                ["encode": ["columns": ["s&t", "s", "t"]]],
                ["scale": ["columns": ["n*n"], "method": "min_max"]],
            ], target: nil, on: table)
        let matrix = try transform.matrix(table)
        #expect(
            matrix.columns == ["s=x", "s=y", "t=p", "t=q", "n", "s&t=x&p", "s&t=x&q", "s&t=y&p", "n*n"])
        #expect(
            matrix.values == [
                1, 0, 1, 0, 1, 1, 0, 0, 0,  //
                0, 1, 1, 0, 2, 0, 0, 1, 0.375,  //
                1, 0, 0, 1, 3, 0, 1, 0, 1,
            ])
    }

    @Test func `numbers are brought to one scale`() throws {
        let table = try frame(.numbers("n", [1, 2, nil, 4, 100]))
        func scaled(_ method: String) throws -> DataColumn? {
            try applied(["scale": ["columns": ["n"], "method": .string(method)]], to: table)["n"]
        }
        #expect(try scaled("max_abs") == .numbers("n", [0.01, 0.02, nil, 0.04, 1]))
        // Median 3, quartiles 1.75 and 28.
        #expect(
            try scaled("robust") == .numbers("n", [-2 / 26.25, -1 / 26.25, nil, 1 / 26.25, 97 / 26.25]))
        // Five quantiles, as many as rows, of the four values: as scikit-learn's QuantileTransformer.
        let quantile = try #require(try scaled("quantile"))
        #expect(quantile.nullCount == 1)
        for (value, expected) in zip(quantile.numbers ?? [], [0, 0.3, .nan, 0.51, 1]) where !expected.isNaN {
            #expect(abs(value - expected) < 1e-12)
        }
    }

    @Test func `numbers become the interval they lie in`() throws {
        let table = try frame(.numbers("n", [0, 1, nil, 2, 3, 10]))
        func binned(_ method: String, _ encode: String, bins: Int64) throws -> DataFrame {
            try applied(
                [
                    "bin": [
                        "columns": ["n"], "method": .string(method), "encode": .string(encode),
                        "bins": .integer(bins),
                    ]
                ], to: table)
        }
        #expect(try binned("uniform", "ordinal", bins: 5) == frame(.integers("n", [0, 0, nil, 1, 1, 4])))
        let quantiles = try binned("quantile", "one_hot", bins: 2)
        #expect(quantiles.names == ["n=(-inf, 2)", "n=[2, inf)"])
        #expect(quantiles.columns[0].numbers == [1, 1, 0, 0, 0, 0])
        #expect(quantiles.columns[1].numbers == [0, 0, 0, 1, 1, 1])
    }

    @Test func `levels become numbers, and unknown ones what is said of them`() throws {
        let table = try frame(.texts("c", ["b", "a", "b", nil, "c"]))
        let other = try frame(.texts("c", ["a", "new", nil]))
        func encoded(_ method: String, _ unknown: String) throws -> DataFrame {
            let step: JSONValue = [
                "encode": ["columns": ["c"], "method": .string(method), "unknown": .string(unknown)]
            ]
            return try FittedTransform.fit(steps: [step], target: nil, on: table).apply(other)
        }
        #expect(try encoded("ordinal", "ignore") == frame(.integers("c", [0, nil, nil])))
        #expect(try encoded("ordinal", "bucket") == frame(.integers("c", [0, 3, nil])))
        #expect(throws: StageError.self) { try encoded("ordinal", "error") }
        #expect(try encoded("frequency", "error") == frame(.numbers("c", [0.25, 0, nil])))
        let bucket = try encoded("one_hot", "bucket")
        #expect(bucket.names == ["c=a", "c=b", "c=c", "c=(other)"])
        #expect(bucket.columns.map { $0.numbers ?? [] } == [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 1, 0]])
        let hashed = try encoded("hashed", "error")
        #expect(hashed.names == (0..<16).map { "c=#\($0)" })
        let rows = (0..<3).map { row in hashed.columns.map { $0.numbers![row] } }
        #expect(
            rows[..<2].allSatisfy { row in
                row.filter { $0.magnitude == 1 }.count == 1 && row.filter { $0 == 0 }.count == 15
            })
        #expect(rows[2] == [Double](repeating: 0, count: 16))
    }

    @Test func `numbers that go together become few, and a row that lacks one has none`() throws {
        let table = try frame(
            .numbers("a", [1, 3, 4, 7]), .integers("b", [2, 5, 4, 9]), .integers("c", [0, 1, 2, 3]))
        let transform = try FittedTransform.fit(
            steps: [["pca": ["columns": ["a", "b"], "components": 1]]], target: nil, on: table)
        #expect(transform.outputNames == ["c", "pca=1"])
        let made = try transform.apply(table)
        #expect(made.names == ["c", "pca=1"])
        // scikit-learn's PCA(1).
        let expected = [-4.0661134, -0.48312362, -0.6038455, 5.15308252]
        for (value, expected) in zip(made["pca=1"]?.numbers ?? [], expected) {
            #expect(abs(value - expected) < 1e-7)
        }
        let gap = try frame(.numbers("a", [1, nil]), .integers("b", [2, 2]), .integers("c", [5, 6]))
        #expect(try transform.apply(gap)["pca=1"]?.isValid(1) == false)
        let error = #expect(throws: StageError.self) {
            try FittedTransform.fit(steps: [["pca": ["columns": ["a", "b"]]]], target: nil, on: gap)
        }
        #expect(error?.message == "pca: column 'a': a value is missing or infinite; impute it first")
    }
}
