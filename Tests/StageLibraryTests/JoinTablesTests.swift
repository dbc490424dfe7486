import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct JoinTablesTests {
    let join: KindHarness
    let left: ArrowTable
    let right: ArrowTable

    init() throws {
        join = try KindHarness("join.tables")
        left = try table(
            ["id": .id], .integers("id", [1, 2, nil, 3, 2]), .texts("v", ["a", "b", "c", "d", "e"]),
            DataColumn("at", .date, .date32([10, 20, 30, 40, 50])))
        right = try table(
            ["w": .weight], .integers("id", [2, 3, nil, 2]), .numbers("w", [0.5, 1.5, 2.5, 3.5]),
            .texts("v", ["p", "q", "r", "s"]), DataColumn("since", .date, .date32([15, 35, 0, 45])))
    }

    private func result(_ parameters: JSONValue) throws -> ArrowTable {
        try join.run(parameters, tables: ["left": left, "right": right]).table("table")
    }

    @Test func `rows that meet, in the order of the left table`() throws {
        let made = try result(["on": ["id"]])
        #expect(made.frame.names == ["id", "v", "at", "w", "v_right", "since"])
        #expect(made.frame["v"] == .texts("v", ["b", "b", "d", "e", "e"]))
        #expect(made.frame["v_right"] == .texts("v_right", ["p", "s", "q", "p", "s"]))
        #expect(made.roles == ["id": .id, "w": .weight])
    }

    @Test func `left and anti joins, names and suffixes`() throws {
        let outer = try result([
            "on": [["left": "id", "right": "id"]], "how": "left", "suffixes": ["left": "_l", "right": "_r"],
        ])
        #expect(outer.frame.names == ["id", "v_l", "at", "w", "v_r", "since"])
        #expect(outer.frame["w"] == .numbers("w", [nil, 0.5, 3.5, nil, 1.5, 0.5, 3.5]))
        let alone = try result(["on": ["id"], "how": "anti"])
        #expect(alone == left.gather([0, 2]))
    }

    @Test func `as of a time, by keys and within a tolerance`() throws {
        let time: JSONValue = ["left": "at", "right": "since"]
        func w(_ parameters: JSONValue) throws -> DataColumn? { try result(parameters).frame["w"] }
        #expect(
            try w(["how": "asof", "time": time])
                == .numbers("w", [2.5, 0.5, 0.5, 1.5, 3.5]))
        #expect(
            try w(["how": "asof", "time": time, "on": ["id"]])
                == .numbers("w", [nil, 0.5, nil, 1.5, 3.5]))
        #expect(
            try w(["how": "asof", "time": time, "direction": "forward", "tolerance": "5d"])
                == .numbers("w", [0.5, nil, 1.5, 3.5, nil]))
        #expect(
            try w(["how": "asof", "time": time, "direction": "nearest"])
                == .numbers("w", [0.5, 0.5, 1.5, 1.5, 3.5]))
        #expect(
            try result(["how": "asof", "time": time]).frame.names
                == ["id", "v", "at", "id_right", "w", "v_right", "since"])
    }

    @Test func `a key that must be unique names both rows`() throws {
        func failure(_ validate: String) -> String? {
            join.failure(
                ["on": ["id"], "validate": .string(validate)], tables: ["left": left, "right": right])
        }
        #expect(
            failure("many_to_one") == """
                validate: many_to_one: rows 1 and 4 of 'right' have the same id
                  fix: drop duplicates before the join, or let validate be many_to_many
                """)
        #expect(failure("one_to_many")?.hasPrefix("validate: one_to_many: rows 2 and 5 of 'left'") == true)
        #expect(failure("one_to_one")?.hasPrefix("validate: one_to_one: rows 2 and 5 of 'left'") == true)
    }

    @Test func `check finds every kind of mistake`() throws {
        let types: [String: StaticType] = ["left": .table(left.tableType), "right": .table(right.tableType)]
        func said(_ with: String) throws -> String { try join.check(with, types).text }
        let cases = [
            ("{ how: left }", "2:16: error: a join with how: left needs 'on', the columns to join by"),
            ("{ on: [at] }", "2:16: error: the table has no column 'at'"),
            (
                "{ on: [{ left: id, right: w }] }",
                "2:16: error: column 'id' of type integer cannot equal column 'w' of type number"
            ),
            ("{ how: asof }", "2:16: error: a join with how: asof needs 'time', the columns that say when"),
            ("{ on: [id], tolerance: 7d }", "2:32: error: 'tolerance' is given, but how is inner"),
            (
                "{ on: [id], time: { left: at, right: since } }",
                "2:27: error: 'time' is given, but how is inner"
            ),
            (
                "{ how: asof, time: { left: v, right: since } }",
                "2:36: error: cannot join by time along column 'v' of type text"
            ),
            (
                "{ how: asof, time: { left: at, right: id } }",
                "2:47: error: column 'at' of type date cannot equal column 'id' of type integer"
            ),
            (
                "{ how: asof, validate: one_to_one, time: { left: at, right: since } }",
                "2:32: error: 'validate' has no meaning with how: asof"
            ),
            (
                "{ how: asof, tolerance: 1h, time: { left: at, right: since } }",
                "2:33: error: '1h' cannot be measured along column 'at' of type date"
            ),
            ("{ on: [id], suffixes: { left: x, right: x } }", "2:31: error: both suffixes are 'x'"),
        ]
        for (with, place) in cases {
            let text = try said(with)
            #expect(text.contains("p.yaml:\(place)\n"), "\(with): \(text)")
        }
        let clashing = TableType([Column("id", .integer), Column("v", .text), Column("v_right", .text)])
        let clash = try join.check(
            "{ on: [id] }", ["left": .table(clashing), "right": .table(right.tableType)])
        #expect(clash.text.contains("error: two columns of the result would be called 'v_right'"))
    }

    @Test func `types of the result are known before the run`() throws {
        let types: [String: StaticType] = ["left": .table(left.tableType), "right": .table(right.tableType)]
        let (text, outputs) = try join.check("{ on: [id], how: left }", types)
        #expect(text.isEmpty)
        #expect(
            outputs["table"]
                == .table(
                    TableType(
                        left.tableType.columns + [
                            Column("w", .number, role: .weight), Column("v_right", .text),
                            Column("since", .date),
                        ])))
        let inner = try join.check("{ on: [id] }", types)
        guard case .table(let type)? = inner.outputs["table"] else {
            Issue.record("no table")
            return
        }
        #expect(type["w"]?.isNullable == false && !type.isOpen)
        let open = try join.check("{ on: [x] }", ["left": types["left"] ?? .file, "right": .table(.unknown)])
        #expect(open.text.isEmpty)
    }

    @Test func `bytes of outputs are pinned`() throws {
        func digest(_ parameters: JSONValue) throws -> String {
            try join.run(parameters, tables: ["left": left, "right": right]).digest(["table"])
        }
        let unique = right.gather([0, 1, 2])
        var cases: [(String, String)] = []
        for how in ["inner", "left", "anti"] {
            cases.append((how, try digest(["on": ["id"], "how": .string(how)])))
        }
        for direction in ["backward", "forward", "nearest"] {
            cases.append(
                (
                    "asof \(direction)",
                    try digest([
                        "how": "asof", "time": ["left": "at", "right": "since"], "tolerance": "10d",
                        "direction": .string(direction),
                    ])
                ))
        }
        for validate in ["many_to_many", "many_to_one", "one_to_many", "one_to_one"] {
            let parameters: JSONValue = ["on": ["id"], "validate": .string(validate)]
            cases.append(
                (
                    validate,
                    try join.run(parameters, tables: ["left": left.gather([0, 1, 2, 3]), "right": unique])
                        .digest(["table"])
                ))
        }
        try expectGoldens("join.tables", cases)
    }
}
