import DataFrames
import Diagnostics
import TableTypes
import Testing

@testable import TableOperations

/// Aggregates against a reference that looks at one group at a time.
@Suite struct GroupingTests {
    static let functions = [
        "count()", "count(v)", "sum(v)", "mean(v)", "min(v)", "max(v)", "first(v)", "last(v)", "n_unique(v)",
        "std(v)", "var(v)", "median(v)", "quantile(v, 0.3)", "mode(v)",
    ]

    /// The slow, plain meaning of each function.
    static func reference(_ function: String, _ all: [Cell]) -> Cell {
        let values = all.filter { $0 != .null }
        let numbers = values.compactMap(\.number)
        func isLess(_ a: Cell, _ b: Cell) -> Bool {
            switch (a, b) {
            case (.integer(let a), .integer(let b)), (.timestamp(let a), .timestamp(let b)): a < b
            case (.date(let a), .date(let b)): a < b
            case (.boolean(let a), .boolean(let b)): !a && b
            case (.number(let a), .number(let b)): a < b || !a.isNaN && b.isNaN
            case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
            default: false
            }
        }
        func quantile(_ share: Double) -> Cell {
            guard !numbers.isEmpty else { return .null }
            let sorted = numbers.sorted { $0 < $1 || !$0.isNaN && $1.isNaN }
            let place = Double(sorted.count - 1) * share
            let low = Int(place)
            if place == Double(low) { return .number(sorted[low]) }
            return .number(sorted[low] + (sorted[low + 1] - sorted[low]) * (place - Double(low)))
        }
        func variance() -> Double? {
            guard numbers.count > 1 else { return nil }
            let mean = numbers.reduce(0, +) / Double(numbers.count)
            return numbers.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(numbers.count - 1)
        }
        switch function {
        case "count()": return .integer(Int64(all.count))
        case "count(v)": return .integer(Int64(values.count))
        case "sum(v)":
            if values.isEmpty { return .null }
            if case .number = values[0] { return .number(numbers.reduce(0, +)) }
            return .integer(Int64(numbers.reduce(0, +)))
        case "mean(v)": return values.isEmpty ? .null : .number(numbers.reduce(0, +) / Double(numbers.count))
        case "min(v)", "max(v)":
            // NaN only where nothing else is.
            let plain = values.filter { if case .number(let x) = $0 { !x.isNaN } else { true } }
            let from = plain.isEmpty ? values : plain
            var best = from.first ?? .null
            for value in from where function == "min(v)" ? isLess(value, best) : isLess(best, value) {
                best = value
            }
            return best
        case "first(v)": return all.first ?? .null
        case "last(v)": return all.last ?? .null
        case "n_unique(v)": return .integer(Int64(Set(values.map(\.key)).count))
        case "std(v)": return variance().map { .number($0.squareRoot()) } ?? .null
        case "var(v)": return variance().map { .number($0) } ?? .null
        case "median(v)": return quantile(0.5)
        case "quantile(v, 0.3)": return quantile(0.3)
        default:
            var times: [String: Int] = [:]
            for value in values { times[value.key, default: 0] += 1 }
            let most = times.values.max() ?? 0
            return values.first { times[$0.key] == most } ?? .null
        }
    }

    @Test(arguments: keyTypes, [0, 1, 70])
    func `every aggregate of every type is what a slow look says`(type: ColumnType, rows: Int) throws {
        var random = Random(state: UInt64(rows) + 11)
        for (round, keys) in [["a"], ["a", "b"], ["a", "b", "c"], []].enumerated() {
            let frame = try DataFrame([
                randomColumn("a", type, rows: rows, nulls: round != 1, &random),
                randomColumn("b", .text, rows: rows, nulls: true, &random, spread: 3),
                randomColumn("c", .integer, rows: rows, nulls: true, &random, spread: 60),
                randomColumn("v", keyTypes[(round + rows) % 7], rows: rows, nulls: round > 0, &random),
                randomColumn("w", type, rows: rows, nulls: true, &random),
            ])
            var groups: [[String]: [Int]] = [:]
            var order: [[String]] = keys.isEmpty ? [[]] : []
            if keys.isEmpty { groups[[]] = [] }
            for row in 0..<rows {
                let key = keys.map { frame[$0]?.cell(row).key ?? "" }
                if groups[key] == nil { order.append(key) }
                groups[key, default: []].append(row)
            }
            for (value, function) in Self.functions.flatMap({ f in ["v", "w"].map { ($0, f) } }) {
                let text = function.replacing("(v", with: "(\(value)")
                let (compiled, findings) = AggregateExpression.compile(
                    text, over: frame.tableType, in: .group(by: keys))
                guard let compiled else {
                    #expect(findings.allSatisfy { $0.finding.code == "operandType" }, "\(text)")
                    continue
                }
                let result = try Grouping.aggregate(frame, by: keys, metrics: [("m", compiled)])
                #expect(result.names == keys + ["m"])
                for pieceRows in [1, 7, 32] where rows > 1 {
                    let pieced = try Self.pieced(
                        frame, pieceRows, Grouping(by: keys, metrics: [("m", compiled)]))
                    #expect(pieced.names == result.names)
                    for (one, other) in zip(pieced.columns, result.columns) {
                        #expect(sameBits(one.cells, other.cells), "\(type) \(keys) \(text) by \(pieceRows)")
                    }
                }
                let expected = order.map { key in
                    Self.reference(function, (groups[key] ?? []).map { frame[value]?.cell($0) ?? .null })
                }
                let got = result["m"]?.cells ?? []
                #expect(sameBits(got, expected), "\(type) \(keys) \(text): \(got) not \(expected)")
                for (index, name) in keys.enumerated() {
                    let column = try #require(result[name])
                    #expect(column.cells.map(\.key) == order.map { $0[index] })
                }
            }
        }
    }

