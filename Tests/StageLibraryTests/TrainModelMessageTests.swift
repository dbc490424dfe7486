import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// What a person reads when training cannot be, found by the check and by the run.
@Suite struct TrainModelMessageTests {
    private let space: Workspace
    private let logistic: JSONValue = ["estimator": "logistic", "target": "y"]

    init() throws { space = try Workspace() }

    private func message(
        _ with: JSONValue, _ columns: [DataColumn], roles: [String: ColumnRole] = [:],
        _ transform: FittedTransform? = nil, validation: DataFrame? = nil
    ) throws -> String {
        let rows = ArrowTable(frame: try DataFrame(columns), roles: roles)
        return stageError { try space.train(with, rows, transform, validation: validation) }
    }

    private let x = DataColumn.numbers("x", [0, 1, 2, 3])
    private let y = DataColumn.texts("y", ["a", "b", "a", "b"])

    @Test func `rows that cannot be learned from are named`() throws {
        #expect(
            try message(logistic, [.numbers("x", [0, nil, 2, nil]), y]) == """
                column 'x' has no value in 2 rows; the first is row 2
                fix: add - impute: { columns: [x], strategy: median } to the steps of features.fit
                """)
        #expect(
            try message(logistic, [.numbers("x", [0, 1, .infinity, 3]), y]) == """
                row 3, column 'x': the value is infinite or too large
                fix: drop the row, or clip the column with clean.table
                """)
        #expect(
            try message(["estimator": "mlp", "target": "y"], [.numbers("x", [0, 1e39, 2, 3]), y]) == """
                row 2, column 'x': the value is infinite or too large
                fix: drop the row, or clip the column with clean.table
                """)
        #expect(
            try message(logistic, [.numbers("x", []), .texts("y", [])]) == "the table 'train' has no rows")
        #expect(
            try message(logistic, [x, y], validation: frame(.numbers("x", []), .texts("y", [])))
                == "the table 'validation' has no rows")
        #expect(
            try message(logistic, [x, y], validation: frame(.numbers("x", [1]), .texts("y", ["c"]))) == """
                row 1, column 'y': 'c' is no class of the model
                classes: a, b
                """)
        #expect(
            try message(logistic, [.texts("x", ["p", "q", "p", "q"]), y]) == """
                there is no feature to learn from
                fix: keep a numeric column, or encode one with features.fit
                """)
    }

    @Test func `targets that are no classes are named`() throws {
        #expect(
            try message(logistic, [x, .texts("y", ["a", "a", "a", "a"])]) == """
                all rows have the class 'a' of the target 'y'
                fix: train on rows of at least two classes
                """)
        #expect(
            try message(logistic, [x, .texts("y", ["a", nil, "b", "a"])]) == """
                the target 'y' has no value in 1 row; the first is row 2
                fix: drop those rows before the split
                """)
        #expect(
            try message(logistic, [x, .numbers("y", [1, 2, 3, 4])]) == """
                the target 'y' is of type number; classes are learned, and no values yet
                expected: boolean, integer, category, text
                fix: cut it into classes first, for example low | high
                """)
        let many = (0..<101).map { Int64($0) }
        #expect(
            try message(logistic, [.integers("x", many), .integers("y", many)]) == """
                the target 'y' has 101 different values; at most 100 are classes
                fix: merge rare classes, or name another column
                """)
        #expect(
            try message(["estimator": "logistic"], [x, y]) == """
                no column to learn is named
                fix: write target: COLUMN, or give the column role: target in its Table Schema
                """)
        #expect(
            try message(["estimator": "logistic", "target": "z"], [x, y]) == """
                table 'train.arrow' has no column 'z', the target
                columns: x, y
                """)
        let other = try FittedTransform.fit(
            steps: [], target: "z", on: frame(x, .texts("z", ["p", "p", "q", "q"])))
        #expect(
            try message(logistic, [x, y], other) == """
                the target is 'y', but the transform was fitted for 'z'
                fix: leave 'target' out, or write target: z
                """)
        let leaking = try FittedTransform.fit(
            steps: [], target: nil, on: frame(x, .integers("y", [1, 2, 1, 2])))
        #expect(
            try message(logistic, [x, .integers("y", [1, 2, 1, 2])], leaking) == """
                the transform takes the target 'y' as a feature
                fix: write target: y in the features.fit stage
                """)
    }

    @Test func `training that comes to no end is told with a way out`() throws {
        #expect(
            try message(["estimator": "logistic", "target": "y", "max_iter": 1], [x, y]) == """
                not converged after 1 iterations
                fix: scale the columns with features.fit, raise max_iter, or lower c
                """)
        #expect(
            try message(
                [
                    "estimator": "mlp", "target": "y", "hidden": [],
                    "optimizer": ["name": "sgd", "lr": 1e38],
                ], [.numbers("x", [0, 1e30, 2e30, 3e30]), y]) == """
                    training diverged in epoch 1: loss or weights are not finite
                    fix: scale the columns with features.fit, or lower the optimizer's lr
                    """)
        #expect(
            try message(
                ["estimator": "logistic", "target": "y", "class_weight": ["aa": 2]], [x, y]) == """
                    'class_weight' names 'aa', which is no class of the target
                    classes: a, b
                    fix: did you mean 'a'?
                    """)
    }

    @Test func `a level that was not there when fitting is an error or all zeros`() throws {
        let rows = try frame(
            .categories("c", ["p", "q", "p", "q"], levels: ["p", "q"]), y)
        let test = try frame(.categories("c", ["r"], levels: ["r"]))
        func model(_ unknown: String) throws -> TrainedModel {
            let transform = try FittedTransform.fit(
                steps: [["encode": ["columns": ["c"], "unknown": .string(unknown)]]], target: "y", on: rows)
            return try space.train(["estimator": "logistic"], rows, transform).model
        }
        let strict = try model("error")
        #expect(
            stageError { _ = try strict.predict(test) } == """
                row 1, column 'c': the level 'r' was not there when fitting
                levels: p, q
                fix: write unknown: ignore, or fit on rows that have the level
                """)
        let p = try model("ignore").predict(test)
        #expect(abs(p[0] - 0.5) < 1e-6 && p.count == 2)
        #expect(
            stageError { _ = try strict.predict(try frame(x)) } == """
                the table has no column 'c'
                columns: x
                """)
    }

    // MARK: Check

    private let table = StaticType.table(
        TableType([
            Column("x", .number), Column("c", .text), Column("y", .category, role: .target),
            Column("price", .number), Column("id", .integer, role: .id),
        ]))

    @Test func `parameters that do not belong together have their places`() throws {
        let wrong = """
            estimator: logistic
            hidden: [4]
            patience: 3
            optimizer: { momentum: 0.9 }
            """
        #expect(
            try checked(TrainModel.kind, wrong, ["train": .table(.unknown)]).findings == [
                """
                2:9 error: 'hidden' belongs to estimator mlp; this stage trains logistic
                fix: leave 'hidden' out, or write estimator: mlp
                """,
                """
                3:11 error: 'patience' belongs to estimator mlp; this stage trains logistic
                fix: leave 'patience' out, or write estimator: mlp
                """,
                """
                4:12 error: 'optimizer' belongs to estimator mlp; this stage trains logistic
                fix: leave 'optimizer' out, or write estimator: mlp
                """,
            ])
        let network = """
            estimator: mlp
            c: 2
            patience: 3
            optimizer: { momentum: 0.9 }
            """
        #expect(
            try checked(TrainModel.kind, network, ["train": .table(.unknown)]).findings == [
                """
                2:4 error: 'c' belongs to estimator logistic; this stage trains mlp
                fix: leave 'c' out, or write estimator: logistic
                """,
                """
                3:11 error: 'patience' needs the input 'validation'
                fix: write in: { validation: ... }, or leave 'patience' out
                """,
                """
                4:24 error: 'momentum' belongs to optimizer sgd; this stage uses adamw
                fix: leave 'momentum' out, or write name: sgd
                """,
            ])
        #expect(
            stageError { try space.train(["estimator": "logistic", "hidden": [4]], frame(x, y)) } == """
                'hidden' belongs to estimator mlp; this stage trains logistic
                fix: leave 'hidden' out, or write estimator: mlp
                """)
    }

    @Test func `the check says which columns are not learned from and gives the model's type`() throws {
        let result = try checked(TrainModel.kind, "estimator: logistic", ["train": table])
        #expect(
            result.findings == [
                """
                9:9 warning: the column 'c' is not numeric and is not learned from
                fix: encode it with features.fit and write in: { train: ..., features: ... }
                """
            ])
        #expect(
            result.outputs["model"]
                == .model(
                    ModelType(
                        task: .classification,
                        inputs: TableType([Column("x", .number), Column("price", .number)]), target: "y")))
        #expect(result.outputs["curve"] == .table(TrainingCurve.type))
    }

    @Test func `the check finds targets and inputs that cannot be`() throws {
        func findings(_ yaml: String, _ transform: TransformType? = nil) throws -> [String] {
            var inputs = ["train": table]
            inputs["features"] = transform.map { .transform($0) }
            return try checked(TrainModel.kind, yaml, inputs).findings
        }
        let inputs = TableType([Column("x", .number), Column("gone", .number)])
        #expect(
            try findings(
                "estimator: logistic\ntarget: price",
                TransformType(inputs: inputs, outputs: .unknown, target: "y"))
                == [
                    """
                    2:9 error: the target 'price' is of type number; classes are learned, and no values yet
                    expected: boolean, integer, category, text
                    fix: cut it into classes first, for example low | high
                    """,
                    """
                    2:9 error: the target is 'price', but the transform was fitted for 'y'
                    fix: leave 'target' out, or write target: y
                    """,
                    """
                    9:9 error: the table has no column 'gone', which the transform needs
                    columns: x, c, y, price, id
                    """,
                ])
        #expect(
            try findings(
                "estimator: mlp",
                TransformType(inputs: TableType([Column("c", .number)]), outputs: .unknown, target: "goal"))
                == [
                    "9:9 error: column 'c' is of type text; the transform was fitted on number",
                    """
                    9:9 error: the table has no column 'goal', the target
                    columns: x, c, y, price, id
                    """,
                ])
        #expect(
            try findings(
                "estimator: mlp\ntarget: x",
                TransformType(inputs: TableType([Column("x", .number)]), outputs: .unknown, target: nil)
            ).contains(
                """
                2:9 error: the transform takes the target 'x' as a feature
                fix: write target: x in the features.fit stage
                """))
        let filled = TransformType(
            inputs: TableType([Column("c", .text)]), outputs: TableType([Column("c", .text)]), target: "y")
        #expect(
            try findings("estimator: mlp", filled) == [
                """
                9:9 warning: the column 'c' is not numeric and is not learned from
                fix: encode it with features.fit and write in: { train: ..., features: ... }
                """
            ])
        let bare = StaticType.table(TableType([Column("c", .text), Column("d", .text)]))
        #expect(
            try checked(TrainModel.kind, "estimator: mlp", ["train": bare]).findings == [
                """
                9:9 error: no column to learn is named
                fix: write target: COLUMN, or give the column role: target in its Table Schema
                """,
                """
                9:9 error: there is no feature to learn from
                fix: keep a numeric column, or encode one with features.fit
                """,
            ])
        #expect(
            try checked(TrainModel.kind, "estimator: mlp", ["train": .table(.unknown)]).findings == []
        )
    }
}
