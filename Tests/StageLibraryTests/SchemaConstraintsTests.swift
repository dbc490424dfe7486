import ArrowIPC
import CanonicalJSON
import DataFrames
import Diagnostics
import PipelineLanguage
import TableTypes
import Testing
import YAMLSyntax

@testable import StageLibrary

/// What is said of rows that break a schema, and what a schema may leave open.
@Suite struct SchemaConstraintsTests {
    private func reasons(
        _ csv: String, _ json: JSONValue, kind: String = "collect.csv", _ parameters: JSONValue = [:]
    ) throws -> [String] {
        var parameters = parameters
        parameters["max_rejects"] = 1000
        if kind == "collect.csv" { parameters["delimiter"] = ";" }
        let made = try KindHarness(kind).run(
            parameters, files: ["path": ("rows", Array(csv.utf8))], schema: schema(json))
        let frame = try made.table("rejects").frame
        let rows = try #require(frame["row"]?.numbers)
        return (0..<frame.count).map {
            "\(Int(rows[$0])) \(frame["column"]?.string($0) ?? ""): \(frame["reason"]?.string($0) ?? "")"
        }
    }

    private func one(_ field: JSONValue) -> JSONValue {
        var field = field
        field["name"] = "a"
        return ["fields": [field]]
    }

    @Test func `each breach is said in words`() throws {
        #expect(
            try reasons(
                "a\n1\n5\n3\n",
                one(["type": "integer", "constraints": ["exclusiveMinimum": 1, "exclusiveMaximum": 5]]))
                == ["2 a: 1 is the exclusiveMinimum 1 itself", "3 a: 5 is the exclusiveMaximum 5 itself"])
        #expect(
            try reasons(
                "a\n0.5\n", one(["type": "number", "constraints": ["exclusiveMinimum": 1, "minimum": 0.75]]))
                == ["2 a: 0.5 is below the minimum 0.75"])
        #expect(
            try reasons("a\nx\nxyz!\n", one(["constraints": ["minLength": 2, "maxLength": 3]])) == [
                "2 a: 'x' has 1 character, fewer than the minLength 2",
                "3 a: 'xyz!' has 4 characters, more than the maxLength 3",
            ])
        #expect(
            try reasons("a\n[]\n{\n", one(["type": "array", "constraints": ["minLength": 1]])) == [
                "2 a: '[]' has 0 elements, fewer than the minLength 1", "3 a: '{' is not of type array",
            ])
        #expect(
            try reasons("a\nx@y\n", one(["format": "email"])) == ["2 a: 'x@y' is not of the format email"])
        #expect(
            try reasons("a\n2024-01-31\n", one(["type": "date", "format": "%d/%m/%Y"]))
                == ["2 a: '2024-01-31' is not of type date by the format '%d/%m/%Y'"])
        #expect(
            try reasons("a\nmaybe\n", one(["type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]]))
                == ["2 a: 'maybe' is not one of 'yes', 'no'"])
        #expect(try reasons("a\n24\n", one(["type": "year"])) == ["2 a: '24' is no year"])
        #expect(
            try reasons("a\n3.0\n2.5\n", one(["type": "number", "constraints": ["enum": [3, "1"]]]))
                == ["3 a: '2.5' is not one of '3', '1'"])
        #expect(
            try reasons("a\ntrue\n0\n", one(["type": "boolean", "constraints": ["enum": [true]]]))
                == ["3 a: '0' is not one of 'true'"])
    }

    @Test func `bounds are those of the field's own form`() throws {
        let day: JSONValue = ["type": "date", "format": "%d/%m/%Y", "constraints": ["minimum": "01/02/2024"]]
        #expect(
            try reasons("a\n31/01/2024\n1/2/2024\n", one(day)) == [
                "2 a: 31/01/2024 is below the minimum 01/02/2024"
            ])
        let month: JSONValue = ["type": "yearmonth", "constraints": ["maximum": "2024-05"]]
        #expect(
            try reasons("a\n2024-06\n2024-05\n", one(month)) == ["2 a: 2024-06 is above the maximum 2024-05"])
        let price: JSONValue = ["type": "number", "decimalChar": ",", "constraints": ["minimum": "1.5"]]
        #expect(try reasons("a\n1,4\n1,5\n", one(price)) == ["2 a: 1,4 is below the minimum 1.5"])
    }

    @Test func `whole numbers and times are held to their bounds to the last digit`() throws {
        func numbers(_ constraints: JSONValue) throws -> [String] {
            try reasons(
                "a\n9007199254740992\n9007199254740993\n9007199254740994\n",
                one(["type": "integer", "constraints": constraints]))
        }
        #expect(
            try numbers(["minimum": 9_007_199_254_740_993])
                == ["2 a: 9007199254740992 is below the minimum 9007199254740993"])
        #expect(
            try numbers(["exclusiveMaximum": 9_007_199_254_740_993]) == [
                "3 a: 9007199254740993 is the exclusiveMaximum 9007199254740993 itself",
                "4 a: 9007199254740994 is above the exclusiveMaximum 9007199254740993",
            ])
        #expect(
            try numbers(["maximum": "9007199254740993.5"])
                == ["4 a: 9007199254740994 is above the maximum 9007199254740993.5"])
        #expect(
            try numbers(["exclusiveMinimum": "9007199254740992.5"])
                == ["2 a: 9007199254740992 is below the exclusiveMinimum 9007199254740992.5"])
        // As a schema file has it, whose digits a double would round to an even number.
        var findings = Diagnostics()
        let file = SourceText(path: "s.yaml", text: "{ maximum: 9007199254740993.5, minimum: 0.5 }")
        let written = JSONValue(try #require(parseYAML(file, into: &findings)), keepsDigits: true)
        #expect(written == ["maximum": "9007199254740993.5", "minimum": 0.5])
        #expect(
            try numbers(written) == ["4 a: 9007199254740994 is above the maximum 9007199254740993.5"])
        #expect(try numbers(["minimum": 1e30]).count == 3)
        #expect(try numbers(["exclusiveMinimum": -1e30, "maximum": "INF"]) == [])
        #expect(
            try numbers(["enum": [9_007_199_254_740_993, 9_007_199_254_740_994]])
                == ["2 a: '9007199254740992' is not one of '9007199254740993', '9007199254740994'"])
        let lines = "{\"a\":9007199254740992}\n{\"a\":9007199254740993}\n"
        #expect(
            try reasons(
                lines, one(["type": "integer", "constraints": ["minimum": 9_007_199_254_740_993]]),
                kind: "collect.jsonl") == ["1 a: 9007199254740992 is below the minimum 9007199254740993"])
        // Beyond 2^53 microseconds, which is the year 2255.
        let time = "9000-01-01T00:00:00.00000"
        #expect(
            try reasons(
                "a\n\(time)0Z\n\(time)1Z\n\(time)2Z\n",
                one(["type": "datetime", "constraints": ["minimum": .string(time + "1Z")]]))
                == ["2 a: \(time)0Z is below the minimum \(time)1Z"])
        #expect(
            try reasons(
                "a\n\(time)0Z\n\(time)1Z\n",
                one(["type": "datetime", "constraints": ["enum": [.string(time + "1Z")]]]))
                == ["2 a: '\(time)0Z' is not one of '\(time)1Z'"])
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("-0.0", 0, 0), (".5", 1, 0), ("-.5", 0, -1), ("1e3", 1000, 1000),
            ("12.5e1", 125, 125), ("1234e-2", 13, 12), ("-1234e-2", -12, -13), ("1e-30", 1, 0),
            ("9223372036854775807.9", nil, .max), ("-9223372036854775808.5", .min, nil),
            ("1e400000", nil, nil),
            ("1e-99999999999999999999", 1, 0), ("-1e-99999999999999999999", 0, -1),
            ("1e99999999999999999999", nil, nil), ("0e99999999999999999999", 0, 0),
            ("1E20", nil, .max), ("-INF", .min, nil), ("0.00012e6", 120, 120),
        ] as [(String, Int64?, Int64?)])
    func `a bound is the last whole number within it`(text: String, least: Int64?, most: Int64?) {
        let bound = WholeBound(text)
        #expect(bound?.last(isLower: true, isExclusive: false) == least)
        #expect(bound?.last(isLower: false, isExclusive: false) == most)
    }

    @Test func `keys are held to together, nulls apart`() throws {
        let schema: JSONValue = [
            "fields": [["name": "a"], ["name": "b", "missingValues": ["-"]]], "uniqueKeys": [["a", "b"]],
        ]
        #expect(
            try reasons("a;b\nx;1\nx;2\nx;1\nx;-\nx;-\n", schema)
                == ["4 a: 'x', '1' was there before, but must be unique"])
    }

    @Test func `fieldsMatch says which columns there may be`() throws {
        func columns(_ match: String, _ csv: String) throws -> [String] {
            let fields: JSONValue = [
                "fields": [["name": "a", "type": "integer"], ["name": "b", "type": "date"]],
                "fieldsMatch": .string(match),
            ]
            let table = try KindHarness("collect.csv").run(
                files: ["path": ("rows.csv", Array(csv.utf8))], schema: schema(fields)
            ).table("table").frame
            return table.columns.map { "\($0.name) \($0.type) \($0.nullCount)" }
        }
        #expect(try columns("subset", "c;b;a\nx;2024-01-01;1\n") == ["a integer 0", "b date 0"])
        #expect(try columns("superset", "a\n1\n2\n") == ["a integer 0", "b date 2"])
        #expect(try columns("partial", "c;a\nx;1\n") == ["a integer 0", "b date 1"])
        #expect(throws: StageError.self) { try columns("equal", "a\n1\n") }
        #expect(throws: StageError.self) { try columns("subset", "a;c\n1;2\n") }
        #expect(throws: StageError.self) { try columns("superset", "a;c\n1;2\n") }
        #expect(throws: StageError.self) { try columns("partial", "c\n1\n") }
        // A field that must have a value must have a column.
        let harness = try KindHarness("collect.csv")
        #expect(
            harness.failure(
                files: ["path": ("rows.csv", Array("a\n1\n".utf8))],
                schema: try schema([
                    "fields": [["name": "a"], ["name": "b", "constraints": ["required": true]]],
                    "fieldsMatch": "superset",
                ])) == """
                    the schema's field 'b' is no column of the data
                      columns: a
                      fix: take the field out of the schema, or correct the data
                    """)
    }

    @Test func `JSON and XML are held to the same`() throws {
        let day = one(["type": "date", "format": "%d.%m.%Y"])
        let lines = "{\"a\":\"31.12.2024\"}\n{\"a\":\"2024-12-31\"}\n{}\n"
        #expect(
            try reasons(lines, day, kind: "collect.jsonl")
                == ["2 a: '2024-12-31' is not of type date by the format '%d.%m.%Y'"])
        var open = day
        #expect(try reasons("{\"a\":\"1.1.2024\",\"b\":1}\n", open, kind: "collect.jsonl").count == 1)
        open["fieldsMatch"] = "subset"
        #expect(try reasons("{\"a\":\"1.1.2024\",\"b\":1}\n", open, kind: "collect.jsonl") == [])
        let xml = try reasons(
            "<r><i a='31.12.2024'/><i a='x'/><i a='-'/></r>",
            ["fields": [["name": "a", "type": "date", "format": "%d.%m.%Y", "missingValues": ["-"]]]],
            kind: "collect.xml", ["rows": "/r/i", "columns": ["a": "@a"]])
        #expect(xml == ["2 a: 'x' is not of type date by the format '%d.%m.%Y'"])
        #expect(
            try reasons(
                "{\"a\":\"abc\"}\n{\"a\":\"\"}\n", one(["constraints": ["minLength": 1]]),
                kind: "collect.jsonl")
                == ["2 a: '' has 0 characters, fewer than the minLength 1"])
    }

    @Test func `foreign keys are said to be unchecked`() throws {
        let keyed = try TableSchema([
            "fields": [["name": "a"]], "foreignKeys": [["fields": ["a"], "reference": ["fields": ["a"]]]],
        ])
        let said = try KindHarness("collect.csv").check("{ path: a.csv, schema: s.yaml }", [:], schema: keyed)
            .text
        #expect(
            said == """
                p.yaml:2:32: warning: the schema has foreignKeys, which are not checked
                  with: { path: a.csv, schema: s.yaml }
                                               ^~~~~~
                  fix: join.tables with how: anti gives the rows whose key the other table lacks

                """)
    }
}
