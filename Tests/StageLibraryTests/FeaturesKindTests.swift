import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

@Suite struct FeaturesKindTests {
    let fit: KindHarness
    let apply: KindHarness

    init() throws {
        fit = try KindHarness("features.fit")
        apply = try KindHarness("features.apply")
    }

    private func steps(_ numeric: [String], _ categorical: [String]) -> JSONValue {
        [
            ["impute": ["columns": .strings(numeric), "strategy": "median"]],
            ["scale": ["columns": .strings(numeric), "method": "standard"]],
            ["encode": ["columns": .strings(categorical), "method": "one_hot", "unknown": "ignore"]],
        ]
    }

    private func credit() throws -> (table: ArrowTable, numeric: [String], categorical: [String]) {
        let frame = try germanCredit()
        let others = frame.columns.filter { $0.name != "creditability" }
        return (
            ArrowTable(frame: frame, roles: ["creditability": .target]),
            others.filter { $0.type == .integer }.map(\.name),
            others.filter { $0.type == .category }.map(\.name)
        )
    }

    @Test func `the design's steps make 61 columns of german credit`() throws {
        let (table, numeric, categorical) = try credit()
        let outcome = try fit.run(
            ["target": "creditability", "steps": steps(numeric, categorical)], tables: ["in": table])
        // 7 numbers and 54 levels, as scikit-learn's OneHotEncoder finds them.
        #expect(outcome.facts["features.columns"] == 61)
        let json = try JSONValue(parsing: Files.read(outcome.path("features")))
        #expect(try outcome.text("features") == json.canonicalText)
        let transform = try FittedTransform(json: json)
        #expect(transform.target == "creditability")
        #expect(transform.inputColumns.count == 20)
        let learned = try outcome.table("learned").frame
        #expect(learned.count == 7 * 3 + 54)
        let amount = try #require(
            (0..<learned.count).first {
                learned["column"]?.string($0) == "credit_amount"
                    && learned["quantity"]?.string($0) == "center"
            })
        #expect(learned["number"]?.numbers?[amount] == 3271.258)
        #expect(learned["text"]?.string(learned.count - 1) == "yes")

