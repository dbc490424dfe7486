import ArrowIPC
import BenchLoop
import CanonicalJSON
import DataFrames
import JSONTables
import Parquet
import PipelineLanguage
import Platform
import StageLibrary

extension Case {
    /// CSV into memory, and the stage, which also writes the Arrow file that the next one maps.
    static var reading: [Case] {
        [false, true].flatMap { dates in
            let form = dates ? "dates" : "plain"
            return onOneAndTwo("csv read \(form)") { name, threads in
                of(name) {
                    let (path, schema) = (Inputs.path("events.csv"), Inputs.events(dates: dates))
                    return { try StageLibrary.table(ofCSV: path, schema, threads: threads) }
                } summary: {
                    Summary.text($0.frame)
                }
            }
                + onOneAndTwo("csv collect \(form)") { name, threads in
                    let table = Inputs.output("collected-\(form).arrow")
                    return writing(name, to: table) {
                        let path = Inputs.path("events.csv")
                        let run = StageRun(
                            parameters: ["path": .string(path), "max_rejects": 0],
                            schema: Inputs.events(dates: dates), threads: threads,
                            inputs: [.init(port: "path", type: .file, path: path, basename: "events.csv")],
                            outputs: ["table": table, "rejects": Inputs.output("rejects.arrow")])
                        return { try StageLibrary.catalog["collect.csv"]!.run(run) }
                    }
                }
        }
    }

    static var jsonLines: [Case] {
        [
            of("jsonl read") {
                let (file, schema) = (
                    try MappedFile(Inputs.path("events.jsonl")), Inputs.events(dates: false)
                )
                return { withExtendedLifetime(file) { JSONTable(lines: [file.bytes], schema) } }
            } summary: {
                Summary.text($0.columns)
            },
            writing("jsonl write", to: Inputs.output("events.jsonl")) {
                let file = try MappedFile(Inputs.path("events.jsonl"))
                let table = JSONTable(lines: [file.bytes], Inputs.events(dates: false))
                let path = Inputs.output("lines.arrow")
                try ArrowFile.write(DataFrame(table.columns), to: path)
                return export(path, "jsonl")
            },
        ]
    }
}
