import CanonicalJSON
import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing
import YAMLSyntax

@testable import Projects

/// Schemas as people see them.
@Suite struct SchemaInferTests {
    private static let csv = """
        id,plan,joined,amount,note: why?
        a1,basic,2024-01-01,10,
        a2,pro,2024-01-02,12.5,"it is, they say, # too dear"
        a3,basic,2024-01-02,n/a,
        a4,basic,2024-01-03,10,
        a5,pro,2024-01-03,11,
        a6,basic,2024-01-04,10,
        a7,basic,2024-01-04,10,
        a8,"no",2024-01-05,10,

        """

    private func infer(
        _ path: String, _ parameters: JSONValue = [:], form: TableForm? = nil
    ) throws -> InferredSchema {
        try InferredSchema(of: path, form: form, parameters) { _, _ in }
    }

    private func finding(_ body: () throws -> Void) throws -> String {
        let error = try #require(throws: DiagnosticError.self, performing: body)
        return DiagnosticRenderer().render(error.diagnostics)
    }

    @Test func `what is inferred is YAML with comments, and reads back as it is`() throws {
        let scratch = try Scratch()
        try scratch.write(Self.csv, to: "customers.csv")
        let inferred = try infer(scratch.path + "/customers.csv")
        let text = inferred.text(source: scratch.path + "/customers.csv")
        try expectGolden(text, "inferred.schema.yaml")
        #expect(try read(text) == inferred.schema)
        #expect(inferred.remarksText.contains("joined (date): A value in every row; 5 different;"))
    }

    private func read(_ text: String) throws -> TableSchema {
        var findings = Diagnostics()
        let node = try #require(parseYAML(SourceText(path: "s.yaml", text: text), into: &findings))
        #expect(findings.isEmpty)
        return try TableSchema(JSONValue(node))
    }

    @Test func `any text stands in a schema that reads back`() throws {
        let odd = [
            "yes", "1", "", " x", "a: b", "# c", "\"", "é\n\t", "null", "~", "- a", "0x1F", "[", "ja/nein",
        ]
        let schema = TableSchema(
            odd.filter { !$0.isEmpty }.map {
                .init($0, .string, description: $0, constraints: .init(levels: odd))
            },
            missingValues: odd)
        #expect(try read(SchemaText(schema).text) == schema)
    }

    @Test func `what cannot be inferred is said`() throws {
        let scratch = try Scratch()
        try scratch.write("", to: "empty.csv")
        try scratch.write("x", to: "data.txt")
        try scratch.write("<a/>", to: "a.xml")
        try scratch.write("7\n", to: "a.jsonl")
        func said(_ name: String, _ parameters: JSONValue = [:]) throws -> String {
            var text = try finding { _ = try infer(scratch.path + "/" + name, parameters) }
            while let range = text.firstRange(of: scratch.path + "/") { text.removeSubrange(range) }
            return text
        }
        #expect(
            try said("data.txt") == """
                error: 'data.txt' is no table file by its suffix
                  forms: csv, jsonl, json, xml, parquet, arrow
                  fix: name it with --format

                """)
        #expect(
            try said("a.xml") == """
                error: XML says by itself neither what its rows are nor what its columns are
                  fix: name them: --rows //record --column title=head/title --column date=@date

                """)
        #expect(
            try said("a.jsonl", ["delimiter": ";"]) == """
                error: 'delimiter' means nothing for a file of form jsonl

                """)
        try scratch.write("a;b\n1;2\n", to: "rows.csv")
        #expect(
            try said("rows.csv", ["encoding": "nonsense"]) == """
                error: 'nonsense' is no encoding
                  encodings: auto, utf-8, utf-16, latin-1, gb18030

                """)
        #expect(
            try said("rows.csv", ["delimiter": ";;"]) == """
                error: ';;' is no delimiter
                  expected: auto, tab, or one ASCII character

                """)
        #expect(
            try said("rows.csv", ["quote": "é"]) == """
                error: 'é' is no quote
                  expected: one ASCII character, or "" for none

                """)
        #expect(
            try said("rows.csv", ["quote": ";", "delimiter": ";"]) == """
                error: ';' cannot be delimiter and quote at once

                """)
        try scratch.write("[]", to: "a.json")
        #expect(try said("a.json", ["rows": "a..b"]).hasPrefix("error: 'a..b' has an empty key\n"))
        #expect(
            try said("a.xml", ["rows": "a[1]", "columns": ["b": "@b"]]).hasPrefix(
                "error: rows: 'a[1]' is no path to elements: "))
        #expect(try said("empty.csv").hasPrefix("error: 'empty.csv' cannot be read as a table: "))
        #expect(
            try said("a.jsonl") == """
                error: 'a.jsonl' cannot be read as a table: row 1: it is no JSON object

                """)
        #expect(try said("none.csv").contains("none.csv"))
        let inferred = try { () throws in
            try scratch.write("a\n1\n", to: "a.csv")
            return try infer(scratch.path + "/a.csv")
        }()
        #expect(
            try finding { try inferred.write("x", to: scratch.path + "/data.txt", overwrites: false) }
                .hasSuffix("is there already\n  fix: take another name, or write over it with --force\n"))
        try inferred.write("y", to: scratch.path + "/data.txt", overwrites: true)
        #expect(try scratch.text("data.txt") == "y")
    }

    @Test func `standard input leaves no file behind, and can be read twice`() throws {
        let scratch = try Scratch()
        let text = [UInt8](repeating: 0x61, count: 30_000)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        try Files.writeAll(text, to: ends[1], path: "a pipe")
        close(ends[1])
        let input = try SpooledInput(ends[0], in: scratch.path)
        close(ends[0])
        #expect(try Files.list(scratch.path).isEmpty)
        for _ in 0..<2 { #expect(try Files.read(input.path) == text) }
        #expect(try MappedFile(input.path).bytes.elementsEqual(text))
        #expect(throws: SystemError.self) { try SpooledInput(-1, in: scratch.path) }
        #expect(throws: SystemError.self) { try SpooledInput(-1, in: scratch.path + "/none") }
        withExtendedLifetime(input) {}
    }
}
