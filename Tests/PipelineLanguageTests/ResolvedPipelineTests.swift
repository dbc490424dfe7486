import CanonicalJSON
import Diagnostics
import Testing

@testable import PipelineLanguage

private func read(
    _ text: String, files: [String: String] = [:], context: ReadingContext = ReadingContext()
) throws -> Pipeline {
    var context = context
    context.load = { SourceText(path: $0.text, text: files[$0.text] ?? "") }
    var findings = Diagnostics()
    let source = SourceText(path: context.folder + "/p.yaml", text: text)
    let pipeline = PipelineReader(catalog: StageCatalog([sampleKind]), context: context)
        .read(source, into: &findings)
    #expect(DiagnosticRenderer().render(findings) == "")
    return try #require(pipeline)
}

private func command(_ stage: Stage?) throws -> Command {
    guard case .command(let command) = try #require(stage).body else { throw NotACommand() }
    return command
}
private struct NotACommand: Error {}

private let matrix = """
      m:
        run: "echo ${matrix.lr} ${matrix.depth} > ${out.o}"
        out: { o: o }
        matrix: { lr: [0.10, 0.01], depth: [2, 3] }

    """

@Suite struct ResolvedPipelineTests {
    @Test func aMatrixGivesAStageForEachMemberInWrittenOrder() throws {
        let pipeline = try read("stages:\n" + matrix)
        #expect(
            pipeline.stages.map(\.name) == [
                "m@lr=0.1+depth=2", "m@lr=0.1+depth=3", "m@lr=0.01+depth=2", "m@lr=0.01+depth=3",
            ])
        #expect(try command(pipeline.stages[1]).script.keyText == "echo 0.1 3 > ${out.o}")
    }

    @Test(arguments: [
        ("m@*", ["lr=0.1+depth=2", "lr=0.1+depth=3", "lr=0.01+depth=2", "lr=0.01+depth=3"]),
        ("m@*.o", ["lr=0.1+depth=2", "lr=0.1+depth=3", "lr=0.01+depth=2", "lr=0.01+depth=3"]),
        ("m@lr=0.1", ["lr=0.1+depth=2", "lr=0.1+depth=3"]),
        ("m@depth=3.o", ["lr=0.1+depth=3", "lr=0.01+depth=3"]),
    ])
    func aSelectionIsTheListOfItsMembers(written: String, labels: [String]) throws {
        let pipeline = try read(
            "stages:\n" + matrix + "  n: { run: 'cat ${in.a}', in: { a: '\(written)' } }\n")
        guard case .artifacts(let references) = pipeline["n"]?.inputs[0].origin else {
            Issue.record("a list")
            return
        }
        #expect(references.map(\.label) == labels && references.allSatisfy { $0.port == "o" })
    }

    @Test(arguments: ["m@lr=0.1+depth=2", "m@depth=2+lr=0.1.o"])
    func aWholeSelectionIsOneMember(written: String) throws {
        let pipeline = try read(
            "stages:\n" + matrix + "  n: { run: 'cat ${in.a}', in: { a: '\(written)' } }\n")
        guard case .artifact(let reference) = pipeline["n"]?.inputs[0].origin else {
            Issue.record("one")
            return
        }
        #expect(reference.stage == "m@lr=0.1+depth=2" && reference.port == "o")
    }

    @Test func twoMatricesArePairedByTheNamesOfTheirValues() throws {
        let pipeline = try read(
            """
            params: { sizes: [{ name: small, value: [1, 2] }, { name: large, value: [9] }] }
            stages:
              m: { run: "echo > ${out.o}", out: { o: o }, matrix: { s: "${params.sizes}" } }
              n:
                run: cat ${in.a} > ${out.o}
                in: { a: "m@s=${matrix.s}" }
                out: { o: o }
                publish: { o: "//o/${matrix.s}.txt" }
                matrix: { s: "${params.sizes}" }
            """)
        guard case .artifact(let reference) = pipeline["n@s=large"]?.inputs[0].origin else {
            Issue.record("one")
            return
        }
        #expect(reference.stage == "m@s=large")
        #expect(pipeline.stages.flatMap(\.publish).map(\.path.text) == ["o/small.txt", "o/large.txt"])
    }

    @Test func membersAreOffOneByOneAndAListSkipsThem() throws {
        let pipeline = try read(
            """
            stages:
              m: { run: "echo > ${out.o}", out: { o: o }, matrix: { a: [1, 2, 3] }, when: matrix.a != 2 and not false }
              off: { run: "echo > ${out.o}", out: { o: o }, when: "'x' in ['y', 'z']" }
              n: { run: "true", in: { a: "m@*", b: { from: off, optional: true } }, after: off }
            """)
        #expect(pipeline.off == ["m@a=2", "off"])
        let stage = try #require(pipeline["n"])
        #expect(stage.references.map(\.stage) == ["m@a=1", "m@a=3"])
        #expect(stage.inputs.count == 1 && stage.after.isEmpty)
    }

    @Test func overridesWinOverTheProfileAndTheProfileOverDefaults() throws {
        let text = """
            params: { a: 1, b: 1, c: 1, d: x }
            profiles: { quick: { b: 2, c: 2 } }
            stages: { s: { run: "echo ${params.a} ${params.b} ${params.c} ${params.d} ${env.E}" } }
            """
        let context = ReadingContext(
            overrides: [("c", "0.30"), ("d", "it's")], profile: "quick",
            environment: { $0 == "E" ? "e f" : nil })
        let pipeline = try read(text, context: context)
        #expect(try command(pipeline["s"]).script.keyText == "echo 1 2 0.3 'it'\\''s' 'e f'")
    }

    @Test func anIncludedFileHasNamesParametersAndPathsOfItsOwn() throws {
        let pipeline = try read(
            """
            stages: { raw: { run: "echo > ${out.t}", out: { t: { table: t.csv } } } }
            include: [{ file: ../parts/p.yaml, as: p, params: { n: 5 }, in: { rows: raw } }]
            """,
            files: [
                "parts/p.yaml": """
                inputs: { rows: { type: table } }
                params: { n: 1 }
                include: [{ file: q.yaml, as: q }]
                stages:
                  a: { run: "head -n ${params.n} ${in.x} ${in.f} > ${out.o}", in: { x: rows, f: { file: f.txt } }, out: { o: o } }
                  b: { run: "cat ${in.x}", in: { x: a, y: q/z } }
                """, "parts/q.yaml": "stages: { z: { run: 'echo > ${out.o}', out: { o: o } } }",
            ], context: ReadingContext(folder: "pipelines"))
        #expect(pipeline.files.map(\.text) == ["pipelines/p.yaml", "parts/p.yaml", "parts/q.yaml"])
        #expect(pipeline.stages.map(\.name) == ["raw", "p/q/z", "p/a", "p/b"])
        #expect(try command(pipeline["p/a"]).script.keyText.hasPrefix("head -n 5 "))
        #expect(pipeline["p/b"]?.references.map(\.stage) == ["p/a", "p/q/z"])
        guard case .artifact(let rows) = pipeline["p/a"]?.inputs[0].origin,
            case .file(let file) = pipeline["p/a"]?.inputs[1].origin
        else {
            Issue.record("a stage and a file")
            return
        }
        #expect(rows.stage == "raw" && file.text == "parts/f.txt")
    }

    @Test func gatesStandOnMetricsOfACommand() throws {
        let pipeline = try read(
            "stages: { a: { run: 'true', out: { m: { metrics: m.json, gates: { auc: '>= 0.8' } } } } }")
        #expect(try command(pipeline["a"]).outputs[0].gates.map(\.description) == ["auc >= 0.8"])
    }

    @Test func aLoneReferenceKeepsItsTypeAndTextTakesTheShortestForm() throws {
        let pipeline = try read(
            """
            params: { f: 2.50, t: 1 }
            stages:
              raw: { run: "true", out: { t: { table: t.csv } }, timeout: "${params.t}m" }
              a: { uses: clean.sample, in: raw, with: { factor: "${params.f}", columns: ["x$${params.f}", "c${params.f}"] } }
            """)
        #expect(pipeline["raw"]?.timeout == 60)
        guard case .builtIn(_, _, let parameters, _) = pipeline["a"]?.body else { return }
        #expect(parameters == ["factor": 2.5, "columns": ["x${params.f}", "c2.5"]])
    }
}