        let applied = try apply.run(tables: ["table": table], paths: ["features": outcome.path("features")])
        let result = try applied.table("table")
        #expect(result.frame.columns.count == 62)
        #expect(result.roles["creditability"] == .target)
        #expect(abs((result.frame["credit_amount"]?.numbers ?? []).reduce(0, +)) < 1e-9)
        #expect(try result.frame == transform.apply(table.frame))
    }

    /// Of an e with an accent behind it and the one character they make.
    @Test func `texts that Unicode takes for one are two values`() throws {
        let (two, one) = ("e\u{301}", "\u{E9}")
        let column = DataColumn(
            "t", .category, .dictionary(indices: [0, 0, 1, 1, 1, 0], levels: [two, one]),
            validity: ValidityBitmap([true, true, true, true, true, false]))
        let table = ArrowTable(frame: try DataFrame([column]))
        let clean = try KindHarness("clean.table")
        func filled(_ strategy: JSONValue) throws -> [[UInt8]] {
            var entry: JSONValue = ["columns": ["t"]]
            for (key, value) in strategy.object ?? [:] { entry[key] = value }
            let frame = try clean.run(["missing": [entry]], tables: ["in": table]).table("table").frame
            return (0..<6).map { Array((frame["t"]?.string($0) ?? "").utf8) }
        }
        let rows = [two, two, one, one, one].map { Array($0.utf8) }
        #expect(try filled(["strategy": "most_frequent"]) == rows + [Array(one.utf8)])
        for constant in [one, two] {
            #expect(
                try filled(["strategy": "constant", "value": .string(constant)]) == rows + [
                    Array(constant.utf8)
                ])
        }
    }

    @Test func `the role of the schema is the target where none is told`() throws {
        let rows = try table(
            ["y": .target, "k": .id], .integers("k", [1, 2]), .integers("x", [1, 2]), .integers("y", [0, 1]))
        let outcome = try fit.run(tables: ["in": rows])
        #expect(
            try outcome.text("features")
                == #"{"format":2,"inputs":[{"name":"x","type":"integer"}],"outputs":["x"],"steps":[],"target":"y"}"#
        )
        #expect(try outcome.table("learned").frame.count == 0)
        let other = try fit.run(["target": "x"], tables: ["in": rows])
        #expect(try FittedTransform(json: JSONValue(parsing: other.text("features"))).target == "x")
    }

    private let type = TableType([
        Column("n", .number), Column("i", .integer), Column("t", .text),
        Column("c", .category, levels: ["a", "b"]),
        Column("k", .integer, role: .id), Column("y", .category, role: .target, isNullable: false),
    ])

    @Test func `check knows the inputs and outputs of the transform`() throws {
        let (text, outputs) = try fit.check(
            "{ target: y, steps: [{ impute: { columns: [i], strategy: mean } }, { scale: { columns: [i] } }, { encode: { columns: [c] } }] }",
            ["in": .table(type)])
        #expect(text.isEmpty)
        #expect(
            outputs["features"]
                == .transform(
                    TransformType(
                        inputs: TableType([type.columns[0], type.columns[1], type.columns[3]]),
                        outputs: TableType([
                            Column("n", .number), Column("i", .number, isNullable: false),
                            Column("c", .vector, isNullable: false),
                        ]), target: "y")))
        let transform = try #require(outputs["features"])
        let (none, applied) = try apply.check("{}", ["table": .table(type), "features": transform])
        #expect(none.isEmpty)
        #expect(
            applied["table"]
                == .table(
                    TableType(
                        [
                            Column("n", .number), Column("i", .number, isNullable: false), Column("t", .text),
                            Column("k", .integer, role: .id),
                            Column("y", .category, role: .target, isNullable: false),
                        ], isOpen: true)))
        let unknown = try apply.check("{}", ["table": .table(type), "features": .transform(.unknown)])
        #expect(unknown.outputs["table"] == .table(.unknown))
    }

    @Test func `a text column fed to a scaler is an error at its place`() throws {
        func text(_ with: String) throws -> String { try fit.check(with, ["in": .table(type)]).text }
        #expect(
            try text("{ target: y, steps: [{ scale: { columns: [n, t] } }] }") == """
                p.yaml:2:54: error: scale by standard cannot take column 't' of type text
                  with: { target: y, steps: [{ scale: { columns: [n, t] } }] }
                                                                     ^
                  expected: integer, number
                  fix: leave 't' out, or encode it

                """)
        #expect(
            try text(
                "{ target: n, steps: [{ scale: { columns: [n] } }, { encode: { columns: [c] } }, { encode: { columns: [c] } }] }"
            )
                == """
                p.yaml:2:51: error: scale by standard cannot take the target 'n'
                  with: { target: n, steps: [{ scale: { columns: [n] } }, { encode: { columns: [c] } }, { encode: { columns: [c] } }] }
                                                                  ^
                  fix: leave 'n' out of the step's columns
                p.yaml:2:111: error: encode by one_hot cannot take column 'c' after a step has encoded it
                  with: { target: n, steps: [{ scale: { columns: [n] } }, { encode: { columns: [c] } }, { encode: { columns: [c] } }] }
                                                                                                                              ^
                  fix: put the encode step last

                """)
        #expect(
            try text("{ steps: [{ impute: { columns: [i], strategy: constant, value: x } }] }") == """
                p.yaml:2:72: error: the constant "x" does not fit column 'i' of type integer
                  with: { steps: [{ impute: { columns: [i], strategy: constant, value: x } }] }
                                                                                       ^

                """)
    }

    @Test func `a table the transform was not fitted for is refused`() throws {
        let transform = StaticType.transform(
            TransformType(
                inputs: TableType([Column("amount", .number), Column("c", .category)]),
                outputs: TableType([Column("amount", .number), Column("c", .vector)]), target: nil))
        let other = TableType([Column("amuont", .number), Column("c", .number)])
        #expect(
            try apply.check("{}", ["table": .table(other), "features": transform]).text == """
                p.yaml:1:1: error: column 'c' is of type number; the transform was fitted on category
                stage:
                ^~~~~
                p.yaml:1:1: error: the table has no column 'amount', which the transform needs
                stage:
                ^~~~~
                  columns: amuont, c
                  fix: did you mean 'amuont'?

                """)
        let rows = try table([:], .integers("x", [1]))
        #expect(
            apply.failure(tables: ["table": rows], files: ["features": ("features", Array("{}".utf8))])
                == "the transform cannot be read: expected format 2")
    }

    @Test func `bytes of outputs are pinned`() throws {
        let whole = try germanCredit().gather(Array(0..<60))
        let gaps = whole.columns.map { column in
            DataColumn(
                column.name, column.type, column.storage,
                validity: column.name == "creditability" ? nil : ValidityBitmap((0..<60).map { $0 % 11 != 4 })
            )
        }
        let rows = ArrowTable(frame: try DataFrame(gaps), roles: ["creditability": .target])
        var cases: [(String, String)] = []
        var applied: [(String, String)] = []
        func add(_ label: String, _ step: JSONValue, _ rows: ArrowTable) throws {
            let fitted = try fit.run(["steps": [step]], tables: ["in": rows])
            cases.append((label, try fitted.digest(["features", "learned"])))
            let result = try apply.run(tables: ["table": rows], paths: ["features": fitted.path("features")])
            applied.append((label, try result.digest(["table"])))
        }
        func add(_ label: String, _ step: JSONValue) throws { try add(label, step, rows) }
        for strategy in ["median", "mean", "most_frequent"] {
            try add(
                "impute \(strategy)",
                ["impute": ["columns": ["credit_amount", "age_in_years"], "strategy": .string(strategy)]])
        }
        try add(
            "impute constant", ["impute": ["columns": ["housing"], "strategy": "constant", "value": "tent"]])
        for method in ["standard", "min_max", "max_abs", "robust"] {
            try add("scale \(method)", ["scale": ["columns": ["credit_amount"], "method": .string(method)]])
        }
        for output in ["uniform", "normal"] {
            try add(
                "scale quantile output \(output)",
                [
                    "scale": [
                        "columns": ["credit_amount"], "method": "quantile", "output": .string(output),
                        "quantiles": 7,
                    ]
                ])
        }
        for method in ["quantile", "uniform"] {
            for encode in ["ordinal", "one_hot"] {
                try add(
                    "bin \(method) encode \(encode)",
                    [
                        "bin": [
                            "columns": ["credit_amount"], "method": .string(method), "bins": 4,
                            "encode": .string(encode),
                        ]
                    ])
            }
        }
        for method in ["ordinal", "frequency", "hashed"] {
            try add(
                "encode \(method) unknown bucket",
                ["encode": ["columns": ["purpose"], "method": .string(method), "unknown": "bucket"]])
        }
        for unknown in ["error", "ignore"] {
            try add(
                "encode one_hot unknown \(unknown)",
                [
                    "encode": [
                        "columns": ["purpose", "housing"], "method": "one_hot", "unknown": .string(unknown),
                    ]
                ])
        }
        let times = ArrowTable(
            frame: try frame(
                DataColumn(
                    "at", .timestamp, .timestamp((0..<60).map { Int64($0 - 30) * 987_654_321_012_345 }),
                    validity: ValidityBitmap((0..<60).map { $0 % 11 != 4 }))))
        for cycles in [false, true] {
            let parts = DatePart.allCases.map(\.rawValue)
            try add(
                "dates \(parts.joined(separator: " ")) cycles \(cycles)",
                ["dates": ["columns": ["at"], "parts": .strings(parts), "cycles": .boolean(cycles)]], times)
        }
        for analyzer in ["word", "char", "char_wb"] {
            for norm in ["l1", "l2", "none"] {
                try add(
                    "tfidf \(analyzer) norm \(norm)",
                    [
                        "tfidf": [
                            "columns": ["purpose"], "analyzer": .string(analyzer), "norm": .string(norm),
                            "longest": 2, "max_features": 9,
                        ]
                    ])
            }
        }
        try add(
            "pca",
            ["pca": ["columns": ["duration_in_month", "age_in_years"], "components": 1, "whiten": true]],
            ArrowTable(frame: whole))
        try add("cross", ["cross": ["columns": ["housing", "purpose"]]])
        try add("product", ["product": ["columns": ["age_in_years", "credit_amount"]]])
        try add("ratio", ["ratio": ["of": "credit_amount", "by": "age_in_years"]])
        try expectGoldens("features.fit", cases)
        try expectGoldens("features.apply", applied)
    }
}
