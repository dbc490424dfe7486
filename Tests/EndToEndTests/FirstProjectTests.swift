import CanonicalJSON
import Platform
import Testing

/// From `init` to a model that is looked at and taken away.
@Suite struct FirstProjectTests {
    private struct Project {
        let place: Workplace
        let folder: String

        init() throws {
            place = try Workplace()
            folder = place.folder + "/seeds"
            let made = try place.sluice("init", "seeds")
            try #require(made.status == 0, "\(made)")
        }

        func callAsFunction(_ words: String...) throws -> Workplace.Result {
            try Child(words + ["-C", folder], in: folder, [:]).wait()
        }
    }

    @Test func whatInitWritesRunsAtOnceAndPassesItsGate() throws {
        let sluice = try Project()
        let checked = try sluice("check")
        #expect(checked.status == 0 && checked.err == "5 stages, no findings\n", "\(checked)")
        let run = try sluice("run")
        #expect(run.status == 0, "\(run)")
        #expect(Files.exists(sluice.folder + "/reports/seedlings.html"))
        #expect(try sluice("status", "--exit-code").status == 0)
        let metrics = try sluice("show", "report.metrics")
        #expect(metrics.out.hasPrefix("accuracy   0."), "\(metrics)")
        #expect(metrics.out.split(separator: "\n")[0].hasSuffix(">= 0.6  passes"), "\(metrics)")
        #expect(
            try sluice("dag").out == """
                rows                collect.csv
                └─ split            split.rows
                   └─ features      features.fit
                      └─ model      train.model  ← split
                         └─ report  evaluate.model  ← split

                """)
        #expect(try sluice("show", "model").out.hasPrefix("estimator   logistic regression"))
        #expect(try sluice("show", "features").out.hasPrefix("target                 thrives\n"))
        let again = try sluice.place.sluice("init", "seeds")
        #expect(again.status == 0 && !again.err.contains("written"), "\(again)")
    }

    @Test func aTableIsShownAndTakenAway() throws {
        let sluice = try Project()
        let early = try sluice("show", "rows")
        #expect(early.status == 2, "\(early)")
        #expect(
            early.err == """
                error: there is no result of stage 'rows' yet
                  fix: run it first: sluice run rows

                """)
        _ = try sluice("run")
        let shown = try sluice("show", "rows", "-n", "1")
        #expect(shown.status == 0 && shown.err.isEmpty, "\(shown)")
        #expect(
            shown.out == """
                   plant_id  light_hours  water_ml  soil      thrives
                integer, id       number   integer  category  boolean, target
                                           4 nulls
                ───────────  ───────────  ────────  ────────  ───────────────
                          1          6.7       126  loam      true
                1 of 60 rows, 5 columns

                """)
        let stale = try sluice("show", "split.test", "-S", "test=0.5", "-n", "1")
        #expect(stale.status == 0 && stale.out.contains("1 of 15 rows"), "\(stale)")
        #expect(
            stale.err == """
                warning: stage 'split' is not up to date; this is what it made last
                  fix: sluice run split

                """)
        let got = try sluice("get", "split.test", "--as", "csv")
        #expect(got.status == 0 && got.out == "test.csv\n", "\(got)")
        let csv = try sluice.place.read("seeds/test.csv")
        #expect(csv.hasPrefix("plant_id,light_hours,water_ml,soil,thrives\n"))
        #expect(csv.split(separator: "\n").count == 16)
        let refused = try sluice("get", "split.test", "--as", "csv")
        #expect(refused.status == 2, "\(refused)")
        #expect(
            refused.err == """
                error: 'test.csv' exists already
                  fix: name another path with -o, or overwrite it with --force

                """)
    }

    @Test func aMachineThatRunsTheTestsIsHealthy() throws {
        let doctor = try Project()("doctor", "--json")
        #expect(doctor.status == 0, "\(doctor)")
        // What it starts writes nowhere, which stays there.
        #expect(try Files.status("/dev/null")?.kind == .other)
        #expect(doctor.out.hasSuffix(#"{"event":"summary","healthy":true}"# + "\n"))
    }

    @Test func aShellOffersStagesWithTheirOutputs() throws {
        let sluice = try Project()
        let script = """
            PATH="${0%/*}:$PATH"
            source <(sluice --generate-completion-script bash)
            cd "$1"
            COMP_WORDS=(sluice show spl) COMP_CWORD=2 COMP_LINE='sluice show spl' COMP_POINT=15
            _sluice
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let offered = try Subprocess.output(
            of: ["bash", "-c", script, Workplace.program, sluice.folder])
        let lines = String(decoding: offered, as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("split.train"), "\(lines)")
        #expect(!lines.contains("rows"), "\(lines)")
    }

    @Test func anUnknownKindIsAnswered() throws {
        let child = try Child(["stages", "split.row"], in: "/", [:]).wait()
        #expect(child.status == 2)
        #expect(child.err.hasPrefix("error: there is no stage kind 'split.row'\n"), "\(child)")
        #expect(child.err.hasSuffix("  fix: did you mean 'split.rows'?\n"), "\(child)")
    }

    /// A value at its default is named as what it is.
    @Test func whyNamesBothValuesOfWhatStoodAtItsDefault() throws {
        let sluice = try Project()
        #expect(try sluice("run").status == 0)
        let path = sluice.folder + "/pipelines/seedlings.yaml"
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        try Files.write(Array(text.replacing("strategy: median", with: "strategy: mean").utf8), to: path)
        let why = try sluice("why", "features")
        #expect(why.out.hasSuffix("\n  steps[0].impute.strategy: median -> mean\n"), "\(why)")
        let locked = try sluice("run", "--locked")
        #expect(locked.status == 2)
        #expect(locked.err.contains("changed: steps[0].impute.strategy: median -> mean\n"), "\(locked)")
    }
}
