import CanonicalJSON
import Diagnostics
import PipelineLanguage
import StageLibrary
import Testing

@Suite struct CatalogTests {
    static let names = StageLibrary.catalog.names

    /// Whatever the example's stage reads is made up by commands, so that the
    /// example is read as part of a pipeline.
    @Test(arguments: names) func `the example of a kind is read without a finding`(name: String) throws {
        let kind = try #require(StageLibrary.catalog[name])
        let lines = kind.example.split(separator: "\n", omittingEmptySubsequences: false)
        var text = "stages:\n" + lines.map { "  \($0)\n" }.joined()
        for (stage, outputs) in sources(of: kind) {
            text += "  \(stage):\n    run: 'true'\n    out: { \(outputs.joined(separator: ", ")) }\n"
        }
        // No command gives a transform.
        if name != "features.fit", let fit = StageLibrary.catalog["features.fit"] {
            text += fit.example.split(separator: "\n").map { "  \($0)\n" }.joined()
        }
        var findings = Diagnostics()
        let source = SourceText(path: "example.yaml", text: text)
        _ = PipelineReader(catalog: StageLibrary.catalog).read(source, into: &findings)
        #expect(DiagnosticRenderer().render(findings) == "", "\(text)")
        #expect(kind.example.contains("uses: \(name)"))
    }

    /// Stages an example may name, with outputs of the types it wants.
    private func sources(of kind: StageKind) -> [(stage: String, outputs: [String])] {
        let all: [(stage: String, outputs: [String])] = [
            ("applications", ["t: { table: t.csv }"]), ("clean", ["t: { table: t.csv }"]),
            ("split", ["train: { table: t.csv }", "test: { table: e.csv }"]),
            ("model", ["m: { model: m }"]),
        ]
        return all.filter { !kind.example.hasPrefix("\($0.stage):") }
    }

    @Test(arguments: names) func `a kind says what it and its parameters are for`(name: String) throws {
        let kind = try #require(StageLibrary.catalog[name])
        #expect(kind.documentation.count > 100)
        #expect(kind.summary.hasSuffix("."))
        for parameter in kind.parameters { #expect(parameter.summary.hasSuffix("."), "\(parameter.name)") }
        for port in kind.inputs.map(\.summary) + kind.outputs.map(\.summary) { #expect(port.hasSuffix(".")) }
        #expect(kind.page.contains(kind.summary))
    }

    @Test func `the conversions of the runner are in no pipeline's catalog`() {
        #expect(StageLibrary.conversions.names == ["table.export", "table.import"])
        #expect(StageLibrary.conversions.names.allSatisfy { StageLibrary.catalog[$0] == nil })
    }
}
