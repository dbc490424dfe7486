import CanonicalJSON
import Charts
import DataFrames
import PipelineLanguage
import TableTypes

/// Writes the rows of a table to the parts of a split, in the order they have.
struct SplitParts {
    private let run: StageRun
    private let ports: [String]

    /// - Parameter ports: All outputs; the first is what is learned from.
    init(_ run: StageRun, _ ports: [String]) {
        self.run = run
        self.ports = ports
    }

    /// - Parameters:
    ///   - content: Columns whose values are told of where a part has them in common with the first.
    ///   - port: Of a row the place of its part among the ports; nil goes nowhere.
    func write(content: [String], port: (Int) -> Int?) throws {
        var input = try run.reader("in")
        let writers = ports.map { TableWriter(run, $0, roles: input.roles) }
        let repeats = repeats(content, rows: input.rows)
        try input.eachBatch { frame, first in
            var rows = [[Int]](repeating: [], count: ports.count)
            let portOfRow = (0..<frame.count).map { port(first + $0) }
            for (row, port) in portOfRow.enumerated() {
                if let port { rows[port].append(row) }
            }
            for (writer, rows) in zip(writers, rows) { try writer.append(frame.gather(rows)) }
            repeats?.take(frame, portOfRow)
        }
        for writer in writers { try writer.finish() }
        for (port, count, rows) in repeats?.counts() ?? [] where count > 0 {
            run.tell(.fact(port: ports[port], name: "repeated", .integer(Int64(count))))
            run.tell(.log(Self.text(count, rows, of: ports[port], like: ports[0])))
        }
    }

    private static func text(_ count: Int, _ rows: Int, of part: String, like train: String) -> String {
        "\(NumberText.count(count)) of \(NumberText.count(rows)) rows of \(part) "
            + "\(count == 1 ? "has" : "have") a content that \(train) has too; write group_by: content to keep such rows together"
    }

    /// Nil where nothing is to be looked for. What would not fit in memory is not: a split needs less.
    private func repeats(_ content: [String], rows: Int) -> ContentRepeats? {
        guard !content.isEmpty else { return nil }
        if let memory = run.memory, rows * ContentRepeats.bytesPerRow > memory / 8 {
            run.tell(
                .log(
                    "not looked for rows of one content in two parts: \(NumberText.count(rows)) rows are too many for the memory"
                ))
            return nil
        }
        return ContentRepeats(content, ports: ports.count)
    }
}

/// How many rows of a part have a content that the first part has too.
///
/// What is kept of a row is half a digest: among a billion rows the chance that two differ and are taken for the same is
/// 3 in 100.
private final class ContentRepeats {
    static let bytesPerRow = 8

    private let columns: [String]
    private var contents = ContentDigests()
    /// By part, of rows with a content.
    private var marks: [[UInt64]]
    private var rows: [Int]

    init(_ columns: [String], ports: Int) {
        self.columns = columns
        marks = Array(repeating: [], count: ports)
        rows = Array(repeating: 0, count: ports)
    }

    func take(_ frame: DataFrame, _ portOfRow: [Int?]) {
        for port in portOfRow {
            if let port { rows[port] += 1 }
        }
        contents.eachRow(of: columns.compactMap { frame[$0] }) { row, content in
            if let port = portOfRow[row], let content { marks[port].append(content.words.0) }
        }
    }

    /// - Complexity: O(n log n).
    func counts() -> [(port: Int, count: Int, rows: Int)] {
        marks[0].sort()
        let known = marks[0]
        func isKnown(_ mark: UInt64) -> Bool {
            var (low, high) = (0, known.count)
            while low < high {
                let middle = (low + high) / 2
                if known[middle] < mark { low = middle + 1 } else { high = middle }
            }
            return low < known.count && known[low] == mark
        }
        return marks.indices.dropFirst().map { port in
            (port, marks[port].lazy.filter(isKnown).count, rows[port])
        }
    }
}
