import Diagnostics
import Glibc
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
    // A first line `# with: -S lr=0.3 --profile quick` is what the command line says.
    var context = ReadingContext(
        environment: { ["HOME_OF_TESTS": "/home/tests", "SECRET": "s"][$0] },
        load: { path in
            guard let bytes = try? Files.read("\(fixtures)/\(path.text)") else { throw NoSuchFile() }
            return SourceText(path: path.text, bytes: bytes)
        })
    let first = source.line(1)
    if first.hasPrefix("# with: ") {
        let words = first.dropFirst(8).split(separator: " ").map(String.init)
        for (option, value) in zip(words, words.dropFirst()) {
            if option == "--profile" { context.profile = value }
            if option == "-S", let equals = value.firstIndex(of: "=") {
                context.overrides.append(
                    (String(value[..<equals]), String(value[value.index(after: equals)...])))
            }
        }
    }
    let clock = CPUClock()
    _ = PipelineReader(catalog: StageCatalog([sampleKind]), context: context).read(source, into: &findings)
    #expect(clock.milliseconds < 50, "\(name) took \(clock.milliseconds) ms")
    return findings
}

private struct NoSuchFile: Error, CustomStringConvertible { let description = "no such file" }

/// CPU time of this thread, which a busy machine does not lengthen.
struct CPUClock {
    private let start = CPUClock.now
    var milliseconds: Double { Self.now - start }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
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

    @Test(arguments: [1000, 10_000])
    func stagesAreReadInLinearTime(count: Int) throws {
        var text = "stages:\n"
        for stage in 0..<count {
            let reads = stage < 2 ? "" : "a: s\(stage - 1), b: s\(stage - 2)"
            let uses = stage < 2 ? "" : "cat ${in.a} ${in.b} >"
            text += "  s\(stage): { run: '\(uses) ${out.o}', out: { o: o }, in: { \(reads) } }\n"
        }
        var findings = Diagnostics()
        let source = SourceText(path: "p.yaml", text: text)
        let clock = CPUClock()
        let pipeline = PipelineReader(catalog: StageCatalog([])).read(source, into: &findings)
        let elapsed = clock.milliseconds
        #expect(findings.isEmpty && pipeline?.stages.count == count)
        // Ten times what it takes alone on this kind of machine.
        #expect(elapsed < Double(count) * 0.1, "\(count) stages took \(elapsed) ms")
        print("\(count) stages: \(elapsed) ms")
    }
}
