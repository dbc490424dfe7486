import ArrowIPC
import BenchLoop
import CanonicalJSON
import Parquet
import PipelineLanguage
import StageLibrary

extension Case {
    static var arrow: [Case] {
        [
            writing("arrow write", to: Inputs.output("written.arrow")) {
                let (frame, path) = (Inputs.events, Inputs.output("written.arrow"))
                return { try ArrowFile.write(frame, to: path) }
            },
            // The columns' names and types, and ten rows.
            of("arrow open") {
                let path = Inputs.eventsFile
                return { (try ArrowFile.type(of: path), try ArrowFile.head(path, rows: 10)) }
            } summary: {
                Summary.text($0.1.frame)
            },
        ]
    }

    /// From an Arrow file to a CSV file, as the table of a command is made.
    static var writing: [Case] {
        [writing("csv write", to: Inputs.output("events.csv")) { export(Inputs.eventsFile, "csv") }]
    }

    /// `table.export` as it is run for a command that wants this form.
    static func export(_ path: String, _ form: String) -> () throws -> Void {
        let run = StageRun(
            parameters: ["form": .string(form)],
            inputs: [.init(port: "in", type: .table, path: path, basename: "events")],
            outputs: ["file": Inputs.output("events.\(form)")])
        return { try StageLibrary.conversions["table.export"]!.run(run) }
    }

    /// On as many threads as the process may have.
    static var parquet: [Case] {
        onOneAndTwo("parquet write") { name, threads in
            writing(name, to: Inputs.output("events.parquet")) {
                let (frame, path) = (Inputs.events, Inputs.output("events.parquet"))
                return {
                    var writer = try ParquetWriter(path, threads: threads)
                    try writer.append(frame)
                    try writer.finish()
                }
            }
        }
            + onOneAndTwo("parquet read") { name, threads in
                of(name) {
                    let path = Inputs.output("read.parquet")
                    try ParquetFile.write(Inputs.events, to: path)
                    return {
                        var reader = try ParquetReader(path, threads: threads)
                        return try reader.rest()
                    }
                } summary: {
                    Summary.text($0)
                }
            }
    }
}
