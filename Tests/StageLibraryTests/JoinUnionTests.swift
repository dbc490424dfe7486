import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import StageLibrary
import TableTypes
import Testing

@Suite struct JoinUnionTests {
    let union: KindHarness
    let a: ArrowTable
    let b: ArrowTable

    init() throws {
        union = try KindHarness("join.union")
        a = try table(
            ["id": .id], .integers("id", [1, 2]), .categories("c", ["y", "x"], levels: ["x", "y"]),
            .numbers("only", [0.5, nil]))
        b = try table(
            ["c": .target], .categories("c", ["z", "y"], levels: ["z", "y"]), .numbers("id", [2.5, nil]))
    }

    private func run(_ missing: String, _ tables: [ArrowTable]) throws -> (ArrowTable, digest: String) {
        let workspace = try Workspace()
        var inputs: [StageRun.Artifact] = []
        for (number, table) in tables.enumerated() {
            let path = workspace.place("\(number).arrow")
            try ArrowFile.write(table.frame, roles: table.roles, to: path)
            inputs.append(.init(port: "in", type: .table, path: path, basename: "table \(number)"))
        }
        let output = workspace.place("table")
        try union.kind.run(
            StageRun(parameters: ["missing": .string(missing)], inputs: inputs, outputs: ["table": output]))
        return (try ArrowFile.read(output), try workspace.digest("table"))
    }

    @Test func `rows come table by table, columns by name, levels in order`() throws {
        let (made, _) = try run("null", [a, b])
        #expect(
            try made.frame
                == frame(
                    .numbers("id", [1, 2, 2.5, nil]),
                    .categories("c", ["y", "x", "z", "y"], levels: ["x", "y", "z"]),
                    .numbers("only", [0.5, nil, nil, nil])))
        #expect(made.roles == ["id": .id, "c": .target])
        #expect(try run("drop", [a, b]).0.frame.names == ["id", "c"])
        #expect(try run("null", [b.gather([]), a]).0.frame.count == 2)
        #expect(try run("error", [a]).0 == a)
    }

    @Test func `what cannot stand below one another is named, before the run and in it`() throws {
        #expect(
            stageError { _ = try run("error", [a, b]) } == """
                table 2 has no column 'only'
                fix: write missing: null, or add the column in a table.select before
                """)
        let texts = try table([:], .texts("id", ["x"]))
        #expect(
            stageError { _ = try run("null", [a, texts]) } == """
                column 'id' of type text in table 2 cannot stand below one of type integer
                fix: cast one of them in a table.select before
                """)
        let types: [String: StaticType] = ["in": .list([.table(a.tableType), .table(texts.tableType)])]
        let said = try union.check("{ missing: error }", types).text
        #expect(
            said.contains("error: column 'id' of type text in table 2 cannot stand below one of type integer")
        )
        #expect(said.contains("error: table 2 has no column 'c'"))
    }

    @Test func `types of the result are known before the run`() throws {
        let types: [String: StaticType] = ["in": .list([.table(a.tableType), .table(b.tableType)])]
        let (text, outputs) = try union.check("{ missing: 'null' }", types)
        #expect(text.isEmpty)
        #expect(
            outputs["table"]
                == .table(
                    TableType([
                        Column("id", .number, role: .id),
                        Column("c", .category, role: .target, levels: ["x", "y", "z"], isNullable: false),
                        Column("only", .number),
                    ])))
        let open = try union.check(
            "{ missing: error }", ["in": .list([.table(a.tableType), .table(.unknown)])])
        #expect(open.text.isEmpty)
        guard case .table(let type)? = open.outputs["table"] else {
            Issue.record("no table")
            return
        }
        #expect(type.isOpen)
    }

    @Test func `bytes of outputs are pinned`() throws {
        var cases: [(String, String)] = []
        for missing in ["error", "null", "drop"] {
            let tables = missing == "error" ? [a, a.gather([1])] : [a, b]
            cases.append((missing, try run(missing, tables).digest))
        }
        try expectGoldens("join.union", cases)
    }
}
