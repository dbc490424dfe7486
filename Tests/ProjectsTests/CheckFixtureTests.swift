import Diagnostics
import Glibc
import Platform
import Projects
import Testing

/// Whether goldens are written instead of compared; never set in CI.
private let recordsGoldens = getenv("RECORD_GOLDENS") != nil && getenv("CI") == nil

/// Each `Fixtures/NAME.yaml` is a pipeline of real stage kinds on the small
/// data beside it; `Fixtures/NAME.txt` is the whole text `sluice check` prints.
private let fixtures = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

private let names = ((try? Files.list(fixtures)) ?? []).filter {
    $0.hasSuffix(".yaml") && !$0.hasSuffix(".schema.yaml") && !$0.hasSuffix(".part.yaml")
        && $0 != "sluice.yaml"
}.map { String($0.dropLast(5)) }

private func findings(of name: String) -> Diagnostics {
    var findings = Diagnostics()
    _ = LoadedPipeline.load("\(fixtures)/\(name).yaml", into: &findings)
    return findings
}

/// As it reads in a checkout of any place.
private func text(_ findings: Diagnostics) -> String {
    var text = DiagnosticRenderer().render(findings)
    for prefix in [fixtures + "/", "Tests/ProjectsTests/Fixtures/"] {
        while let range = text.firstRange(of: prefix) { text.removeSubrange(range) }
    }
    return text
}

private func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

@Suite struct CheckFixtureTests {
    @Test(arguments: names)
    func aFixtureGivesExactlyItsFindings(name: String) throws {
        let start = processorMilliseconds()
        let found = findings(of: name)
        let elapsed = processorMilliseconds() - start
        #expect(elapsed < 50, "\(name) took \(elapsed) ms")
        let text = text(found)
        if recordsGoldens { try Files.write(Array(text.utf8), to: "\(fixtures)/\(name).txt") }
        let golden = try Files.read("\(fixtures)/\(name).txt")
        #expect(text == String(decoding: golden, as: UTF8.self))
    }

    /// Cases of a finding enum, by its source.
    private func cases(_ path: String) throws -> [String] {
        let source = try Files.read("\(fixtures)/../../../Sources/\(path).swift")
        return String(decoding: source, as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("    case ") && !$0.hasPrefix("    case .") && !$0.hasSuffix(":")
        }.map { $0.dropFirst(9).prefix { $0.isLetter || $0.isNumber } }.map(String.init)
    }

    /// What only rows, and not types, can show; the kinds' own tests hold it.
    private static let onlyFromData: Set<String> = [
        "columnWithoutValues", "infiniteColumn", "notLearned", "unknownLevel", "badTransform",
        "targetWithoutValue",
        "tooManyClasses", "oneClass", "noRows", "missingValue", "valueTooLarge", "noAnswer", "unknownClass",
        "labelWithoutClass", "twoClassesOnly", "notConverged", "diverged", "badModel", "noValue",
        "levelTooSmall", "emptyPart", "tooFewGroups", "tooFewContents", "tooFewRows",
    ]

    /// A case nobody can trigger, or nobody has tried, is a case nobody has read.
    @Test func everyFindingThatACheckCanRaiseHasAFixture() throws {
        let seen = Set(names.flatMap { findings(of: $0).all.map(\.code) })
        let declared = try [
            "Planner/PlanFinding", "StageLibrary/StageLibraryFinding", "StageLibrary/Models/ModelFinding",
            "StageLibrary/Collect/CollectFinding", "StageLibrary/Split/SplitFinding",
        ].flatMap(cases)
        #expect(declared.count > 45)
        #expect(declared.filter { !seen.contains($0) && !Self.onlyFromData.contains($0) } == [])
        #expect(Self.onlyFromData.intersection(seen) == [])
    }

    @Test(arguments: names.filter { $0.hasPrefix("leak-") && $0 != "leak-accepted" })
    func aLeakNamesBothPlaces(name: String) throws {
        let leak = try #require(
            findings(of: name).all.first { $0.code == "leak" || $0.code == "possibleLeak" })
        #expect(leak.range != nil)
        let place = try #require(leak.notes.first { $0.label == "trained at" }).text
        #expect(place.contains("\(name).yaml:"))
    }
}
