import ArrowIPC
import DataFrames
import Glibc
import Platform
import TableTypes
import Testing

@testable import TableOperations

/// A Python with polars, named by SLUICE_PEERS_PYTHON.
let peersPython: String? = {
    guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
        print("TableOperations: not held against polars: SLUICE_PEERS_PYTHON names no program")
        return nil
    }
    return String(cString: value)
}()

@Suite struct PeerTests {
    /// By the names that `peers/check_tables.py` has for them.
    static let expressions = [
        "sum": "t + a", "ratio": "t / a", "product": "v * 2 - t", "both": "a > 1 and v > 0.5",
        "either": "a > 1 or v > 0.5", "none": "not a > 1", "inside": "a in (1, 3)",
        "near": "t between 5 and 50",
        "choice": "if(a > 1, v, t)", "other": "coalesce(a, t)", "size": "length(b)", "upper": "upper(b)",
        "part": "substring(b, 2, 2)", "has": "contains(b, 'a')", "less": "min(a, t)",
        "text": "cast(t as text)",
        "root": "sqrt(t)", "down": "floor(v)", "year": "year(d)", "month": "month(d)",
        "weekday": "weekday(d)",
    ]
    static let metrics = [
        "rows": "count()", "values": "count(v)", "sum": "sum(v)", "mean": "mean(v)", "min": "min(v)",
        "max": "max(v)",
        "first": "first(v)", "last": "last(v)", "unique": "n_unique(v)", "std": "std(v)", "var": "var(v)",
        "median": "median(v)", "q": "quantile(v, 0.3)", "total": "sum(t)",
    ]

    /// Times of the left table are multiples of 4, those of the right one are
    /// not and differ, so that no two are equally near.
    private func tables(_ rows: Int) throws -> (left: DataFrame, right: DataFrame) {
        var random = Random(state: 99)
        let texts = ["", "a", "äa", "東京a", "zz"]
        func nullable(_ rows: Int) -> ValidityBitmap {
            ValidityBitmap((0..<rows).map { _ in random.next() % 7 != 0 })
        }
        func made(_ rows: Int, _ times: [Int64]) throws -> [DataColumn] {
            [
                DataColumn(
                    "a", .integer, .int64((0..<rows).map { _ in Int64(random.next() % 5) }),
                    validity: nullable(rows)),
                DataColumn(
                    "b", .text, .utf8(StringStorage((0..<rows).map { _ in texts[Int(random.next() % 5)] })),
                    validity: nullable(rows)),
                DataColumn(
                    "c", .category,
                    .dictionary(
                        indices: (0..<rows).map { _ in Int32(random.next() % 3) }, levels: ["x", "ÿ", "z"])),
                DataColumn("t", .integer, .int64(times)),
                DataColumn(
                    "v", .number, .float64((0..<rows).map { _ in Double(random.next() % 1000) / 300 }),
                    validity: nullable(rows)),
                DataColumn(
                    "d", .date, .date32((0..<rows).map { _ in Int32(random.next() % 40_000) - 10_000 })),
            ]
        }
        let left = try DataFrame(made(rows, (0..<rows).map { Int64($0 / 3) * 4 }))
        let columns = try made(rows / 2, (0..<(rows / 2)).map { Int64($0) * 4 + 1 })
        let right = try DataFrame(
            Array(columns[..<2]) + [
                columns[3], DataColumn("v", .number, columns[4].storage),
                DataColumn("w", .integer, .int64((0..<Int64(rows / 2)).map { $0 })),
            ])
        return (left, right)
    }

    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: [12, 600])
    func `polars makes the same of the same tables`(rows: Int) throws {
        var template = Array("/tmp/sluice-tables-XXXXXX".utf8CString)
        let folder = try template.withUnsafeMutableBufferPointer { buffer in
            String(cString: try #require(buffer.baseAddress.flatMap { mkdtemp($0) }))
        }
        defer { try? Files.remove(folder) }
        let (left, right) = try tables(rows)
        func column(_ frame: DataFrame, _ name: String) throws -> DataColumn { try #require(frame[name]) }
        func write(_ name: String, _ columns: [DataColumn]) throws {
            try ArrowFile.write(DataFrame(columns), to: "\(folder)/\(name).arrow")
        }
        try write("left", left.columns)
        try write("right", right.columns)
        let keys = (
            left: [try column(left, "a"), try column(left, "b")],
            right: [try column(right, "a"), try column(right, "b")]
        )
        let lefts = left.columns.map { ($0, $0.name) }
        for kind in Joining.Kind.allCases {
            let rights =
                kind == .anti ? [] : [(try column(right, "v"), "v_right"), (try column(right, "w"), "w")]
            try KeyLookup(keys.right).pairs(of: keys.left, kind, atOnce: .max) { pairs in
                try write("join-\(kind.rawValue)", Joining.columns(lefts, rights, by: pairs))
            }
        }
        for direction in TimeLookup.Direction.allCases {
            for tolerance in [nil, 8] as [Int64?] {
                let lookup = TimeLookup(
                    try column(right, "t"), keys: [keys.right[0]], direction: direction, tolerance: tolerance)
                let pairs = lookup.pairs(of: try column(left, "t"), keys: [keys.left[0]])
                let rights = [(try column(right, "t"), "since"), (try column(right, "w"), "w")]
                try write(
                    "\(direction.rawValue)-\(tolerance.map { "\($0)" } ?? "any")",
                    Joining.columns(lefts, rights, by: pairs))
            }
        }
        let type = left.tableType
        let metrics = try Self.metrics.sorted { $0.key < $1.key }.map { name, text in
            let compiled = AggregateExpression.compile(text, over: type, in: .group(by: ["a", "b"]))
            return (name: name, value: try #require(compiled.expression))
        }
        try write("groups", Grouping.aggregate(left, by: ["a", "b"], metrics: metrics).columns)
        let windows = TimeWindows(left, entity: [try column(left, "c")], time: try column(left, "t"))
        for sight in [TimeWindows.Sight.before, .instant] {
            var columns = left.columns
            for (name, text) in [("n", "count()"), ("sum", "sum(v)"), ("max", "max(v)")] {
                let compiled = AggregateExpression.compile(text, over: type, in: .window).expression
                columns.append(
                    try windows.evaluate(try #require(compiled), last: 9, sight: sight, as: name))
            }
            try write(sight.rawValue, columns)
        }
        try write(
            "expressions",
            Self.expressions.sorted { $0.key < $1.key }.map { name, text in
                try #require(RowExpression.compile(text, over: type).expression).evaluate(left, as: name)
            })
        let script = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let command =
            "\(try #require(peersPython)) \(script)/peers/check_tables.py \(folder) > \(folder)/out 2>&1"
        let status = try #require(popen(command, "r").map { pclose($0) })
        let said = String(decoding: try Files.read(folder + "/out"), as: UTF8.self)
        #expect(status == 0, "\(said)")
    }
}
