import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct ConversionTests {
    let export: KindHarness
    let `import`: KindHarness

    init() throws {
        export = try KindHarness("table.export")
        `import` = try KindHarness("table.import")
    }

    /// Every storage, a null in each, and values with a form that is easily lost.
    private func everything() throws -> ArrowTable {
        let some = ValidityBitmap([true, true, false])
        return try table(
            ["id": .id, "y": .target],
            .integers("id", [.min, .max, nil]),
            .numbers("n", [0.1, -1e-300, nil]),
            .texts("t", ["a, \"b\"\r\nc", "\u{FEFF}ä😀 ", nil]),
            .categories("y", ["yes", "no", nil], levels: ["no", "yes"]),
            DataColumn("b", .boolean, .boolean([true, false, false]), validity: some),
            DataColumn("d", .date, .date32([-719_162, 2_932_896, 0]), validity: some),
            DataColumn("at", .timestamp, .timestamp([-1, 1_709_204_400_000_000, 0]), validity: some))
    }

    private let declared: JSONValue = [
        "fields": [
            ["name": "id", "type": "integer", "role": "id"], ["name": "n", "type": "number"],
            ["name": "t", "type": "string"],
            ["name": "y", "type": "string", "role": "target", "constraints": ["enum": ["no", "yes"]]],
            ["name": "b", "type": "boolean"], ["name": "d", "type": "date"],
            ["name": "at", "type": "datetime"],
        ]
    ]

    @Test(arguments: ["csv", "jsonl", "arrow", "parquet"])
    func `a table with a schema comes back as it went out`(form: String) throws {
        let before = try everything()
        let file = try export.run(["form": .string(form)], tables: ["in": before])
        let bytes = try Files.read(file.path("file"))
        let back = try `import`.run(
            files: ["in": ("t.\(form)", bytes)], schema: TableSchema(declared))
        let after = try back.table("table")
        #expect(after.frame.columns == before.frame.columns)
        #expect(after.roles == before.roles)
        #expect(back.facts["table.rows"] == 3 && back.facts["table.columns"] == 7)
        #expect(back.facts["table.schema"] == nil)
        let again = try export.run(["form": .string(form)], tables: ["in": after])
        #expect(try Files.read(again.path("file")) == bytes)
    }

    @Test func `CSV has a header, LF, quotes where needed, and empty fields for null`() throws {
        let file = try export.run(["form": "csv"], tables: ["in": everything()])
        #expect(
            try file.text("file") == """
                id,n,t,y,b,d,at
                -9223372036854775808,0.1,"a, ""b\""\r\nc",yes,true,0001-01-01,1969-12-31T23:59:59.999999Z
                9223372036854775807,-1e-300,"\u{FEFF}ä😀 ",no,false,9999-12-31,2024-02-29T11:00:00Z
                ,,,,,,

                """)
        #expect(file.facts["file.rows"] == 3)
    }

    @Test func `JSON lines are canonical`() throws {
        let file = try export.run(["form": "jsonl"], tables: ["in": everything()])
        #expect(
            try file.text("file").split(separator: "\n").map(String.init) == [
                #"{"at":"1969-12-31T23:59:59.999999Z","b":true,"d":"0001-01-01","id":-9223372036854775808,"n":0.1,"t":"a, \"b\"\r\nc","y":"yes"}"#,
                "{\"at\":\"2024-02-29T11:00:00Z\",\"b\":false,\"d\":\"9999-12-31\",\"id\":9223372036854775807,\"n\":-1e-300,\"t\":\"\u{FEFF}ä😀 \",\"y\":\"no\"}",
                #"{"at":null,"b":null,"d":null,"id":null,"n":null,"t":null,"y":null}"#,
            ])
    }

    @Test func `infinities and NaN have a form, dates beyond it an error`() throws {
        let odd = try table([:], .numbers("n", [.infinity, -.infinity, .nan]))
        #expect(try export.run(["form": "csv"], tables: ["in": odd]).text("file") == "n\nINF\n-INF\n\n")
        #expect(
            try export.run(["form": "jsonl"], tables: ["in": odd]).text("file")
                == "{\"n\":\"INF\"}\n{\"n\":\"-INF\"}\n{\"n\":null}\n")
        let read = try `import`.run(
            files: ["in": ("n.csv", Array("n\nINF\n-INF\n\n".utf8))],
            schema: TableSchema(["fields": [["name": "n", "type": "number"]]]))
        #expect(try read.table("table").frame["n"] == .numbers("n", [.infinity, -.infinity, nil]))
        let late = try table([:], DataColumn("d", .date, .date32([2_932_897])))
        #expect(
            export.failure(["form": "csv"], tables: ["in": late])
                == "row 1, column 'd': the date lies outside the years 1 to 9999")
        let parquet = try export.run(["form": "parquet"], tables: ["in": odd])
        let back = try ParquetFile.read(parquet.path("file")).frame
        #expect(back["n"]?.numbers?.prefix(2) == [.infinity, -.infinity])
        #expect(back["n"]?.numbers?[2].isNaN == true && back["n"]?.nullCount == 0)
    }

    @Test func `german credit survives CSV and JSON lines`() throws {
        let credit = ArrowTable(frame: try germanCredit())
        for form in ["csv", "jsonl"] {
            let file = try export.run(["form": .string(form)], tables: ["in": credit])
            let back = try `import`.run(files: ["in": ("c.\(form)", Files.read(file.path("file")))])
            let frame = try back.table("table").frame
            #expect(
                frame.columns.sorted { $0.name < $1.name }
                    == credit.frame.columns.sorted { $0.name < $1.name })
        }
    }

    @Test func `without a schema the types are those of all rows, and are told`() throws {
        var text = "n,k\n"
        for row in 0..<10_001 { text += row < 10_000 ? "\(row),a\n" : "0.5,b\n" }
        let csv = try `import`.run(files: ["in": ("t.csv", Array(text.utf8))])
        #expect(
            csv.facts["table.schema"] == [
                "fields": [["name": "n", "type": "number"], ["name": "k", "type": "category"]]
            ])
        let lines = """
            {"i":1,"f":1,"s":"2024-01-01","m":1,"o":{"b":[1,2],"a":null},"e":null}
            {"f":1.5,"s":"2024-01-02","m":"x","i":2,"z":true}
            """
        let jsonl = try `import`.run(files: ["in": ("t.jsonl", Array(lines.utf8))])
        let fields = jsonl.facts["table.schema"]?["fields"]?.array ?? []
        #expect(
            fields.map { "\($0["name"]?.string ?? "") \($0["type"]?.string ?? "")" } == [
                "e string", "f number", "i integer", "m string", "o string", "s date", "z boolean",
            ])
        let frame = try jsonl.table("table").frame
        #expect(frame["o"]?.string(0) == #"{"a":null,"b":[1,2]}"#)
        #expect(frame["z"]?.isValid(0) == false)
        #expect(frame["m"]?.string(0) == "1")
        // A schema that was told gives the same bytes when it is in force.
        let told = try TableSchema(try #require(jsonl.facts["table.schema"]))
        let again = try `import`.run(files: ["in": ("t.jsonl", Array(lines.utf8))], schema: told)
        #expect(try again.digest(["table"]) == jsonl.digest(["table"]))
        let empty = try `import`.run(files: ["in": ("t.jsonl", [])])
        #expect(empty.facts["table.rows"] == 0 && empty.facts["table.columns"] == 0)
    }

    @Test func `what does not fit is named with its row and column`() throws {
        func failure(_ name: String, _ text: String, _ schema: JSONValue? = nil) throws -> String? {
            `import`.failure(
                files: ["in": (name, Array(text.utf8))], schema: try schema.map { try TableSchema($0) })
        }
        let schema: JSONValue = [
            "fields": [
                ["name": "n", "type": "integer"],
                ["name": "k", "type": "string", "constraints": ["enum": ["a", "b"]]],
            ]
        ]
        #expect(
            try failure("t.csv", "n,k\n1,a\n2,c\nx,c\n", schema) == """
                't.csv': row 3, column 'k': 'c' is not one of 'a', 'b'; 1 more row does not fit
                  fix: correct the data or the schema
                """)
        #expect(
            try failure("t.csv", "n,k\n1,a\n2\n", schema) == """
                't.csv': row 3: it has 1 fields, the header has 2; column 'k' is missing
                  fix: correct the data or the schema
                """)
        #expect(
            try failure("t.jsonl", "{\"n\":1,\"k\":\"a\"}\n\n{\"n\":\"2\",\"k\":\"a\"}\n", schema) == """
                't.jsonl': row 3, column 'n': the text '2' is not of type integer
                  fix: correct the data or the schema
                """)
        #expect(
            try failure("t.jsonl", "{\"n\":1.5,\"k\":\"a\"}\n{\"n\":2.0}", schema) == """
                't.jsonl': row 1, column 'n': '1.5' is not of type integer
                  fix: correct the data or the schema
                """)
        #expect(
            try failure("t.jsonl", "{\"n\":1}\n[1]\n") == """
                't.jsonl': line 2 is no JSON object
                  fix: write one object a line, with a key for each column
                """)
        #expect(
            try failure("t.parquet", "PAR1") == """
                't.parquet': not a Parquet file: it must begin and end with 'PAR1'
                  fix: write or copy the file again
                """)
        #expect(
            try failure("t.xlsx", "PK") == """
                't.xlsx' is no table file by its suffix
                  expected: csv, tsv, jsonl, arrow, parquet
                  fix: name it by its form, such as table.csv
                """)
        #expect(
            try failure("t.arrow", "n,k\n") == """
                't.arrow': not an Arrow IPC file: it must begin and end with 'ARROW1'
                  fix: write or copy the file again
                """)
    }

    @Test func `an Arrow file is held to the schema`() throws {
        let rows = try table(
            [:], .integers("n", [1, 2]), .texts("k", ["a", "z"]), .integers("x", [1, nil]))
        let file = try export.run(["form": "arrow"], tables: ["in": rows])
        let bytes = try Files.read(file.path("file"))
        func failure(_ fields: JSONValue) throws -> String? {
            `import`.failure(files: ["in": ("t.arrow", bytes)], schema: try TableSchema(["fields": fields]))
        }
        #expect(
            try failure([
                ["name": "n", "type": "date"], ["name": "k"], ["name": "x", "type": "integer"],
            ]) == """
                column 'n' is of type integer; the schema says date
                  fix: correct the schema, or write the column in the type it says
                """)
        #expect(
            try failure([
                ["name": "n", "type": "number"], ["name": "k", "constraints": ["enum": ["a"]]],
                ["name": "x", "type": "integer", "constraints": ["required": true]],
            ]) == """
                't.arrow': row 2, column 'k': 'z' is not one of 'a'
                  fix: correct the data or the schema
                """)
        let widened = try `import`.run(
            files: ["in": ("t.arrow", bytes)],
            schema: TableSchema([
                "fields": [
                    ["name": "x", "type": "integer"], ["name": "n", "type": "number"],
                    ["name": "k", "type": "category"],
                ]
            ]))
        #expect(
            try widened.table("table").frame
                == frame(
                    .integers("x", [1, nil]), .numbers("n", [1, 2]),
                    .categories("k", ["a", "z"], levels: ["a", "z"])))
    }

    @Test func `the columns of a stored table are told from its head`() throws {
        let file = try export.run(["form": "arrow"], tables: ["in": everything()])
        let type = try StageLibrary.tableType(ofArtifact: file.path("file"))
        #expect(type.names == ["id", "n", "t", "y", "b", "d", "at"])
        #expect(type["y"]?.role == .target && type["at"]?.type == .timestamp)
        let error = #expect(throws: StageError.self) { try StageLibrary.tableType(ofArtifact: "/nowhere") }
        #expect(error?.message == "cannot read '/nowhere': No such file or directory")
    }

    /// The digest of what `form: parquet` wrote, as an Arrow file.
    private func parquetReadBack() throws -> String {
        let file = try export.run(["form": "parquet"], tables: ["in": everything()])
        let table = try ParquetFile.read(file.path("file"))
        #expect(table == (try everything()))
        return try export.run(["form": "arrow"], tables: ["in": table]).digest(["file"])
    }

    @Test func `bytes of outputs are pinned`() throws {
        try expectGoldens(
            "table.export",
            ["csv", "jsonl", "arrow"].map { form in
                (
                    "form \(form)",
                    try export.run(["form": .string(form)], tables: ["in": everything()]).digest(["file"])
                )
            }
                + [
                    // What zstd makes of it differs between its versions.
                    ("form parquet, read back", try parquetReadBack())
                ])
        let schema = try TableSchema(declared)
        try expectGoldens(
            "table.import",
            ["csv", "jsonl", "arrow", "parquet"].flatMap { form in
                let file = try export.run(["form": .string(form)], tables: ["in": everything()])
                let bytes = try Files.read(file.path("file"))
                return [
                    (
                        "\(form) with a schema",
                        try `import`.run(files: ["in": ("t.\(form)", bytes)], schema: schema).digest(["table"]
                        )
                    ),
                    (
                        "\(form) inferred",
                        try `import`.run(files: ["in": ("t.\(form)", bytes)]).digest(["table"])
                    ),
                ]
            })
    }
}
