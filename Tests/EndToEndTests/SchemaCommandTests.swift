import CanonicalJSON
import Platform
import Testing

/// `sluice schema infer` and `sluice show --schema`.
@Suite struct SchemaCommandTests {
    private static let rows = "day,n\n" + (0..<20).map { "2024-01-\($0 + 10),\($0 % 4)\n" }.joined()

    @Test func aSchemaIsInferredPrintedAndWritten() throws {
        let place = try Workplace("stages: {}\n")
        try place.write("rows.csv", Self.rows)
        let printed = try place.sluice("schema", "infer", "rows.csv")
        #expect(printed.status == 0 && printed.err == "")
        #expect(printed.out.hasPrefix("# A Table Schema, inferred from all 20 rows of rows.csv:"))
        let written = try place.sluice("schema", "infer", "rows.csv", "-o", "rows.yaml")
        #expect(written.status == 0 && written.out == "")
        #expect(written.err == "written rows.yaml: 2 fields, from all 20 rows\n")
        #expect(try place.read("rows.yaml") == printed.out)
        let again = try place.sluice("schema", "infer", "rows.csv", "-o", "rows.yaml")
        #expect(again.status == 2 && again.err.contains("'rows.yaml' is there already"))
        let json = try place.sluice("schema", "infer", "rows.csv", "--json")
        #expect(try JSONValue(parsing: json.out)["fields"]?.array?.count == 2)
        #expect(
            json.err.contains(
                "n (integer): A value in every row; 4 different: '0' 5, '1' 5, '2' 5, '3' 5; 0 to 3.\n"))
    }

    @Test func standardInputIsReadToo() throws {
        let place = try Workplace("stages: {}\n")
        try place.write("rows.jsonl", "{\"a\":1}\n{\"a\":2}\n")
        let command =
            "cd '\(place.folder)' && '\(Workplace.program)' schema infer - --format jsonl --json < rows.jsonl 2> /dev/null"
        let out = try Subprocess.output(of: ["sh", "-c", command])
        #expect(try JSONValue(parsing: out)["fields"]?.array?.first?["type"] == "integer")
    }

    @Test func theSchemaInForceIsShownWithItsRoles() throws {
        let place = try Workplace(
            """
            stages:
              rows: { uses: collect.csv, with: { path: rows.csv, schema: rows.yaml } }
              guessed: { uses: collect.csv, with: { path: rows.csv } }
              split: { uses: split.rows, in: rows }

            """)
        try place.write("rows.csv", Self.rows)
        try place.write(
            "rows.yaml",
            "fields:\n  - { name: day, type: date, role: time }\n  - { name: n, type: integer, constraints: { minimum: 0 } }\n"
        )
        // What is declared is known before anything ran.
        let declared = try place.sluice("show", "rows", "--schema")
        #expect(
            declared.out == """
                # The schema of rows.table, as the pipeline declares it.
                fields:
                  - name: day
                    type: date
                    role: time
                  - name: "n"
                    type: integer
                    constraints:
                      minimum: 0

                """)
        #expect(try place.sluice("run").status == 0)
        #expect(
            try place.sluice("show", "guessed", "--schema").out.hasPrefix(
                "# The schema of guessed.table, inferred and pinned in the lock.\nfields:\n"))
        let stored = try place.sluice("show", "split.train", "--schema")
        #expect(stored.out.hasPrefix("# What is known of split.train as it is stored.\n"), "\(stored)")
        #expect(stored.out.contains("    role: time\n"))
        let json = try place.sluice("show", "rows", "--schema", "--json")
        #expect(try JSONValue(parsing: json.out)["fields"]?.array?.first?["role"] == "time")
    }
}
