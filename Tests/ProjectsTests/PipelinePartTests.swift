import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Platform
import Testing

@testable import Projects

/// What is read of a pipeline when little has changed since a snapshot.
@Suite struct PipelinePartTests {
    /// Twenty chains of three commands, which read no files.
    private static let pipeline: String = {
        var text = "name: chains\nstages:\n"
        for chain in 10..<30 {
            text += """
                  a\(chain):
                    run: echo \(chain) > ${out.o}
                    out: { o: o.txt }
                  b\(chain):
                    run: |+
                      cat ${in.a} > ${out.o}

                    in: { a: a\(chain) }
                    out: { o: o.txt }
                  c\(chain):
                    run: cat ${in.b} > ${out.o}
                    in: { b: b\(chain) }
                    out: { o: o.txt }

                """
        }
        return text
    }()

    /// A project in which every stage was a hit, and a snapshot of it.
    private func project(_ pipeline: String = Self.pipeline) throws -> SmallProject {
        let project = try SmallProject(pipeline)
        try Files.makeDirectories(project.folder + "/.sluice")
        let loaded = try project.plan()
        let run = try loaded.newRun(RunOptions(slots: 1))
        let store = try BlobStore(root: project.folder + "/.sluice")
        var summary = RunSummary()
        for (number, planned) in loaded.plan.stages.enumerated() {
            let bytes = Array(planned.stage.name.utf8)
            let output = ActionRecord.Output(
                port: "o", type: "file", digest: try store.put(bytes), size: Int64(bytes.count))
            summary.records[number] = ActionRecord(key: Digest.of(bytes), outputs: [output])
            summary.recipes[number] = Digest.of(bytes + bytes)
            summary.results[number] = .hit
        }
        let lockBytes = try #require(try loaded.writeLock(after: run, summary))
        loaded.saveSnapshot(of: run, summary, lockBytes: lockBytes, listing: [], closing: [])
        return project
    }

    private func part(_ project: SmallProject) -> PipelinePart? {
        guard case .changed(let part) = PlanSnapshot.answer(for: project.folder + "/p.yaml") else {
            return nil
        }
        return part
    }

    /// Names of the stages that are read, those that are known in brackets.
    private func read(_ project: SmallProject) -> String? {
        guard let part = part(project), let loaded = LoadedPipeline.load(part, of: project.folder + "/p.yaml")
        else { return nil }
        #expect(loaded.plan.size == part.isAffected.count)
        return loaded.plan.stages.enumerated().map { number, planned in
            loaded.settled.contains(number) ? "(\(planned.stage.name))" : planned.stage.name
        }.joined(separator: " ")
    }

    private func edit(_ project: SmallProject, _ old: String, _ new: String) throws {
        var text = Self.pipeline
        let range = try #require(text.firstRange(of: old))
        text.replaceSubrange(range, with: new)
        try project.write("p.yaml", text)
    }

