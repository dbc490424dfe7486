import CanonicalJSON
import DataFrames
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
        let ratio = try applied(["combine": ["columns": ["a", "b"], "method": "ratio"]], to: table)
        #expect(ratio.names == ["a", "b", "s", "c", "a/b"])
        #expect(ratio["a/b"] == .numbers("a/b", [0.5, nil, nil, nil, 2.5e299]))
        let product = try applied(["combine": ["columns": ["a", "a", "b"], "method": "product"]], to: table)
        #expect(product["a*a*b"] == .numbers("a*a*b", [2, 0, nil, nil, nil]))
        let cross = try applied(["combine": ["columns": ["s", "c"], "method": "cross"]], to: table)
        #expect(cross["s&c"] == .texts("s&c", ["x&p", #"x\&y&q"#, "&p", nil, #"\\&p"#]))
    }

    @Test func `what one step makes the next one takes`() throws {
        let table = try frame(
            .texts("s", ["x", "y", "x"]), .texts("t", ["p", "p", "q"]), .numbers("n", [1, nil, 3]))
        let transform = try FittedTransform.fit(
            steps: [
                ["impute": ["columns": ["n"], "strategy": "mean"]],
                ["combine": ["columns": ["s", "t"], "method": "cross"]],
                ["combine": ["columns": ["n", "n"], "method": "product"]],
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
}
