import ArrowIPC
import CanonicalJSON
import ContentStore
import DataFrames
import Diagnostics
import Glibc
import Platform
import StageLibrary
import TableTypes
import Testing

@testable import PipelineLanguage
@testable import Planner
@testable import Projects

/// A project whose lock names artifacts that lie in its store.
private final class Scene {
    let scratch: Scratch
    let store: BlobStore
    private var plan = Plan()
    private var lock = LockFile()

    init() throws {
        scratch = try Scratch()
        store = try BlobStore(root: scratch.path + "/.sluice")
    }

    private var range: SourceRange {
        let mark = Mark(line: 1, column: 1)
        return SourceRange(SourceText(path: "p.yaml", text: "x"), start: mark, end: mark)
    }

    func add(
        _ name: String, _ outputs: [(port: String, type: PortType, digest: Digest, size: Int64)],
        gates: [PlannedGate] = [], publishes: (port: String, path: String)? = nil
    ) {
        let stage = Stage(
            name: name, range: range,
            body: .builtIn(kind: "split.rows", kindRange: range, parameters: .object([:]), with: nil),
            publish: publishes.map { [.init(port: $0.port, path: ProjectPath($0.path), range: range)] } ?? [])
        let planned = PlannedStage(stage: stage)
        planned.kind = StageLibrary.catalog["split.rows"]
        planned.outputs = outputs.map { PlannedOutput(port: $0.port, type: $0.type) }
        planned.gates = gates
        if let place = plan.index(of: name) {
            plan.stages[place] = planned
        } else {
            plan.stages.append(planned)
            plan.topological.append(plan.stages.count - 1)
        }
        var locked: LockFile.Outputs = [:]
        for output in outputs { locked[output.port] = .init(digest: output.digest, size: output.size) }
        lock.blocks[name] = LockFile.Block(key: Digest.of([1]), recipe: Digest.of([2]), outputs: locked)
    }

    func table(rows: Int) throws -> (Digest, Int64) {
        let path = store.temporaryPath()
        let frame = try DataFrame([
            DataColumn("plant", .integer, .int64((0..<rows).map { Int64($0 + 1) })),
            DataColumn(
                "soil", .category,
                .dictionary(indices: (0..<rows).map { Int32($0 % 2) }, levels: ["clay", "loam"])),
            DataColumn(
                "light", .number, .float64((0..<rows).map { Double($0) / 2 }),
                validity: ValidityBitmap((0..<rows).map { $0 != 1 })),
            DataColumn("day", .date, .date32((0..<rows).map { Int32(19_000 + $0) })),
        ])
        try ArrowFile.write(frame, roles: ["soil": .target], to: path)
        return try store.adopt(path)
    }

    var loaded: LoadedPipeline {
        LoadedPipeline(
            project: Project(containing: scratch.path), file: scratch.path + "/p.yaml", plan: plan, files: [],
            environment: [], readAt: nil, lock: lock, lockPath: scratch.path + "/p.lock")
    }

    var lockText: String { String(decoding: lock.bytes, as: UTF8.self) }

    func view(_ word: String, rows: Int = 10) throws -> ArtifactView {
        try ArtifactView(try loaded.artifact(named: word), of: loaded, rows: rows)
    }

    func finding(_ body: () throws -> Void) throws -> String {
        do {
            try body()
        } catch let error as DiagnosticError {
            return DiagnosticRenderer().render(error.diagnostics)
        }
        return "no finding"
    }
}

