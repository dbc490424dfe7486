import Glibc
import Platform
import Testing

/// What the repository ships besides its sources.
@Suite struct ShippedFilesTests {
    private static let root = Workplace.repository

    private static func text(_ path: String) throws -> String {
        String(decoding: try Files.read(root + "/" + path), as: UTF8.self)
    }

    @Test func creditIsTheExampleOfTheDesign() throws {
        #expect(try Self.text("pipelines/credit.yaml") == designExample)
        // Where the design itself is at hand, the copy here is held to it.
        let design = Self.root + "/../shared/docs/design.md"
        guard Files.exists(design) else { return }
        let parts = String(decoding: try Files.read(design), as: UTF8.self).components(separatedBy: "```")
        let example = try #require(parts.first { $0.hasPrefix("yaml\n") })
        #expect(example.dropFirst("yaml\n".count) == designExample)
    }

    static var pipelines: [String] {
        get throws { try Files.list(root + "/pipelines").filter { $0.hasSuffix(".yaml") }.sorted() }
    }

    static let hasPython = (try? Subprocess.output(of: ["python3", "--version"])) != nil

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func everyPipelineGivesWhatItsLockSays() throws {
        let place = try Workplace()
        for path in ["pipelines", "schemas", "sluice.yaml"] {
            _ = try Subprocess.output(of: ["cp", "-R", Self.root + "/" + path, place.folder + "/"])
        }
        // What needs a server has a test of its own: UserEventsTests.
        let pipelines = try Self.pipelines.filter {
            try !Self.text("pipelines/\($0)").contains("\nrequires:")
        }
        #expect(
            pipelines == [
                "adult.yaml", "autos.yaml", "co2.yaml", "credit.yaml", "digits.yaml", "penguins.yaml",
                "python.yaml", "reviews.yaml", "tweets.yaml", "weather.yaml",
            ])
        for pipeline in pipelines {
            let first = try place.sluice("run", "--locked", "pipelines/" + pipeline)
            #expect(first.status == 0, "\(pipeline): \(first.err)")
            let second = try place.run("--locked", "pipelines/" + pipeline)
            #expect(second.ran == [], "\(pipeline): \(second.result.out)")
        }
    }

    @Test func everyDataSetSaysWhoseItIs() throws {
        let folder = Self.root + "/pipelines/data"
        let names = try Files.list(folder).sorted()
        let data = names.filter { !$0.hasSuffix(".LICENSE.md") }
        #expect(!data.isEmpty)
        for name in data {
            let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
            let licence = "\(stem).LICENSE.md"
            guard names.contains(licence) else {
                Issue.record("pipelines/data/\(name) has no \(licence)")
                continue
            }
            let said = try Self.text("pipelines/data/" + licence)
            for fact in [
                "# \(name)", "**Licence:**", "**Source:**", "**Citation:**", "**Changes:**", "https://",
            ] {
                #expect(said.contains(fact), "\(licence) does not say \(fact)")
            }
        }
    }

    /// Sets whose licences forbid it, or leave it open, are never committed.
    @Test func nothingOfTheBorrowedDataIsInTheRepository() throws {
        let sets = ["elpv-solar-cells", "reuters-xml", "chinese-reviews"].map {
            (Workplace.sharedData ?? "") + "/" + $0
        }
        let borrowed = try sets.filter(Files.exists).flatMap { try Self.files(below: $0) }
        var bySize: [Int64: [String]] = [:]
        for path in borrowed {
            let size = try #require(try Files.status(path)).size
            // Empty and nearly empty files are nobody's.
            if size > 64 { bySize[size, default: []].append(path) }
        }
        let skipped: Set = [".build", ".git", ".sluice", "bin"]
        for name in try Files.list(Self.root) where !skipped.contains(name) {
            for path in try Self.files(below: Self.root + "/" + name) {
                for twin in bySize[try Files.status(path)?.size ?? 0] ?? [] {
                    #expect(try Files.read(path) != Files.read(twin), "\(path) is \(twin)")
                }
            }
        }
    }

    /// A path itself where it is a file; links are not followed.
    private static func files(below path: String) throws -> [String] {
        guard let status = try Files.status(path, followLinks: false) else { return [] }
        switch status.kind {
        case .file: return [path]
        case .directory: return try Files.list(path).sorted().flatMap { try files(below: path + "/" + $0) }
        default: return []
        }
    }

    @Test func licencesAreThoseOfTheResolvedPackages() throws {
        let notices = try Self.text("THIRD-PARTY-NOTICES")
        let printed = try Subprocess.output(of: [Workplace.program, "licenses"])
        #expect(printed == Array(notices.utf8), "run scripts/third-party-notices.sh")
        let checkouts = Workplace.program.components(separatedBy: "/.build/")[0] + "/.build/checkouts"
        let packages = try Files.list(checkouts).sorted()
        #expect(packages.contains("swift-argument-parser"))
        for package in packages {
            for file in ["LICENSE.txt", "LICENSE", "NOTICE.txt", "NOTICE"] {
                let path = "\(checkouts)/\(package)/\(file)"
                guard Files.exists(path) else { continue }
                let text = String(decoding: try Files.read(path), as: UTF8.self)
                #expect(notices.contains(text), "\(file) of \(package): run scripts/third-party-notices.sh")
            }
        }
        // Versions are exact in Package.swift, and stand in the notices.
        let manifest = try Self.text("Package.swift")
        for piece in manifest.components(separatedBy: ".package(url: \"").dropFirst() {
            let words = piece.split(separator: "\"")
            let name = try #require(words[0].split(separator: "/").last)
            let version = try #require(words.dropFirst(2).first)
            #expect(notices.contains("\(name) \(version): LICENSE"), "\(name) \(version)")
        }
    }

    @Test func decisionsAreNumberedInOrder() throws {
        let pages = try Files.list(Self.root + "/docs/decisions").sorted()
        for (index, page) in pages.enumerated() {
            let number = String(index + 1)
            #expect(page.hasPrefix(String(repeating: "0", count: 4 - number.count) + number + "-"), "\(page)")
            #expect(try Self.text("docs/decisions/" + page).hasPrefix("# \(number). "), "\(page)")
        }
    }
}