    /// What comes of rows so many at a time, the first time none.
    private static func pieced(
        _ frame: DataFrame, _ rows: Int, _ grouping: consuming Grouping
    ) throws -> DataFrame {
        for _ in 0..<grouping.passes {
            try grouping.append(frame.gather([]))
            for first in stride(from: 0, to: frame.count, by: rows) {
                try grouping.append(frame.gather(Array(first..<min(frame.count, first + rows))))
            }
            grouping.endPass()
        }
        return try grouping.result()
    }

    @Test func `what stands around aggregates is computed for each group`() throws {
        let frame = try DataFrame([
            DataColumn("k", .text, .utf8(StringStorage(["x", "y", "x"]))),
            DataColumn("n", .integer, .int64([1, 5, 2])),
        ])
        let (compiled, _) = AggregateExpression.compile(
            "concat(k, cast(sum(if(n > 1, n, 0)) * 10 / count() as text))", over: frame.tableType,
            in: .group(by: ["k"]))
        let result = try Grouping.aggregate(frame, by: ["k"], metrics: [("m", try #require(compiled))])
        #expect(result["m"]?.cells == [.text("x10.0"), .text("y50.0")])
    }

    @Test func `a sum beyond 64 bits names the row, an outer failure the group`() throws {
        let frame = try DataFrame([
            DataColumn("k", .integer, .int64([1, 2, 1])), DataColumn("n", .integer, .int64([.max, 1, 1])),
        ])
        func failure(_ text: String) throws -> MetricFailure? {
            let compiled = try #require(
                AggregateExpression.compile(text, over: frame.tableType, in: .group(by: ["k"])).expression)
            return #expect(throws: MetricFailure.self) {
                try Grouping.aggregate(frame, by: ["k"], metrics: [("a", compiled)])
            }
        }
        #expect(
            try failure("sum(n)")?.failure
                == RowFailure(
                    row: 2, message: "the sum of its group is no 64-bit integer from here on",
                    span: Span(offset: 4, length: 1)))
        #expect(try failure("max(n) + k")?.failure.isOfResult == true)

        let sum = try #require(
            AggregateExpression.compile("sum(n)", over: frame.tableType, in: .group(by: ["k"])).expression)
        let error = #expect(throws: MetricFailure.self) {
            try Self.pieced(frame, 1, Grouping(by: ["k"], metrics: [("a", sum)]))
        }
        #expect(error?.failure.row == 2)
    }

    @Test func `many keys are numbered in the order they come, whatever the hash`() {
        var random = Random(state: 5)
        let words = (0..<50_000).map { _ in Int64(bitPattern: random.next() % 20_000) &* 0x10_0000_0001 }
        let keys = RowKeys([DataColumn("k", .integer, .int64(words))], nulls: .apart)
        var numbers: [Int64: Int32] = [:]
        for (row, word) in words.enumerated() {
            if numbers[word] == nil { numbers[word] = Int32(numbers.count) }
            #expect(keys.numbers[row] == numbers[word])
            if keys.numbers[row] != numbers[word] { break }
        }
        #expect(keys.count == numbers.count)
        let texts = DataColumn("k", .text, .utf8(StringStorage(words.map { "customer \($0)" })))
        #expect(RowKeys([texts], nulls: .apart).numbers == keys.numbers)
    }

    @Test func `the row from which on a sum does not fit is the same for any pieces`() throws {
        // Of the first group it fits again behind row 3, and never again behind row 7; of the second from row 6 on.
        let keys: [Int64] = [1, 1, 2, 1, 2, 1, 2, 1, 1, 2]
        let values: [Int64] = [.max, 5, .max, -10, 0, 1, 1, 9, 0, 3]
        func column(_ name: String, _ values: [Int64]) -> DataColumn {
            DataColumn(name, .integer, .int64(values))
        }
        func row(_ cuts: [Int], _ count: Int) throws -> Int? {
            let type = try DataFrame([column("k", []), column("n", [])]).tableType
            let sum = try #require(
                AggregateExpression.compile("sum(n)", over: type, in: .group(by: ["k"])).expression)
            var grouping = Grouping(by: ["k"], metrics: [("s", sum)])
            var start = 0
            for end in cuts + [count] {
                try grouping.append(
                    DataFrame([
                        column("k", Array(keys[start..<end])), column("n", Array(values[start..<end])),
                    ]))
                start = end
            }
            grouping.endPass()
            do throws(MetricFailure) {
                _ = try grouping.result()
                return nil
            } catch {
                return error.failure.row
            }
        }
        for first in 0...10 {
            for second in first...10 {
                #expect(try row([first, second], 10) == 7, "\(first) \(second)")
                #expect(try row([min(first, 7), min(second, 7)], 7) == 6, "\(first) \(second)")
                #expect(try row([min(first, 6), min(second, 6)], 6) == nil, "\(first) \(second)")
            }
        }
    }
}
