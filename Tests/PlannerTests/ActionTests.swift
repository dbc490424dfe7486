import CanonicalJSON
import ContentStore
import Planner
import TableTypes
import Testing

@Suite struct ActionTests {
    let rows = Digest.of(Array("rows".utf8))

    var clean: Action {
        Action(
            body: .builtIn(
                .init(
                    kind: "clean.table", version: 1, libraries: ["csv": "2"],
                    parameters: ["duplicates": "drop", "outliers": ["factor": 1.5]])),
            inputs: [.init(port: "in", type: "table", digest: rows, basename: "table.arrow")],
            outputs: [.init(port: "table", type: "table"), .init(port: "removed", type: "table")])
    }

    var command: Action {
        Action(
            body: .command(
                .init(
                    text: "sort ${in.rows} > ${out.sorted}", shell: "sh", workingDirectory: nil,
                    environment: ["B": "2", "A": "1"], tools: [:], platform: "linux x86_64")),
            inputs: [
                .init(port: "rows", type: "table", digest: rows, basename: "rows.csv", form: "csv"),
                .init(port: "code", type: "file", digest: rows, basename: "a.py", isExecutable: true),
            ], outputs: [.init(port: "sorted", type: "file", path: "sorted.csv")], seed: 7)
    }

    /// The document is what the key is taken of: any other byte here is
    /// another key for every user.
    @Test func theDocumentIsCanonicalJSON() throws {
        for action in [clean, command] {
            let text = String(decoding: action.document, as: UTF8.self)
            #expect(try JSONValue(parsing: text).canonicalText == text)
        }
        #expect(
            String(decoding: command.document, as: UTF8.self)
                == #"{"command":{"environment":{"A":"1","B":"2"},"platform":"linux x86_64","shell":"sh","text":"#
                + #""sort ${in.rows} > ${out.sorted}","tools":{}},"format":1,"inputs":[{"basename":"a.py","digest":""#
                + rows.hex
                + #"","executable":true,"port":"code","type":"file"},{"basename":"rows.csv","digest":""#
                + rows.hex
                + #"","form":"csv","port":"rows","type":"table"}],"outputs":[{"path":"sorted.csv","port":"#
                + #""sorted","type":"file"}],"seed":7}"#)
    }

    @Test func theOrderOfPortsIsNotInTheKey() {
        var other = clean
        other.outputs.reverse()
        #expect(other.key == clean.key)
    }

    @Test func everyFactIsInTheKey() {
        var keys: Set<Digest> = [clean.key, command.key]
        func change(_ edit: (inout Action) -> Void) {
            var action = command
            edit(&action)
            keys.insert(action.key)
        }
        change { $0.seed = 8 }
        change { $0.seed = nil }
        change { $0.schema = ["fields": []] }
        change { $0.inputs[0].digest = Digest.of([1]) }
        change { $0.inputs[0].form = nil }
        change { $0.inputs[1].isExecutable = false }
        change { $0.inputs[0].basename = "other.csv" }
        change { $0.outputs[0].path = "other.csv" }
        change { $0.outputs[0].type = "table" }
        var built = clean
        built.build = "abc"
        keys.insert(built.key)
        #expect(keys.count == 12)
    }
}

@Suite struct LockFileTests {
    let digest = Digest.of(Array("abc".utf8))

    func text(_ lock: LockFile) -> String { String(decoding: lock.bytes, as: UTF8.self) }

    @Test func theTextIsSortedWithOneFactALine() {
        let output = LockFile.Output(digest: digest, size: 12, facts: ["rows": 1000, "auc": 0.5])
        let block = LockFile.Block(key: digest, recipe: digest, outputs: ["table": output])
        let hex = digest.hex
        #expect(
            text(
                LockFile(["model@lr=0.1": block, "clean": .init(key: digest, recipe: digest, outputs: [:])]))
                    == """
                    # Written by 'sluice run'. Review it, commit it, let the next run edit it.
                    lock: 1
                    stages:
                      clean:
                        key: \(hex)
                        recipe: \(hex)
                      "model@lr=0.1":
                        key: \(hex)
                        recipe: \(hex)
                        outputs:
                          table:
                            sha256: \(hex)
                            size: 12
                            auc: 0.5
                            rows: 1000

                    """)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let schema = TableSchema([TableSchema.Field("größe", .number)])
        let table = LockFile.Output(
            digest: digest, size: 12, facts: ["rows": 1000, "size": 0.25, "ok": true], schema: schema)
        let lock = LockFile([
            "model@lr=0.1+s=a\"b\\c": .init(key: digest, recipe: digest, outputs: ["table": table]),
            "true": .init(key: digest, recipe: digest, outputs: [:], schema: schema),
            "数据": .init(key: digest, recipe: digest, outputs: ["o-1": .init(digest: digest, size: 0)]),
        ])
        let again = try #require(LockFile(bytes: lock.bytes))
        #expect(again == lock && again.bytes == lock.bytes)
    }

    @Test func aBlockThatIsNotWholeSaysNothingAndTheOthersDo() throws {
        let output = LockFile.Output(digest: digest, size: 12)
        let block = LockFile.Block(key: digest, recipe: digest, outputs: ["o": output])
        let lines = text(LockFile(["a": block, "b": block, "c": block])).split(separator: "\n").map(
            String.init)
        let start = try #require(lines.firstIndex(of: "  b:"))
        /// What is read when lines of `b` are replaced.
        func names(_ change: (inout [String]) -> Void) -> [String] {
            var changed = lines
            change(&changed)
            let bytes = Array(changed.joined(separator: "\n").utf8)
            return LockFile(bytes: bytes)?.blocks.keys.sorted() ?? ["newer"]
        }
        #expect(names { _ in } == ["a", "b", "c"])
        #expect(names { $0[start + 1] = "    key: 12" } == ["a", "c"])
        #expect(names { $0.remove(at: start + 2) } == ["a", "c"])
        #expect(names { $0[start + 5] = "        sha256:" } == ["a", "c"])
        #expect(names { $0[start + 6] = "        size: x" } == ["a", "c"])
        #expect(names { $0[start + 3] = "<<<<<<< ours" } == ["a", "c"])
        #expect(names { $0[start] = "  \"b:" } == ["c"])
        #expect(names { $0.insert(contentsOf: lines[start..<(start + 7)], at: start) } == ["a", "c"])
        #expect(names { $0.removeLast() } == ["a", "b"])
        #expect(names { $0[start + 1] += "\r" } == ["a", "b", "c"])
        #expect(names { $0.insert(lines[start + 1], at: start + 1) } == ["a", "c"])
        #expect(names { $0.insert("    schema: [{\"na", at: start + 3) } == ["a", "c"])
        #expect(names { $0.insert("        rows: 1x", at: start + 7) } == ["a", "c"])
        // Sides of a conflict, with the base of both between them, and with a
        // marker, which breaks the block before it too.
        let (b, c) = (Array(lines[start..<(start + 7)]), Array(lines[(start + 7)...]))
        #expect(names { $0.insert(contentsOf: c + b + c + b, at: start) } == ["a"])
        #expect(names { $0.insert(contentsOf: ["<<<<<<< a"] + b + c + ["======="], at: start) } == [])
        #expect(names { $0[1] = "lock: 2" } == ["newer"])
        #expect(names { $0[1] = "lock: 0" } == [])
    }

    @Test func anEmptyLockSaysSo() {
        #expect(text(LockFile()).hasSuffix("lock: 1\nstages: {}\n"))
    }
}
