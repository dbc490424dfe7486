import CanonicalJSON
import PipelineLanguage
import Platform
import StageLibrary
import Testing

@testable import Projects

@Suite struct DoctorTests {
    @Test func everyProbeAnswersAndLeavesNothing() throws {
        let scratch = try Scratch()
        let probe = SystemProbe(folder: scratch.path)
        #expect(probe.writeProblem() == nil)
        _ = probe.canShareBlocks()
        #expect(probe.canLock())
        #expect(try scratch.names() == [])
        #expect(SystemProbe.memory > 1 << 20)
    }

    @Test func aFolderThatIsNotThereIsNoStore() {
        let probe = SystemProbe(folder: "/nowhere/at/all")
        #expect(probe.writeProblem()?.contains("No such file or directory") == true)
        #expect(!probe.canLock())
        #expect(!probe.canShareBlocks())
    }

    @Test func aKeeperThatDoesNotStartIsBroken() {
        let doctor = Doctor(version: "1.2.3", executable: "/nowhere/sluice")
        #expect(!doctor.isHealthy)
        #expect(doctor.lines.first?.text.hasPrefix("version 1.2.3") == true)
        #expect(
            doctor.lines.last
                == .init(
                    "keeper", .broken, "cannot start the keeper '/nowhere/sluice': No such file or directory")
        )
    }

    @Test func librariesThatKindsNeedAreLookedForAndNamed() throws {
        let lines = Doctor.libraries(for: ["collect.http", "collect.xml"])
        #expect(lines.map(\.name) == ["libcurl", "libxml2", "libzstd", "zlib"])
        #expect(
            lines.first
                == .init("libcurl", .ok, "libcurl.so.4, used by collect.http for web servers"))
        // Of kinds that unpack, and that read and write files for commands.
        let used = Dictionary(uniqueKeysWithValues: SystemLibrary.all.map { ($0.name, Set($0.kinds)) })
        #expect(used["zlib"]?.isSuperset(of: ["collect.text", "collect.jsonl", "table.import"]) == true)
        #expect(used["libzstd"]?.isSuperset(of: ["collect.text", "table.export"]) == true)
        let known = StageLibrary.catalog.names + StageLibrary.conversions.names
        #expect(used.values.joined().allSatisfy(known.contains))
        let absent = SystemLibrary(
            "libnowhere", [("libnowhere.so.8", "libnowhere8"), ("libnowhere.so.7", "libnowhere7")],
            for: ["collect.a", "collect.b", "collect.c"], "nothing")
        #expect(
            Doctor.libraries([absent], for: ["collect.b", "collect.a", "collect.d"]) == [
                .init(
                    "libnowhere", .warning,
                    "libnowhere.so.7 is not installed, which is used by collect.a, collect.b for nothing",
                    "apt install libnowhere7")
            ])
        #expect(Doctor.libraries([absent], for: ["collect.d"]) == [])
    }

    @Test func kindsAreListedAreaByArea() {
        func kind(_ name: String, _ summary: String) -> StageKind {
            StageKind(
                name, versions: [.init(1, "first")], summary: summary, example: "", inputs: [],
                outputs: [OutputPort("out", .table, "Rows.")],
                parameters: [Parameter("n", .integer(.atLeast(0)), .defaulted(3), "How many.")],
                run: { _ in })
        }
        let catalog = StageCatalog([
            kind("train.model", "Trains."), kind("clean.table", "Cleans."), kind("clean.x", "Xes."),
        ])
        #expect(
            KindText.list(catalog) == """
                clean
                  clean.table  Cleans.
                  clean.x      Xes.

                train
                  train.model  Trains.

                """)
        #expect(
            KindText(catalog.kinds[1]).json.canonicalText
                == #"{"area":"clean","inputs":[],"name":"clean.x","outputs":[{"name":"out","summary":"Rows.","type":"table"}],"parameters":[{"default":3,"name":"n","required":false,"summary":"How many.","type":"an integer in [0, inf)"}],"summary":"Xes.","version":1}"#
        )
    }
}
