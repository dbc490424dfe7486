import CanonicalJSON
import ContentStore
import Glibc
import Planner
import Platform
import Testing

/// Keys of actions, pinned: `Goldens/keys.tsv` holds a line an action, name and
/// key, and only grows. A line that no longer holds means that every user's
/// cache is lost; raise `Action.format` if that is meant.
@Suite struct KeyGoldensTests {
    private static let actions: [(name: String, action: Action)] = {
        let rows = Digest.of(Array("rows".utf8))
        func builtIn(
            _ kind: String, _ parameters: JSONValue = [:], version: Int = 1,
            libraries: [String: String] = [:],
            inputs: [Action.Input] = [], outputs: [Action.Output] = [.init(port: "table", type: "table")],
            schema: JSONValue? = nil, seed: Int64? = nil, build: String? = nil
        ) -> Action {
            Action(
                body: .builtIn(
                    .init(kind: kind, version: version, libraries: libraries, parameters: parameters)),
                inputs: inputs, outputs: outputs, schema: schema, seed: seed, build: build)
        }
        func command(
            _ text: String, shell: String = "sh", workdir: String? = nil, environment: [String: String] = [:],
            tools: [String: String] = [:], inputs: [Action.Input] = [], schema: JSONValue? = nil,
            seed: Int64? = nil
        ) -> Action {
            Action(
                body: .command(
                    .init(
                        text: text, shell: shell, workingDirectory: workdir, environment: environment,
                        tools: tools, platform: "linux x86_64")), inputs: inputs,
                outputs: [.init(port: "o", type: "file", path: "o.txt")], schema: schema, seed: seed)
        }
        let table = Action.Input(port: "in", type: "table", digest: rows, basename: "table.arrow")
        let csv = Action.Input(port: "rows", type: "table", digest: rows, basename: "rows.csv", form: "csv")
        let code = Action.Input(
            port: "code", type: "file", digest: rows, basename: "a.py", isExecutable: true)
        return [
            ("built-in without anything", builtIn("clean.table", inputs: [table])),
            ("parameters", builtIn("clean.table", ["duplicates": "drop", "factor": 1.5], inputs: [table])),
            (
                "nested parameters",
                builtIn("features.fit", ["steps": [["scale": ["columns": ["a", "größe"]]]]])
            ),
            ("version", builtIn("clean.table", version: 2, inputs: [table])),
            ("libraries", builtIn("clean.table", libraries: ["quantile": "1", "csv": "2"], inputs: [table])),
            (
                "schema",
                builtIn("collect.csv", schema: ["fields": [["name": "a", "type": "integer"]]])
            ),
            ("seed", builtIn("split.rows", ["test": 0.25], inputs: [table], seed: -7)),
            ("build", builtIn("clean.table", inputs: [table], build: "abc")),
            (
                "many outputs",
                builtIn(
                    "split.rows",
                    outputs: ["train", "test", "validation"].map { .init(port: $0, type: "table") })
            ),
            ("command", command("sort ${in.rows} > ${out.o}", inputs: [csv])),
            (
                "command of bash with all",
                command(
                    "python3 ${in.code} \"é\\n\"", shell: "bash", workdir: "project", environment: ["A": "1"],
                    tools: ["python": "Python 3.11"], inputs: [csv, code], seed: 3)
            ),
            (
                "command with members of a list",
                command(
                    "cat ${in.all}/*",
                    inputs: ["b", "a"].map {
                        .init(port: "all", type: "file", digest: Digest.of(Array($0.utf8)), basename: $0)
                    })
            ),
            (
                "command with the schema of a table",
                command(
                    "sort ${in.rows} > ${out.o}", inputs: [csv],
                    schema: ["o": ["fields": [["name": "a", "type": "integer"]]]])
            ),
        ]
    }()

    @Test func keysAreWhatTheyWere() throws {
        let path =
            #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Goldens/keys.tsv"
        var text = Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
        func lines() -> [String: String] {
            Dictionary(
                text.split(separator: "\n").map { line in
                    let parts = line.split(separator: "\t").map(String.init)
                    return (parts[0], parts[1])
                }, uniquingKeysWith: { first, _ in first })
        }
        if getenv("RECORD_GOLDENS") != nil, getenv("CI") == nil {
            let known = lines()
            for (name, action) in Self.actions where known[name] == nil {
                text += "\(name)\t\(action.key.hex)\n"
            }
            try Files.write(Array(text.utf8), to: path)
        }
        let pinned = lines()
        #expect(pinned.count == Self.actions.count)
        for (name, action) in Self.actions { #expect(pinned[name] == action.key.hex, "\(name)") }
    }
}
