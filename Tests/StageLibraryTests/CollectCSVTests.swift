import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct CollectCSVTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.csv") }

    private func read(
        _ text: String, _ parameters: JSONValue = [:], schema: TableSchema? = nil
    ) throws -> Outcome {
        try collect.run(parameters, files: ["path": ("a.csv", Array(text.utf8))], schema: schema)
    }

    private func failure(
        _ text: String, _ parameters: JSONValue = [:], schema: TableSchema? = nil
    ) -> String? {
        collect.failure(parameters, files: ["path": ("data/a.csv", Array(text.utf8))], schema: schema)
    }

    @Test func `german credit fits its schema without a reject`() throws {
        let schema = try StageLibraryTests.schema("german_credit.yaml")
        let outcome = try collect.run(
            paths: ["path": projectRoot + "/pipelines/data/german_credit.csv"], schema: schema)
        let table = try outcome.table("table")
        #expect(table.frame.count == 1000)
        #expect(try outcome.table("rejects").frame.count == 0)
        #expect(outcome.facts["table.rows"] == 1000 && outcome.facts["table.columns"] == 21)
        #expect(outcome.facts["rejects.rows"] == 0)
        #expect(table.roles == ["creditability": .target])
        #expect(table.tableType.columns.filter { $0.type == .integer }.count == 7)
        #expect(table.tableType["creditability"]?.levels == ["good", "bad"])
        #expect(table.frame["credit_amount"]?.numbers?.reduce(0, +) == 3_271_258)
        for column in schema.tableType.columns {
            #expect(table.tableType[column.name]?.type == column.type)
            #expect(table.tableType[column.name]?.levels == column.levels)
        }
    }

    @Test func `penguins fit their schema, NA is null`() throws {
        let outcome = try collect.run(
            paths: ["path": projectRoot + "/pipelines/data/penguins.csv"],
            schema: StageLibraryTests.schema("penguins.yaml"))
        let table = try outcome.table("table")
        #expect(table.frame.count == 344)
        #expect(try outcome.table("rejects").frame.count == 0)
        // Counts as pandas gives them (README of the data set).
        let nulls = [
            "Sex": 11, "Delta 15 N (o/oo)": 14, "Delta 13 C (o/oo)": 13, "Culmen Length (mm)": 2,
            "Body Mass (g)": 2, "Comments": 290, "Species": 0,
        ]
        for (name, count) in nulls { #expect(table.frame[name]?.nullCount == count, "\(name)") }
        #expect(table.frame["Date Egg"]?.type == .date)
        #expect(table.roles["Species"] == .target && table.roles["Individual ID"] == .id)
    }

    @Test func `without a schema the types of penguins are found, and NA means null everywhere`() throws {
        let path = projectRoot + "/pipelines/data/penguins.csv"
        let infer = try #require(collect.kind.inferSchema)
        let inferred = try infer(path, ["delimiter": "auto"])
        #expect(inferred.missingValues == ["", "NA"])
        #expect(
            inferred.fields.map(\.type) == [
                .category, .integer, .category, .category, .category, .category, .string, .category, .date,
                .number, .number, .integer, .integer, .category, .number, .number, .category,
            ])
        let told = try collect.run(paths: ["path": path], schema: inferred)
        let found = try collect.run(paths: ["path": path])
        #expect(try told.digest(["table"]) == found.digest(["table"]))
    }

    @Test func `a marker is null only where it must be`() throws {
        let infer = try #require(collect.kind.inferSchema)
        func missing(_ text: String) throws -> [String] {
            let path = try scratchFolder() + "/a.csv"
            try Files.write(Array(text.utf8), to: path)
            return try infer(path, [:]).missingValues
        }
        #expect(try missing("country\nNA\nDE\nFR\n") == [""])
        #expect(try missing("country,n\nNA,1\nDE,NA\n") == ["", "NA"])
        #expect(try missing("a,b\n?,1\n2,-\n") == ["", "?", "-"])
    }

    @Test func `delimiters are found, or told`() throws {
        for text in ["a;b\n1,5;x\n2;y\n", "a\tb\n1,5\tx\n2\ty\n", "a|b\n1,5|x\n2|y\n"] {
            let table = try read(text).table("table")
            #expect(table.frame.names == ["a", "b"], "\(text)")
            #expect((0..<2).map { table.frame["b"]?.string($0) } == ["x", "y"])
        }
        #expect(try read("a b\n1 2\n", ["delimiter": " "]).table("table").frame["b"]?.numbers == [2])
        #expect(try read("a\tb\n1\t2\n", ["delimiter": "tab"]).table("table").frame["b"]?.numbers == [2])
        #expect(try read("a,b\n'1,2',3\n", ["quote": "'"]).table("table").frame["a"]?.string(0) == "1,2")
        #expect(try read("a,b\n\"1,3\n", ["quote": ""]).table("table").frame["a"]?.string(0) == "\"1")
    }

    @Test func `encodings are read, or named`() throws {
        let utf16 = "\u{FEFF}a,b\nä,1\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = "\u{FEFF}a,b\nä,1\n".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [utf16, big, [0xEF, 0xBB, 0xBF] + Array("a,b\nä,1\n".utf8)] {
            let outcome = try collect.run(files: ["in": ("a.csv", bytes)])
            #expect(try outcome.table("table").frame["a"]?.string(0) == "ä")
        }
        let latin = try collect.run(
            ["encoding": "latin-1"], files: ["in": ("a.csv", [0x61, 0x0A, 0xE4, 0x0A])])
        #expect(try latin.table("table").frame["a"]?.string(0) == "ä")
        #expect(
            collect.failure(files: ["in": ("data/a.csv", [0x61, 0x0A, 0xD6, 0xD0, 0xCE, 0xC4, 0x0A])])
                == "'data/a.csv': row 2: not UTF-8 at byte 2; the bytes read as GB18030: write encoding: gb18030"
        )
        #expect(
            collect.failure(["encoding": "utf-16"], files: ["in": ("a.csv", [0x61])])
                == "'a.csv': not UTF-16: a byte order mark is expected at the start")
    }

    private let people: JSONValue = [
        "fields": [
            [
                "name": "id", "type": "integer", "role": "id",
                "constraints": ["unique": true, "required": true],
            ],
            ["name": "age", "type": "integer", "constraints": ["minimum": 0, "maximum": 150]],
            ["name": "plan", "type": "string", "constraints": ["enum": ["free", "paid"]]],
            ["name": "since", "type": "date", "constraints": ["minimum": "2000-01-01"]],
            ["name": "code", "type": "string", "constraints": ["pattern": "[A-Z]{2}"]],
            ["name": "on", "type": "boolean"],
            ["name": "at", "type": "datetime"],
        ]
    ]

    @Test func `columns stand in the schema's order with its types, roles and levels`() throws {
        let text =
            "at,on,code,since,plan,age,id\n2024-02-29T12:00:00.5+01:00,1,AB,2024-02-29,paid,7,1\n,,,,,,2\n"
        let outcome = try read(text, schema: schema(people))
        let table = try outcome.table("table")
        let at: Int64 = 1_709_204_400_500_000
        let both = ValidityBitmap([true, false])
        #expect(table.roles == ["id": .id])
        #expect(
            try table.frame
                == frame(
                    .integers("id", [1, 2]), .integers("age", [7, nil]),
                    .categories("plan", ["paid", nil], levels: ["free", "paid"]),
                    DataColumn("since", .date, .date32([19_782, 0]), validity: both),
                    .texts("code", ["AB", nil]),
                    DataColumn("on", .boolean, .boolean([true, false]), validity: both),
                    DataColumn("at", .timestamp, .timestamp([at, 0]), validity: both)))
    }

    @Test func `every misfit has its row, column and reason`() throws {
        let text = """
            id,age,plan,since,code,on,at
            1,old,free,2024-01-01,AB,true,
            2,7,gold,1999-12-31,ABC,maybe,2024-01-01
            1,8,,,,,
            ,-1,,2024-02-30,,,
            5,200,,,,
            6,1,,,,,

            1,9,,,,,
            """
        let outcome = try read(text, ["max_rejects": 6], schema: schema(people))
        let rejects = try outcome.table("rejects").frame
        let lines = (0..<rejects.count).map { row in
            "\(Int(rejects["row"]?.numbers?[row] ?? 0)) \(rejects["column"]?.string(row) ?? "-"): \(rejects["reason"]?.string(row) ?? "")"
        }
        #expect(
            lines == [
                "2 age: 'old' is not of type integer",
                "3 plan: 'gold' is not one of 'free', 'paid'",
                "3 since: 1999-12-31 is below the minimum 2000-01-01",
                "3 code: 'ABC' does not match the pattern",
                "3 on: 'maybe' is not of type boolean",
                "3 at: '2024-01-01' is not of type timestamp",
                "5 id: there is no value, but one is required",
                "5 age: -1 is below the minimum 0",
                "5 since: '2024-02-30' is not of type date",
                "6 -: it has 6 fields, the header has 7; column 'at' is missing",
                "8 id: '1' was there before, but must be unique",
            ])
        #expect(try outcome.table("table").frame["id"]?.numbers == [1, 6])
    }

    @Test func `a row that does not fit is an error that says how many more`() throws {
        let schema = try schema(["fields": [["name": "n", "type": "integer"]]])
        #expect(
            failure("n\n1\nx\ny\nz\n", schema: schema) == """
                'data/a.csv': row 3, column 'n': 'x' is not of type integer; 2 more rows do not fit
                  fix: correct the data or the schema, or write max_rejects: 3 to keep such rows apart
                """)
        #expect(
            failure("n\n1\nx\n", schema: schema) == """
                'data/a.csv': row 3, column 'n': 'x' is not of type integer
                  fix: correct the data or the schema, or write max_rejects: 1 to keep such rows apart
                """)
        #expect(
            failure("n\n1\n1,2\n\"a\"b\n", schema: schema) == """
                'data/a.csv': row 3: it has more fields than the 1 of the header; 1 more row does not fit
                  fix: correct the data or the schema, or write max_rejects: 2 to keep such rows apart
                """)
        #expect(
            failure("n\n\"1\n", schema: schema) == "'data/a.csv': row 2, column 1: the quote is never closed")
        #expect(failure("") == "'data/a.csv': the file is empty; a header row is needed")
    }

    @Test func `columns that are not the schema's are named`() throws {
        let schema = try schema(["fields": [["name": "amount"], ["name": "b"]]])
        #expect(
            failure("amuont,b\n", schema: schema) == """
                the schema's field 'amount' is no column of the data
                  columns: amuont, b
                  fix: did you mean 'amuont'?
                """)
        #expect(
            failure("amount,b,extra\n", schema: schema) == """
                column 'extra' is no field of the schema
                  fields: amount, b
                  fix: add the field to the schema, with role: ignore if it is of no use
                """)
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "date", "format": "dd.mm.yyyy"])) == """
                the schema's field 'a': the format 'dd.mm.yyyy' is no pattern of dates: it has no year: %Y or %y
                  fix: write one such as %d/%m/%Y, or any for dates whose order is plain
                """)
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "string", "format": "phone"])) == """
                the schema's field 'a': there is no format 'phone' of its type
                  formats: default, email, uri, binary, uuid
                """)
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "number", "groupChar": "."]))
                == "the schema's field 'a': groupChar: expected another text than the decimal point, '.'")
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "integer", "constraints": ["enum": ["x"]]]))
                == "the schema's field 'a': enum: expected values of type integer, not 'x'")
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "integer", "constraints": ["minLength": 1]]))
                == "the schema's field 'a': minLength and maxLength: expected none for type integer")
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "date", "constraints": ["minimum": 3]]))
                == "the schema's field 'a': minimum: expected a date such as 2024-12-31")
        #expect(
            failure("a\n1\n", schema: try self.schema(["type": "string", "constraints": ["pattern": "("]]))
                == "the schema's field 'a': pattern: expected a regular expression")
    }

    /// A schema of the one field `a`.
    private func schema(_ field: JSONValue) throws -> TableSchema {
        guard field["fields"] == nil else { return try TableSchema(field) }
        var field = field
        field["name"] = "a"
        return try TableSchema(["fields": [field]])
    }

    @Test func `a file of a header only is a table without rows`() throws {
        let outcome = try read("a,b\n")
        #expect(outcome.facts["table.rows"] == 0 && outcome.facts["table.columns"] == 2)
        #expect(try outcome.table("table").tableType.columns.map(\.type) == [.text, .text])
    }

    @Test func `without a header the schema names the columns by place`() throws {
        let schema = try schema(["fields": [["name": "x", "type": "integer"], ["name": "y"]]])
        let table = try read("1,p\n2,q\n", ["header": false], schema: schema).table("table")
        #expect(table.frame["x"]?.numbers == [1, 2])
        #expect(try read("1,p\n", ["header": false]).table("table").frame.names == ["column_1", "column_2"])
    }

    @Test func `missing takes the place of the schema's texts`() throws {
        let frame = try read("a\n-1\n\n5\n", ["missing": ["-1", ""]]).table("table").frame
        #expect(frame["a"]?.nullCount == 2)
        #expect(frame["a"]?.type == .integer)
    }

    @Test func `check wants one source and single characters`() throws {
        #expect(
            try collect.check("{ max_rejects: 1 }").text == """
                p.yaml:1:1: error: there is nothing to read: neither 'path' nor 'in' is given
                stage:
                ^~~~~
                  fix: write path: data/FILE.csv under 'with', or in: STAGE for a file another stage gives

                """)
        #expect(
            try collect.check("{ path: a.csv, delimiter: ';;', quote: ab }", ["in": .file]).text == """
                p.yaml:2:17: error: both 'path' and 'in' are given; one of them is read
                  with: { path: a.csv, delimiter: ';;', quote: ab }
                                ^~~~~
                  fix: take one of them away
                p.yaml:2:35: error: ';;' is no delimiter
                  with: { path: a.csv, delimiter: ';;', quote: ab }
                                                  ^~~~
                  expected: auto, tab, or one ASCII character
                p.yaml:2:48: error: 'ab' is no quote
                  with: { path: a.csv, delimiter: ';;', quote: ab }
                                                               ^~
                  expected: one ASCII character, or "" for none

                """)
    }

    @Test func `check gives the schema's closed table`() throws {
        let schema = try StageLibraryTests.schema("german_credit.yaml")
        let (text, outputs) = try collect.check("{ path: a.csv }", schema: schema)
        #expect(text.isEmpty)
        #expect(outputs["table"] == .table(schema.tableType))
        #expect(try collect.check("{ path: a.csv }").outputs["table"] == nil)
    }

    @Test func `bytes of outputs are pinned`() throws {
        let text = "a,b,c\n1,x,2024-01-01\n,y,\n3,\"z, \"\"q\"\"\",2024-01-03\n"
        func digest(
            _ text: String, _ parameters: JSONValue = [:], _ schema: TableSchema? = nil
        ) throws -> String {
            try read(text, parameters, schema: schema).digest(["table", "rejects"])
        }
        let utf16 = "\u{FEFF}\(text)".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try expectGoldens(
            "collect.csv",
            [
                ("encoding auto", digest(text)),
                ("encoding utf-8", digest(text, ["encoding": "utf-8"])),
                (
                    "encoding utf-16",
                    collect.run(["encoding": "utf-16"], files: ["in": ("a.csv", utf16)])
                        .digest(["table", "rejects"])
                ),
                (
                    "encoding latin-1",
                    collect.run(["encoding": "latin-1"], files: ["in": ("a.csv", [0x61, 0x0A, 0xE4])])
                        .digest(["table", "rejects"])
                ),
                (
                    "encoding gb18030",
                    collect.run(
                        ["encoding": "gb18030"], files: ["in": ("a.csv", [0x61, 0x0A, 0xD6, 0xD0, 0x0A])]
                    )
                    .digest(["table", "rejects"])
                ),
                (
                    "two files",
                    collect.run(several: [
                        ("a.csv", Array("a,b\n1,x\n".utf8)), ("b.csv", Array("b,a\ny,2\n".utf8)),
                    ])
                    .digest(["table", "rejects"])
                ),
                ("delimiter", digest("a;b\n1;2\n", ["delimiter": ";"])),
                (
                    "quote", digest("a,b\n'1,',2\n", ["quote": "'", "delimiter": ","])
                ),
                ("header", digest("1,2\n", ["header": false])),
                ("missing", digest(text, ["missing": ["x"]])),
                (
                    "max_rejects",
                    digest(
                        "id,age\n1,2\nx,3\n4\n", ["max_rejects": 2],
                        self.schema([
                            "fields": [
                                ["name": "id", "type": "integer"], ["name": "age", "type": "number"],
                            ]
                        ]))
                ),
                (
                    "german credit",
                    collect.run(
                        paths: ["path": projectRoot + "/pipelines/data/german_credit.csv"],
                        schema: StageLibraryTests.schema("german_credit.yaml")
                    ).digest(["table", "rejects"])
                ),
                (
                    "penguins",
                    collect.run(paths: ["path": projectRoot + "/pipelines/data/penguins.csv"])
                        .digest(["table", "rejects"])
                ),
            ])
    }
}
