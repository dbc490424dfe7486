import Glibc
import Platform
import Testing

/// The tour of the README, typed line by line, prints what the README shows.
@Suite struct ReadmeTests {
    /// A block of commands and what is shown below it.
    struct Step: Equatable {
        var commands: String
        var output: String
    }

    /// The tour stands between two comments. A block of `sh` is typed, a block
    /// of `text` behind it is what it prints, both streams as they come.
    private static func tour(of readme: String) throws -> [Step] {
        let text = String(decoding: try Files.read(Workplace.repository + "/" + readme), as: UTF8.self)
        let rest = text.components(separatedBy: "<!-- tour -->\n")
        try #require(rest.count == 2)
        let tour = rest[1].components(separatedBy: "<!-- end of tour -->")[0]
        var steps: [Step] = []
        for (index, block) in tour.components(separatedBy: "```").enumerated() where index % 2 == 1 {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines.dropFirst().dropLast().map { $0 + "\n" }.joined()
            switch lines[0] {
            case "sh": steps.append(Step(commands: body, output: ""))
            case "text": steps[steps.count - 1].output = body
            default: Issue.record("a block of '\(lines[0])' in the tour of \(readme)")
            }
        }
        return steps
    }

    /// Times and digests are nobody's to keep.
    private static func comparable(_ text: String) -> String {
        text.replacing(/\d+\.\d\d s\b/, with: "T s").replacing(/\b[0-9a-f]{12}\b/, with: "DIGEST")
    }

    @Test func theTourPrintsWhatTheReadmeShows() throws {
        let place = try Workplace()
        let bin = Workplace.program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let steps = try Self.tour(of: "README.md")
        #expect(steps.count >= 12)
        try place.write("where", place.folder + "/tour\n")
        try Files.makeDirectories(place.folder + "/tour")
        for step in steps {
            let script = """
                export PATH="\(bin):$PATH" NO_COLOR=1
                cd "$(cat \(place.folder)/where)"
                \(step.commands)
                pwd > \(place.folder)/where
                """
            let output = try Subprocess.output(of: ["bash", "-c", script], mergesErrors: true)
            let shown = String(decoding: output, as: UTF8.self)
            #expect(
                Self.comparable(shown) == Self.comparable(step.output),
                "\(step.commands)prints\n\(shown)and the README shows\n\(step.output)")
        }
    }

    /// Both languages have the same commands, and show the same.
    @Test func theChineseTourIsTheSame() throws {
        #expect(try Self.tour(of: "README.zh-CN.md") == Self.tour(of: "README.md"))
    }

    @Test func bothReadmesNameTheSameCommands() throws {
        func commands(_ readme: String) throws -> [String] {
            let text = String(decoding: try Files.read(Workplace.repository + "/" + readme), as: UTF8.self)
            return text.matches(of: /`(?:sluice|make) [^`]*`/).map { String($0.0) }
                + text.split(separator: "\n").filter { $0.hasPrefix("make ") || $0.hasPrefix("bin/sluice ") }
                .map { $0.prefix { $0 != "#" }.split(separator: " ").joined(separator: " ") }
        }
        let english = Set(try commands("README.md"))
        #expect(english.isSuperset(of: ["make build", "make demo"]))
        #expect(Set(try commands("README.zh-CN.md")) == english)
    }
}
