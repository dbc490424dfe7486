import CanonicalJSON
import ContentStore
import Planner
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

    @Test func theTextIsSortedWithOneFactALine() {
        let output = LockFile.Output(digest: digest, size: 12, facts: ["rows": 1000, "auc": 0.5])
        let block = LockFile.Block(key: digest, recipe: digest, outputs: ["table": output])
        let hex = digest.hex
        #expect(
            LockFile(["model@lr=0.1": block, "clean": .init(key: digest, recipe: digest, outputs: [:])]).text
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

    @Test func anEmptyLockSaysSo() {
        #expect(LockFile().text.hasSuffix("lock: 1\nstages: {}\n"))
    }
}
