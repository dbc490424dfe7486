import DataFrames
import Diagnostics
import TableTypes
import Testing

@testable import TableOperations

/// Windows against a look at every other row.
@Suite struct TimeWindowsTests {
    @Test(arguments: TimeWindows.Sight.allCases, [0, 15, 200] as [Int64])
    func `a window holds what a slow look says`(sight: TimeWindows.Sight, length: Int64) throws {
        var random = Random(state: 17)
        for round in 0..<8 {
            let rows = [0, 1, 60, 200][round % 4]
            let nulls = round < 4
            let type = keyTypes[(round + Int(length)) % 7]
            let frame = try DataFrame([
                randomColumn("e", .text, rows: rows, nulls: nulls, &random, spread: round % 2 == 0 ? 1 : 4),
                randomColumn("t", .date, rows: rows, nulls: nulls, &random, spread: 12),
                randomColumn("v", type, rows: rows, nulls: true, &random),
                DataColumn("w", .number, .float64((0..<rows).map { _ in Double(random.next() % 1000) / 7 })),
            ])
            let (entity, time) = (try #require(frame["e"]), try #require(frame["t"]))
            let windows = TimeWindows(frame, entity: round % 3 == 0 ? [] : [entity], time: time)
            for value in ["v", "w"] {
                for function in GroupingTests.functions {
                    let text = function.replacing("(v", with: "(\(value)")
                    let (compiled, findings) = AggregateExpression.compile(
                        text, over: frame.tableType, in: .window)
                    guard let compiled else {
                        #expect(
                            findings.allSatisfy {
                                ["operandType", "aggregateInWindow"].contains($0.finding.code)
                            })
                        continue
                    }
                    let got = try windows.evaluate(compiled, last: length, sight: sight, as: "m").cells
                    for row in 0..<rows {
                        let seen = self.seen(
                            row, frame, round % 3 == 0 ? nil : entity, time, length, sight)
                        let cells = seen.map { frame[value]?.cell($0) ?? .null }
                        let expected = GroupingTests.reference(function, cells)
                        #expect(
                            isClose(got[row], expected),
                            "\(sight) \(text) \(row): \(got[row]) not \(expected)")
                    }
                }
            }
        }
    }

    /// Rows of the window in the order of time, the row itself last where it sees itself only.
    private func seen(
        _ row: Int, _ frame: DataFrame, _ entity: DataColumn?, _ time: DataColumn, _ length: Int64,
        _ sight: TimeWindows.Sight
    ) -> [Int] {
        guard time.isValid(row), entity?.isValid(row) ?? true else { return [] }
        let times = time.instants
        let others = (0..<frame.count).filter { other in
            guard time.isValid(other), entity.map({ $0.cell(other).key == $0.cell(row).key }) ?? true else {
                return false
            }
            let isBefore = times[other] < times[row] || sight == .instant && times[other] == times[row]
            return isBefore && times[other] >= times[row] - length
        }.sorted { (times[$0], $0) < (times[$1], $1) }
        return others + (sight == .itself ? [row] : [])
    }

    /// Sums are folded in stretches, so their last bits may differ from one fold.
    private func isClose(_ a: Cell, _ b: Cell) -> Bool {
        if case .number(let x) = a, case .number(let y) = b {
            return x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-12 * abs(y)
        }
        return a.key == b.key
    }

    @Test func `a row never sees its future, whatever comes after it`() throws {
        var random = Random(state: 2)
        let rows = 300
        let times = (0..<rows).map { Int64($0 / 3) }
        let frame = try DataFrame([
            DataColumn("t", .integer, .int64(times)),
            DataColumn("v", .number, .float64((0..<rows).map { _ in Double(random.next() % 997) / 3 })),
        ])
        for sight in TimeWindows.Sight.allCases {
            for function in [
                "sum(v)", "mean(v)", "std(v)", "min(v)", "max(v)", "n_unique(v)", "first(v)", "last(v)",
            ] {
                let compiled = try #require(
                    AggregateExpression.compile(function, over: frame.tableType, in: .window).expression)
                func values(_ frame: DataFrame) throws -> [Cell] {
                    let windows = TimeWindows(frame, entity: [], time: try #require(frame["t"]))
                    return try windows.evaluate(compiled, last: 90, sight: sight, as: "m").cells
                }
                let whole = try values(frame)
                for cut in [3, 150, 270] {
                    let past = try values(frame.gather(Array(0..<cut)))
                    #expect(sameBits(past, Array(whole[..<cut])), "\(sight) \(function) \(cut)")
                }
            }
        }
    }

    @Test func `a long window is summed in stretches that its place fixes`() throws {
        let rows = 200
        let values = (0..<rows).map { 1 / Double($0 + 1) }
        let frame = try DataFrame([
            DataColumn("t", .integer, .int64((0..<Int64(rows)).map { $0 })),
            DataColumn("v", .number, .float64(values)),
        ])
        let compiled = try #require(
            AggregateExpression.compile("sum(v)", over: frame.tableType, in: .window).expression)
        let windows = TimeWindows(frame, entity: [], time: try #require(frame["t"]))
        let got = try windows.evaluate(compiled, last: 150, sight: .before, as: "m")
        // Row 199 sees 49...198: to 63 one by one, 64...127 as one, 128...191 as one, the rest.
        var sum = 0.0
        for place in 49..<64 { sum += values[place] }
        sum += (64..<128).reduce(0) { $0 + values[$1] }
        sum += (128..<192).reduce(0) { $0 + values[$1] }
        for place in 192..<199 { sum += values[place] }
        #expect(got.cell(199) == .number(sum))
    }

    @Test func `a window's sum beyond 64 bits names the row`() throws {
        let frame = try DataFrame([
            DataColumn("t", .integer, .int64([1, 2, 3])), DataColumn("v", .integer, .int64([.max, 1, 0])),
        ])
        let compiled = try #require(
            AggregateExpression.compile("sum(v)", over: frame.tableType, in: .window).expression)
        let windows = TimeWindows(frame, entity: [], time: try #require(frame["t"]))
        #expect(
            try windows.evaluate(compiled, last: 1, sight: .before, as: "m").cells == [
                .null, .integer(.max), .integer(1),
            ])
        #expect(
            throws: RowFailure(
                row: 2, message: "the sum of its window is no 64-bit integer",
                span: Span(offset: 4, length: 1))
        ) {
            try windows.evaluate(compiled, last: 2, sight: .before, as: "m")
        }
    }
}
