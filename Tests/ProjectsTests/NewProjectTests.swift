import CanonicalJSON
import Diagnostics
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing
import YAMLSyntax

@testable import Projects

@Suite struct NewProjectTests {
    @Test func theExampleHasRowsOfBothClassesThatFitItsSchema() throws {
        let scratch = try Scratch()
        let outcomes = try NewProject.example().write(to: scratch.path)
        #expect(outcomes.allSatisfy { $0.outcome == .written })
        #expect(
            outcomes.map(\.path) == [
                "sluice.yaml", "schemas/pipeline.schema.json", ".gitignore", ".gitattributes",
                "pipelines/seedlings.yaml", "schemas/seedlings.yaml", "data/seedlings.csv",
            ])
        let rows = try scratch.text("data/seedlings.csv").split(separator: "\n")
        #expect(rows.count == 61)
        #expect(rows[1] == "1,6.7,126,loam,true")
        let thriving = rows.count { $0.hasSuffix(",true") }
        #expect((24...36).contains(thriving), "\(thriving) of 60")
        #expect(rows.contains { $0.contains(",,") })
        let schema = try TableSchema(json(try scratch.text("schemas/seedlings.yaml")))
        let collect = try #require(StageLibrary.catalog["collect.csv"])
        let outputs = Dictionary(
            uniqueKeysWithValues: collect.outputs.map { ($0.name, scratch.path + "/" + $0.name) })
        var parameters: [String: JSONValue] = ["path": "data/seedlings.csv"]
        for parameter in collect.parameters {
            if case .defaulted(let value) = parameter.presence { parameters[parameter.name] = value }
        }
        try collect.run(
            StageRun(
                parameters: .object(parameters), schema: schema,
                inputs: [
                    .init(
                        port: "path", type: .file, path: scratch.path + "/data/seedlings.csv",
                        basename: "seedlings.csv")
                ], outputs: outputs))
        let preview = try TablePreview(
            ofTable: try #require(outputs[collect.outputs[0].name]), rows: 3)
        #expect(preview.rows == 60)
        #expect(preview.columns.map(\.nulls) == [0, 0, 4, 0, 0])
        #expect(preview.columns.map(\.role) == [.id, nil, nil, nil, .target])
    }

    private func json(_ yaml: String) throws -> JSONValue {
        var findings = Diagnostics()
        let node = parseYAML(SourceText(path: "x.yaml", text: yaml), into: &findings)
        #expect(findings.isEmpty, "\(findings.sorted.map(\.message))")
        return JSONValue(try #require(node))
    }

    @Test func whatIsThereIsLeftAndLinesAreAddedOnce() throws {
        let scratch = try Scratch()
        try scratch.write("mine", to: "sluice.yaml")
        try scratch.write("*.o", to: ".gitignore")
        let first = try NewProject.example().write(to: scratch.path)
        #expect(first.filter { $0.outcome == .left }.map(\.path) == ["sluice.yaml"])
        #expect(first.filter { $0.outcome == .extended }.map(\.path) == [".gitignore"])
        #expect(try scratch.text("sluice.yaml") == "mine")
        #expect(try scratch.text(".gitignore") == "*.o\n/.sluice/\n/reports/\n")
        let second = try NewProject.example().write(to: scratch.path)
        #expect(second.allSatisfy { $0.outcome == .left })
        #expect(try scratch.text(".gitignore") == "*.o\n/.sluice/\n/reports/\n")
    }

    @Test func aTableGetsASchemaAndAPipeline() throws {
        let scratch = try Scratch()
        var csv = "customer_id,age,plan,joined,churned: yes?\n"
        for row in 0..<40 {
            csv += "\(row),\(20 + row).5,\(row % 3 == 0 ? "basic" : "plus"),2024-01-\(10 + row % 9),"
            csv += "\(row % 2 == 0)\n"
        }
        try scratch.write(csv, to: "data/my customers.csv")
        let files = try NewProject.about(
            data: scratch.path + "/data/my customers.csv", target: "churned: yes?", in: scratch.path)
        let outcomes = try files.write(to: scratch.path)
        #expect(
            outcomes.map(\.path) == [
                "sluice.yaml", "schemas/pipeline.schema.json", ".gitignore", ".gitattributes",
                "pipelines/my_customers.yaml", "schemas/my_customers.yaml",
            ])
        try expectGolden(try scratch.text("pipelines/my_customers.yaml"), "customers.pipeline.yaml")
        try expectGolden(try scratch.text("schemas/my_customers.yaml"), "customers.schema.yaml")
        let schema = try TableSchema(json(try scratch.text("schemas/my_customers.yaml")))
        #expect(schema.fields.map(\.role) == [.id, nil, nil, nil, .target])
        _ = try json(try scratch.text("pipelines/my_customers.yaml"))
    }

    @Test func dataFromElsewhereAreCopiedIn() throws {
        let (scratch, other) = (try Scratch(), try Scratch())
        try other.write("a,b\n1,x\n2,y\n3,x\n4,y\n", to: "t.csv")
        let files = try NewProject.about(data: other.path + "/t.csv", target: "b", in: scratch.path)
        _ = try files.write(to: scratch.path)
        #expect(try scratch.text("data/t.csv") == "a,b\n1,x\n2,y\n3,x\n4,y\n")
        #expect(try scratch.text("pipelines/t.yaml").contains("path: //data/t.csv\n"))
    }

    private func finding(_ data: String, _ target: String) throws -> String {
        do {
            _ = try NewProject.about(data: data, target: target, in: "/tmp")
        } catch let error as DiagnosticError {
            return DiagnosticRenderer().render(error.diagnostics)
        }
        return "no finding"
    }

    @Test func whatCannotBeLearnedIsSaid() throws {
        let scratch = try Scratch()
        try scratch.write("age,churned,price\n1,true,1.5\n2,false,2.5\n", to: "t.csv")
        let path = scratch.path + "/t.csv"
        #expect(
            try finding(path, "chruned") == """
                error: '\(path)' has no column 'chruned'
                  columns: age, churned, price
                  fix: did you mean 'churned'?

                """)
        #expect(
            try finding(path, "price") == """
                error: column 'price' holds values of type number, and a target has classes
                  expected: a column of type boolean, integer, category or text
                  fix: name another column, or one that says to which class a row belongs

                """)
        #expect(try finding("/nowhere.csv", "x") == "error: there is no file '/nowhere.csv'\n")
    }

    @Test func namesOfFilesBecomeNamesOfPipelines() {
        #expect(NewProject.name(of: "my data (1).csv") == "my_data__1_")
        #expect(NewProject.name(of: "größe.csv") == "größe")
        #expect(NewProject.name(of: "??.csv") == "table")
        #expect(YAMLText.scalar("no") == "\"no\"")
        #expect(YAMLText.scalar("a: b") == "\"a: b\"")
        #expect(YAMLText.scalar("1a") == "\"1a\"")
        #expect(YAMLText.scalar("größe_2") == "größe_2")
    }
}
