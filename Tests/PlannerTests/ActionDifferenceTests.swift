import CanonicalJSON
import ContentStore
import Planner
import Platform
import Testing

private let rows = Digest.of(Array("rows".utf8))
private let others = Digest.of(Array("others".utf8))

private let clean = Action(
    body: .builtIn(
        .init(
            kind: "clean.table", version: 1, libraries: ["csv": "2"],
            parameters: ["duplicates": "drop", "outliers": ["factor": 1.5]])),
    inputs: [.init(port: "in", type: "table", digest: rows, basename: "table.arrow")],
    outputs: [.init(port: "table", type: "table")],
    schema: ["fields": [["name": "a", "type": "integer"], ["name": "b", "type": "string"]]], seed: 7)

private let sort = Action(
    body: .command(
        .init(
            text: "sort ${in.rows} > ${out.sorted}", shell: "sh", workingDirectory: nil,
            environment: ["A": "1"], tools: ["python": "Python 3.11"], platform: "linux x86_64")),
    inputs: [.init(port: "rows", type: "table", digest: rows, basename: "rows.csv", form: "csv")],
    outputs: [.init(port: "sorted", type: "file", path: "sorted.csv")])

extension Action {
    fileprivate func changed(_ edit: (inout Action) -> Void) -> Action {
        var action = self
        edit(&action)
        return action
    }

    fileprivate func builtIn(_ edit: (inout BuiltInBody) -> Void) -> Action {
        guard case .builtIn(var body) = body else { return self }
        edit(&body)
        return changed { $0.body = .builtIn(body) }
    }

    fileprivate func command(_ edit: (inout CommandBody) -> Void) -> Action {
        guard case .command(var body) = body else { return self }
        edit(&body)
        return changed { $0.body = .command(body) }
    }
}

private func hex(_ digest: Digest) -> String { String(digest.hex.prefix(12)) }

@Suite struct ActionDifferenceTests {
    private static let examples: [(old: Action, new: Action, sentences: [String])] = [
        (clean, clean, []),
        (
            clean,
            clean.builtIn { $0.parameters = ["outliers": ["factor": 2, "action": "clip"]] },
            [
                "duplicates: drop -> default", "outliers.action: default -> clip",
                "outliers.factor: 1.5 -> 2",
            ]
        ),
        (
            clean, clean.changed { $0.inputs[0].digest = others },
            ["input 'in': \(hex(rows)) -> \(hex(others))"]
        ),
        (clean, clean.changed { $0.inputs = [] }, ["input 'in': \(hex(rows)) -> nothing"]),
        (sort, sort.changed { $0.inputs[0].form = nil }, ["form of input 'rows': \"csv\" -> none"]),
        (
            sort, sort.command { $0.text = "sort -r ${in.rows} > ${out.sorted}" },
            ["command: sort {+-r +}${in.rows} > ${out.sorted}"]
        ),
        (sort, sort.command { $0.shell = "bash" }, ["shell: sh -> bash"]),
        (
            sort, sort.command { $0.environment = ["A": "2", "C": "3"] },
            ["environment A: 1 -> 2", "environment C: not given -> 3"]
        ),
        (sort, sort.command { $0.tools = [:] }, ["tool 'python': Python 3.11 -> not given"]),
        (
            clean,
            clean.changed {
                $0.schema = [
                    "fields": [
                        ["name": "new", "type": "date"], ["name": "a", "type": "number"],
                        ["name": "b", "type": "string"],
                    ]
                ]
            },
            [
                "schema of 'a.type': integer -> number", "schema of 'new.name': not given -> new",
                "schema of 'new.type': not given -> date",
            ]
        ),
        (
            sort.changed {
                $0.schema = [
                    "gone": ["fields": []],
                    "sorted": [
                        "fields": [["name": "a", "type": "integer"], ["name": "b", "type": "date"]]
                    ],
                ]
            },
            sort.changed {
                $0.schema = [
                    "new": ["fields": []],
                    "sorted": ["fields": [["name": "a", "type": "string"], ["name": "b", "type": "date"]]],
                ]
            },
            [
                "schema of 'gone': given -> inferred", "schema of 'new': inferred -> given",
                "schema of 'sorted.a.type': integer -> string",
            ]
        ),
        (clean, clean.changed { $0.seed = 8 }, ["seed: 7 -> 8"]),
        (
            clean, clean.builtIn { $0.kind = "split.rows" }.changed { $0.seed = 1 },
            ["stage kind: clean.table -> split.rows"]
        ),
        (clean, clean.builtIn { $0.version = 2 }, ["version of clean.table: 1 -> 2"]),
        (clean, clean.builtIn { $0.libraries = ["csv": "3"] }, ["library 'csv': 2 -> 3"]),
        (
            sort,
            sort.changed {
                $0.outputs = [
                    .init(port: "more", type: "table"), .init(port: "sorted", type: "file", path: "s.csv"),
                ]
            },
            ["output 'more': none -> table", "output 'sorted': file at sorted.csv -> file at s.csv"]
        ),
        (clean, clean.changed { $0.build = "abc" }, ["build of sluice: release -> abc"]),
        (sort, sort.command { $0.platform = "linux aarch64" }, ["platform: linux x86_64 -> linux aarch64"]),
        (sort, sort.command { $0.workingDirectory = "project" }, ["workdir: its own -> project"]),
    ]

    @Test(arguments: examples.indices)
    func aChangeIsSaidInItsWords(index: Int) throws {
        let example = Self.examples[index]
        let difference = ActionDifference(
            old: try example.old.parsedDocument(), new: try example.new.parsedDocument())
        #expect(difference.changes.map(\.sentence) == example.sentences)
    }

    @Test func aNewFormatOfKeysIsAChange() {
        let difference = ActionDifference(old: ["format": 1], new: ["format": 2])
        #expect(difference.changes.map(\.sentence) == ["key format: 1 -> 2"])
    }

    @Test func everyCaseHasAnExample() throws {
        var seen: Set<String> = ["format"]
        for example in Self.examples {
            let difference = ActionDifference(
                old: try example.old.parsedDocument(), new: try example.new.parsedDocument())
            for change in difference.changes {
                seen.insert(Mirror(reflecting: change).children.first?.label ?? "")
            }
        }
        let source = try Files.read(
            #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
                + "/Sources/Planner/ActionDifference.swift")
        let declared = String(decoding: source, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("        case ") && !$0.hasPrefix("        case .") && $0.contains("(") }
            .map { $0.dropFirst(13).prefix { $0.isLetter } }.map(String.init)
        #expect(declared.count == 17)
        #expect(declared.filter { !seen.contains($0) } == [])
    }

    @Test(arguments: [
        ("", "", ""), ("a b", "a b", "a b"), ("", "a", "{+a+}"), ("a", "", "[-a-]"),
        ("a b c", "a x c", "a [-b-]{+x+} c"), ("a b c d", "a c e d", "a [-b -]c{+ e+} d"),
        ("one", "two words", "[-one-]{+two words+}"), ("a  b", "a b", "a[-  -]{+ +}b"),
    ])
    func wordsThatWentAndCameAreMarked(old: String, new: String, text: String) {
        #expect(WordDifference(old, new).text == text)
    }

    @Test func longTextsAreToldApartAsAWhole() {
        let old = (0..<600).map { "a\($0)" }.joined(separator: " ")
        let new = (0..<600).map { "b\($0)" }.joined(separator: " ")
        #expect(WordDifference(old, new).text == "[-\(old)-]{+\(new)+}")
    }
}
