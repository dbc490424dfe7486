import Diagnostics
import PipelineLanguage
import Platform
import Testing

/// Each `Fixtures/NAME.yaml` is a pipeline; `Fixtures/NAME.txt` is the whole
/// text `check` prints for it, rewritten only under RECORD_GOLDENS=1.
private let fixtures = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

private let names = ((try? Files.list(fixtures)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }

private func findings(of name: String) throws -> Diagnostics {
    var findings = Diagnostics()
    let source = SourceText(path: "\(name).yaml", bytes: try Files.read("\(fixtures)/\(name).yaml"))
    _ = PipelineReader(catalog: StageCatalog([sampleKind])).read(source, into: &findings)
    return findings
}

@Suite struct PipelineReaderTests {
    @Test(arguments: names)
    func aFixtureGivesExactlyItsFindings(name: String) throws {
        let text = DiagnosticRenderer().render(try findings(of: name))
        if recordsGoldens { try Files.write(Array(text.utf8), to: "\(fixtures)/\(name).txt") }
        let golden = try Files.read("\(fixtures)/\(name).txt")
        #expect(text == String(decoding: golden, as: UTF8.self))
    }

    /// A case nobody can trigger, or nobody has tried, is a case nobody has read.
    @Test func everyFindingHasAFixture() throws {
        let seen = Set(try names.flatMap { try findings(of: $0).all.map(\.code) })
        let source = try Files.read(
            fixtures + "/../../../Sources/PipelineLanguage/LanguageFinding.swift")
        let declared = String(decoding: source, as: UTF8.self).split(separator: "\n")
            .filter {
                $0.hasPrefix("    case ") && !$0.contains(":")
                    || $0.hasPrefix("    case ") && $0.contains("(")
            }
            .filter { !$0.contains("case .") }
            .map { $0.dropFirst(9).prefix { $0.isLetter || $0.isNumber } }.map(String.init)
        #expect(declared.count > 25)
        #expect(declared.filter { !seen.contains($0) } == [])
    }

    @Test func aPipelineIsReadWithAllItsParts() throws {
        var findings = Diagnostics()
        let source = SourceText(
            path: "p.yaml", bytes: try Files.read("\(fixtures)/everything-is-fine.yaml"))
        let pipeline = try #require(
            PipelineReader(catalog: StageCatalog([sampleKind])).read(source, into: &findings))
        #expect(findings.isEmpty)
        #expect(pipeline.stages.map(\.name) == ["a", "b", "c"])
        let stage = pipeline.stages[0]
        #expect(stage.timeout == 90 && stage.retries == 2)
        #expect(stage.resources.cores == 2 && stage.resources.memory == 1_610_612_736)
        guard case .command(let command) = stage.body else {
            Issue.record("a is a command")
            return
        }
        #expect(command.outputs.map(\.form) == [.table, .metrics, .dir, .model])
        #expect(command.secrets == ["C"] && command.unkeyedEnvironment == ["B"])
        #expect(stage.after.map(\.stage) == ["b"])
    }

    @Test func aThousandStagesAreCheckedInMilliseconds() throws {
        var text = "stages:\n"
        for stage in 0..<1000 {
            let reads = stage < 2 ? "" : ", in: { a: s\(stage - 1), b: s\(stage - 2) }"
            text += "  s\(stage): { run: 'cat ${in.a} ${in.b} > ${out.o}', out: { o: o }\(reads) }\n"
        }
        var findings = Diagnostics()
        let clock = ContinuousClock()
        let source = SourceText(path: "p.yaml", text: text)
        let elapsed = clock.measure {
            _ = PipelineReader(catalog: StageCatalog([])).read(source, into: &findings)
        }
        #expect(findings.all.count { $0.severity == .error } == 2 * 2)
        #expect(elapsed < .seconds(5), "took \(elapsed)")
    }
}