    @Test func anEditReadsWhatDependsOnItAndWhatThatNeeds() throws {
        let project = try project()
        try edit(project, "echo 12", "echo twelve")
        #expect(read(project) == "a12 b12 c12")
        try edit(project, "cat ${in.b}", "cat -u ${in.b}")
        #expect(read(project) == "(b10) c10")
        try edit(
            project, "    in: { a: a14 }\n    out: { o: o.txt }\n",
            "    in: { a: a14 }\n    out: { o: o.txt }\n    timeout: 5\n  # and so on\n")
        #expect(read(project) == "(a14) b14 c14")
        // More lines, or fewer: every other stage keeps its own.
        try edit(project, "echo 29 >", "|\n      # a comment\n      echo 29 >")
        #expect(read(project) == "a29 b29 c29")
        let loaded = try #require(
            part(project).flatMap { LoadedPipeline.load($0, of: project.folder + "/p.yaml") })
        #expect(loaded.plan.stages.map(\.stage.range.start.line) == [250, 255, 261])
        #expect(loaded.plan.leftOut.count == 57 && loaded.plan.leftOut.allSatisfy { $0.place == 0 })
    }

    /// As it is when all of the file is read.
    @Test func aStageIsReadAsInTheWholeFile() throws {
        let project = try project()
        try edit(project, "in: { a: a15 }", "in: { a: a15 }\n    description: |+\n      one\n\n")
        let loaded = try #require(
            part(project).flatMap { LoadedPipeline.load($0, of: project.folder + "/p.yaml") })
        let whole = try project.plan()
        for planned in loaded.plan.stages {
            let same = try #require(whole.plan.stages.first { $0.stage.name == planned.stage.name }).stage
            #expect(
                same.range.start == planned.stage.range.start && same.description == planned.stage.description
            )
            guard case .command(let mine) = planned.stage.body, case .command(let other) = same.body else {
                Issue.record("a command is none")
                return
            }
            #expect(mine.script.pieces == other.script.pieces)
        }
    }

    @Test func aBlobThatIsGoneConcernsItsStage() throws {
        let project = try project()
        try BlobStore(root: project.folder + "/.sluice").drop(Digest.of(Array("b20".utf8)))
        #expect(read(project) == "(a20) b20 c20")
    }

    @Test(arguments: [
        // Whatever reaches beyond a stage.
        ("name: chains", "name: others"), ("  a13:\n", "  a99:\n"),
        ("  a13:\n", "  new: { run: echo }\n  a13:\n"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\n  x: {}\n"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\nparams: { x: 1 }\n"),
        ("in: { a: a13 }", "in: { a: a14 }"), ("in: { a: a13 }", "in: { a: a13, x: { file: p.yaml } }"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\n    secrets: [HOME]\n"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\n    when: false\n"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\n    matrix: { x: [1, 2] }\n"),
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.o}\n    publish: { o: //o.txt }\n"),
        // Whatever is to be told.
        ("echo 13 > ${out.o}\n", "echo 13 > ${out.x}\n"), ("echo 13 > ${out.o}\n", "\"echo 13 > ${out.o}\n"),
        ("out: { o: o.txt }", "out: { o: o.txt"), ("out: { o: o.txt }", "out: { o: o.txt }}"),
        ("    in: { a: a13 }", "  in: { a: a13 }"), ("    in: { a: a13 }", "\tin: { a: a13 }"),
    ])
    func whatReachesBeyondAStageIsReadWhole(_ old: String, _ new: String) throws {
        let project = try project()
        try edit(project, old, new)
        #expect(read(project) == nil)
    }

    @Test(arguments: [
        // An alias.
        ("out: { o: o.txt }", "out: &o { o: o.txt }\n    env: { <<: *o }"), ("stages:\n", "stages: # here\n"),
        // What libyaml counts as a line's end, too, and what it does not.
        ("  a13:\n", "  a13: # \u{2028}\n"), ("  a13:\n", "  a13: # \u{2029} x\n"),
        ("  a13:\n", "  a13: # \u{85}\n"), ("  a13:\n", "  a13: # \r# x\n"),
        ("  a13:\n", "  a13: # \u{2027} é, \u{C2A0} here\n"), ("  a13:\n", "  a13: # here\r\n"),
    ])
    func onlyTextsThatStandAloneAreReadInParts(_ old: String, _ new: String) throws {
        var text = Self.pipeline
        let range = try #require(text.firstRange(of: old))
        text.replaceSubrange(range, with: new)
        let project = try SmallProject(text)
        let texts = project.load().loaded?.pipeline?.stageTexts
        #expect((texts != nil) == new.contains("here"))
    }

    @Test func aSnapshotThatIsTornOrOfAnotherVersionSaysNothing() throws {
        let project = try project()
        let folder = project.folder + "/.sluice/snapshots"
        let path = folder + "/" + (try #require(try Files.list(folder).first))
        let whole = try Files.read(path)
        try edit(project, "echo 12", "echo twelve")
        #expect(read(project) != nil)
        for cut in [0, 7, 20, 100, whole.count / 2, whole.count - 1] {
            try Files.write(whole[..<cut], to: path)
            #expect(read(project) == nil, "cut at \(cut)")
        }
        for place in [7, 10, 17, 60, whole.count / 2, whole.count - 1] {
            var bytes = whole
            bytes[place] ^= 1
            try Files.write(bytes, to: path)
            #expect(read(project) == nil, "byte \(place)")
        }
        try Files.write(whole, to: path)
        #expect(read(project) != nil)
    }

    /// A quote that is left open swallows the comments in place of all stages
    /// behind it, and is closed by the last line of the file.
    @Test func whatStandsBehindTheStagesMustStandThereStill() throws {
        let pipeline = Self.pipeline + "description: 5'\n"
        let project = try project(pipeline)
        try project.write("p.yaml", pipeline.replacing("echo 12", with: "echo twelve"))
        #expect(read(project) == "a12 b12 c12")
        let (command, ports) = (
            "    run: cat ${in.b} > ${out.o}\n", "    in: { b: b12 }\n    out: { o: o.txt }\n"
        )
        try #require(pipeline.contains(command + ports))
        let open = ports + "    run: 'cat ${in.b} > ${out.o}\n"
        try project.write("p.yaml", pipeline.replacing(command + ports, with: open))
        #expect(read(project) == nil)
    }

    @Test func anotherLockIsReadWhole() throws {
        let project = try project()
        try edit(project, "echo 12", "echo twelve")
        let lock = try Files.read(project.folder + "/p.lock")
        try Files.write(lock + Array("# a word\n".utf8), to: project.folder + "/p.lock")
        #expect(read(project) == nil)
        try Files.remove(project.folder + "/p.lock")
        #expect(read(project) == nil)
        try Files.write(lock, to: project.folder + "/p.lock")
        #expect(read(project) == "a12 b12 c12")
    }

    @Test func aFewStagesAreReadWhole() throws {
        let few = String(Self.pipeline[..<(try #require(Self.pipeline.firstRange(of: "  a23:")).lowerBound)])
        let project = try project(few)
        try project.write("p.yaml", few.replacing("echo 12", with: "echo twelve"))
        #expect(read(project) == nil)
    }
}
