import Diagnostics
import Testing

private enum SampleFinding: Finding {
    case noColumn(String)
    case hint

    var severity: Diagnostic.Severity { if case .hint = self { .warning } else { .error } }
    var message: String { if case .noColumn(let name) = self { "no column '\(name)'" } else { "a hint" } }
    var notes: [Diagnostic.Note] { [.init("columns", "a, b")] }
    var fix: String? { didYouMean("creditabilty", among: ["credit_amount", "creditability"]) }
}

@Suite struct DiagnosticRendererTests {
    let source = SourceText(path: "a.yaml", text: "x: 1\n\t数据: creditabilty # c\n")

    @Test func caretStandsUnderWideCharactersAndTabs() {
        let range = SourceRange(source, start: Mark(line: 2, column: 6), end: Mark(line: 2, column: 18))
        #expect(
            DiagnosticRenderer().render(SampleFinding.noColumn("creditabilty").at(range)) == """
                a.yaml:2:6: error: no column 'creditabilty'
                \t数据: creditabilty # c
                \t      ^~~~~~~~~~~~
                  columns: a, b
                  fix: did you mean 'creditability'?

                """)
    }

    @Test func findingsAreSortedByPlaceAndTheSameOneCountsOnce() {
        var all = Diagnostics()
        let second = SourceRange(source, start: Mark(line: 2, column: 1), end: Mark(line: 2, column: 2))
        let first = SourceRange(source, start: Mark(line: 1, column: 1), end: Mark(line: 1, column: 2))
        all.add(SampleFinding.hint, at: second)
        all.add(SampleFinding.noColumn("z"), at: second)
        all.add(SampleFinding.noColumn("z"), at: first)
        all.add(SampleFinding.noColumn("z"), at: first)
        #expect(all.sorted.map(\.code) == ["noColumn", "noColumn", "hint"])
        #expect(all.sorted.map { Int($0.range!.start.line) } == [1, 2, 2])
    }

    @Test func controlCharactersOfTheUserNeverReachTheTerminal() {
        let text = DiagnosticRenderer().render(
            Diagnostic(code: "x", at: nil, "no '\u{1B}[31m'", fix: "a\u{7}"))
        #expect(text == "error: no '\\u{1b}[31m'\n  fix: a\\u{7}\n")
    }

    @Test func aSuggestionMustBeNear() {
        #expect(closest(to: "scael", among: ["scale", "encode"]) == "scale")
        #expect(closest(to: "x", among: ["y"]) == nil)
        #expect(closest(to: "completely", among: ["different"]) == nil)
    }
}