@Suite struct ArtifactTests {
    private static func scene() throws -> Scene {
        let scene = try Scene()
        try scene.scratch.write("", to: "sluice.yaml")
        let (train, size) = try scene.table(rows: 3)
        let (test, testSize) = try scene.table(rows: 1)
        scene.add("split", [("train", .table, train, size), ("test", .table, test, testSize)])
        scene.add("model@lr=0.1", [("model", .file, try scene.store.put(Array("weights\n".utf8)), 8)])
        scene.add("model@lr=0.5", [("model", .file, try scene.store.put([0, 1, 2]), 3)])
        let metrics = Array(#"{"auc":0.78125,"loss":0.5,"rows":200}"#.utf8)
        let report = Array("<html></html>".utf8)
        scene.add(
            "report",
            [
                ("metrics", .metrics, try scene.store.put(metrics), Int64(metrics.count)),
                ("report", .report, try scene.store.put(report), Int64(report.count)),
            ],
            gates: [
                PlannedGate(
                    port: "metrics", gate: try #require(Gate(metric: "auc", condition: ">= 0.70"))),
                PlannedGate(
                    port: "metrics", gate: try #require(Gate(metric: "loss", condition: "< 0.3"))),
            ], publishes: ("report", "reports/r.html"))
        let folder = scene.store.temporaryPath()
        try Files.makeDirectories(folder + "/sub")
        try Files.write(Array("one".utf8), to: folder + "/sub/a.txt")
        try Files.write(Array(repeating: 7, count: 2048), to: folder + "/b.bin", mode: 0o755)
        let (digest, bytes) = try scene.store.adoptFolder(folder)
        scene.add("pictures", [("folder", .folder, digest, bytes)])
        return scene
    }

    @Test func aTableIsShownWithTypesRolesNullsAndRows() throws {
        let scene = try Self.scene()
        #expect(
            try scene.view("split", rows: 2).text(width: nil) == """
                  plant  soil               light  day
                integer  category, target  number  date
                                           1 null
                ───────  ────────────────  ──────  ──────────
                      1  clay                 0.0  2022-01-08
                      2  loam                   ∅  2022-01-09
                2 of 3 rows, 4 columns

                """)
        #expect(
            String(decoding: try scene.view("split.test").jsonLines(), as: UTF8.self)
                == #"{"day":"2022-01-08","light":0,"plant":1,"soil":"clay"}"# + "\n")
        #expect(
            try scene.view("split").schema().json.canonicalText
                == #"{"fields":[{"constraints":{"required":true},"name":"plant","type":"integer"},{"constraints":{"enum":["clay","loam"],"required":true},"name":"soil","role":"target","type":"string"},{"name":"light","type":"number"},{"constraints":{"required":true},"name":"day","type":"date"}]}"#
        )
    }

    @Test func metricsAreShownWithTheVerdictsOfGates() throws {
        let scene = try Self.scene()
        #expect(
            try scene.view("report").text(width: nil) == """
                auc   0.781250  >= 0.7  passes
                loss  0.500000  < 0.3   fails
                rows       200

                """)
        #expect(
            String(decoding: try scene.view("report").jsonLines(), as: UTF8.self) == """
                {"gate":">= 0.7","metric":"auc","passes":true,"value":0.78125}
                {"gate":"< 0.3","metric":"loss","passes":false,"value":0.5}
                {"metric":"rows","value":200}

                """)
    }

    @Test func aReportIsShownWhereAPersonOpensIt() throws {
        let scene = try Self.scene()
        let blob = try scene.view("report.report").text(width: nil)
        #expect(blob.contains("/.sluice/cas/"))
        try scene.scratch.write("<html></html>", to: "reports/r.html")
        let root = scene.loaded.project.root
        #expect(try scene.view("report.report").text(width: nil) == root + "/reports/r.html\n")
        try scene.scratch.write("edited", to: "reports/r.html")
        #expect(try scene.view("report.report").text(width: nil) == blob)
    }

    @Test func filesAndFoldersShowTheirHead() throws {
        let scene = try Self.scene()
        let text = try scene.view("model@lr=0.1").text(width: nil)
        #expect(text.hasSuffix("  8 B\nweights\n"))
        #expect(try scene.view("model@lr=0.5.model").text(width: nil).hasSuffix("  3 B\n"))
        #expect(
            try scene.view("pictures").text(width: nil) == """
                b.bin      2.0 KiB  executable
                sub/a.txt      3 B
                2 entries, 2.0 KiB

                """)
        #expect(
            try scene.view("pictures", rows: 1).text(width: nil).contains("... and 1 more"))
    }

    @Test func namesThatAreWrongAreAnswered() throws {
        let scene = try Self.scene()
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "split.tran") } == """
                error: stage 'split' has no output 'tran'
                  outputs: train, test
                  fix: did you mean 'train'?

                """)
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "splt.train") } == """
                error: no stage is called 'splt'
                  stages: split, model@lr=0.1, model@lr=0.5, report, pictures
                  fix: did you mean 'split'?

                """)
        #expect(
            try scene.finding { _ = try scene.loaded.output(named: "model") }.contains(
                "stages: model@lr=0.1, model@lr=0.5"))
        #expect(
            try scene.finding { _ = try scene.view("report.report").schema() } == """
                error: 'report.report' is a report, and --schema is for tables

                """)
    }

    @Test func whatIsGoneOrDamagedIsSaid() throws {
        let scene = try Self.scene()
        let artifact = try scene.loaded.artifact(named: "report.report")
        let path = scene.store.path(of: artifact.digest)
        chmod(path, 0o644)
        try Files.write(Array("<html><html>X".utf8), to: path)
        let target = scene.scratch.path + "/out.html"
        let finding = try scene.finding {
            _ = try scene.loaded.export(artifact, to: target, as: nil, overwrites: false)
        }
        #expect(finding.contains(artifact.digest.hex))
        #expect(!Files.exists(target))
        #expect(try Files.list(scene.scratch.path).filter { $0.hasPrefix("out") } == [])
        try scene.store.drop(artifact.digest)
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "report.report") } == """
                error: 'report.report' is known, but its bytes are not in the store
                  fix: run it again: sluice run report

                """)
    }

    @Test func exportsAreCopiesInTheFormAskedFor() throws {
        let scene = try Self.scene()
        let (loaded, root) = (scene.loaded, scene.scratch.path)
        let table = try loaded.artifact(named: "split.train")
        let csv = try loaded.export(table, to: root, as: "csv", overwrites: false)
        #expect(csv == root + "/train.csv")
        #expect(
            try scene.scratch.text("train.csv")
                == "plant,soil,light,day\n1,clay,0.0,2022-01-08\n2,loam,,2022-01-09\n3,clay,1.0,2022-01-10\n")
        _ = try loaded.export(table, to: root + "/t.jsonl", as: nil, overwrites: false)
        #expect(try scene.scratch.text("t.jsonl").hasPrefix(#"{"day":"2022-01-08","#))
        _ = try loaded.export(table, to: root + "/t.arrow", as: nil, overwrites: false)
        #expect(try Digest.ofFile(root + "/t.arrow").digest == table.digest)
        #expect(
            try scene.finding { _ = try loaded.export(table, to: csv, as: nil, overwrites: false) } == """
                error: '\(csv)' exists already
                  fix: name another path with -o, or overwrite it with --force

                """)
        _ = try loaded.export(table, to: csv, as: nil, overwrites: true)
        #expect(
            try scene.finding { _ = try loaded.export(table, to: nil, as: "cvs", overwrites: false) } == """
                error: a table cannot be written as 'cvs'
                  expected: csv, jsonl, arrow, parquet
                  fix: did you mean 'csv'?

                """)
        let folder = try loaded.artifact(named: "pictures")
        _ = try loaded.export(folder, to: root + "/pics", as: nil, overwrites: false)
        #expect(try scene.scratch.text("pics/sub/a.txt") == "one")
        #expect(try Files.status(root + "/pics/b.bin")?.isExecutable == true)
    }

    @Test func aRevisionOfGitNamesWhatItsLockHad() throws {
        let scene = try Self.scene()
        let root = scene.scratch.path
        func git(_ arguments: String...) throws {
            _ = try Subprocess.output(
                of: ["git", "-C", root, "-c", "user.name=t", "-c", "user.email=t@t"] + arguments)
        }
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "split.train@HEAD") } == """
                error: '\(scene.loaded.project.root)' is in no git repository, so it has no revisions

                """)
        try git("init", "-q")
        let old = scene.lockText
        try scene.scratch.write(old, to: "p.lock")
        try git("add", "p.lock")
        try git("commit", "-q", "-m", "first")
        try git("tag", "v1.0")
        let (other, size) = try scene.table(rows: 7)
        scene.add("split", [("train", .table, other, size)])
        let now = try scene.loaded.artifact(named: "split.train")
        let then = try scene.loaded.artifact(named: "split.train@v1.0")
        #expect(then.digest != now.digest || then.state == .revision("v1.0"))
        #expect(try TablePreview(ofTable: scene.store.path(of: then.digest), rows: 0).rows == 3)
        #expect(try scene.loaded.artifact(named: "model@lr=0.1@HEAD").size == 8)
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "split.train@v2") } == """
                error: git knows no revision 'v2'

                """)
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "model@lr=0.3") }.contains(
                "no stage is called 'model@lr=0.3'"))
        #expect(
            try scene.finding { _ = try scene.loaded.artifact(named: "splitt@v1.0") } == """
                error: the lock of revision 'v1.0' has no 'splitt'
                  stages: model@lr=0.1, model@lr=0.5, pictures, report, split
                  fix: did you mean 'split'?

                """)
    }

    @Test func aShellIsOfferedStagesAndTheirOutputs() throws {
        let scene = try Self.scene()
        #expect(
            scene.loaded.outputNames(startingWith: "spl") == ["split", "split.train", "split.test"])
        #expect(scene.loaded.stem == "p")
    }

    @Test func thePlanIsAGraph() throws {
        let scene = try Self.scene()
        let graph = PipelineGraph(scene.loaded.plan, name: "p", withSources: true)
        #expect(graph.nodes.map(\.detail) == Array(repeating: "split.rows", count: 5))
        #expect(graph.nodes[0].outputs == [.init("train", "table"), .init("test", "table")])
    }
}
