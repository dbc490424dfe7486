import BenchLoop
import DataFrames
import Glibc
import Platform
import Probes

/// Our side of the suites `tables` and `prepare`: `table-bench INPUTS OUTPUTS`, the folder of what table_data.py makes, and one for
/// what is written.
@main
struct TableBench {
    static func main() {
        guard CommandLine.arguments.count == 3 else { fatalError("usage: table-bench INPUTS OUTPUTS") }
        beginAsWorkersDo()
        BenchLoop.run(
            Case.reading + Case.arrow + Case.writing + Case.parquet + Case.jsonLines + Case.pictures
                + Case.joins
                + Case.groups + Case.preparing
                + Case.probes)
    }
}

extension TableBench {
    /// With the pages that a worker of `sluice run` has: they are asked for when a process starts.
    private static func beginAsWorkersDo() {
        let given = ProcessEnvironment.own[LargePages.variable]
        let wanted = LargePages.tunables(given)
        guard given != wanted else { return }
        setenv(LargePages.variable, wanted, 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        fatalError("table-bench cannot be started again: errno \(errno)")
    }
}

extension Case {
    /// Something that gives a value, the last of which is kept until the next go begins, as whoever reads a table
    /// keeps it.
    static func of<Result>(
        _ name: String, make: @escaping () throws -> () throws -> Result,
        summary: @escaping (Result) -> String
    ) -> Case {
        let last = Last<Result>()
        var one = Case(name: name) {
            orStop {
                let work = try make()
                return {
                    last.value = nil
                    last.value = orStop(work)
                }
            }
        }
        one.result = { last.value.map(summary) ?? "error: nothing was done" }
        return one
    }

    /// Something whose rows pass by, batch after batch; they are put together only to see that they are right.
    static func passing(
        _ name: String, make: @escaping () throws -> (_ body: (DataFrame) -> Void) throws -> Void
    ) -> Case {
        var one = Case(name: name) {
            orStop {
                let work = try make()
                return { orStop { try work { _ in } } }
            }
        }
        one.result = {
            orStop {
                var all = DataFrameBuilder()
                try make()() { all.append($0, 0..<$0.count) }
                return Summary.text(all.take())
            }
        }
        return one
    }

    /// Something that writes a file where none is, as a stage does: what would be replaced goes first.
    static func writing(
        _ name: String, to file: String, make: @escaping () throws -> () throws -> Void
    ) -> Case {
        var one = Case(name: name) {
            orStop {
                let work = try make()
                return {
                    unlink(file)
                    orStop(work)
                }
            }
        }
        one.result = { "file \(file)" }
        return one
    }

    /// What the machine can do: 64 MB read and written.
    static var probes: [Case] {
        [
            Case(name: "probe copy") {
                let count = 1 << 24
                let (to, from) = (
                    UnsafeMutablePointer<Float>.allocate(capacity: count),
                    UnsafeMutablePointer<Float>.allocate(capacity: count)
                )
                to.initialize(repeating: 0, count: count)
                from.initialize(repeating: 1, count: count)
                return { sluice_probe_copy(to, from, count) }
            }
        ]
    }

    /// One on one thread and one on two.
    static func onOneAndTwo(_ name: String, _ make: (String, Int) -> Case) -> [Case] {
        [1, 2].map { make(Case.name(name, threads: $0), $0) }
    }

    /// A case that cannot be made or done is a mistake of ours.
    static func orStop<Result>(_ body: () throws -> Result) -> Result {
        do { return try body() } catch { fatalError("\(error)") }
    }
}

private final class Last<Value> {
    var value: Value?
}
