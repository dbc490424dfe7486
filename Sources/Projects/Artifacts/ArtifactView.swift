import ArrowIPC
import CanonicalJSON
import Charts
import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Platform
import StageLibrary
import TableTypes

/// What an artifact holds, as text for people, or as JSON lines.
public struct ArtifactView {
    public let loaded: LoadedPipeline
    public let artifact: StoredArtifact
    /// Rows of a table, lines of a file, entries of a folder.
    public let rows: Int
    private let path: String

    /// - Throws: `SystemError` when the store cannot be opened.
    public init(_ artifact: StoredArtifact, of loaded: LoadedPipeline, rows: Int) throws {
        self.loaded = loaded
        self.artifact = artifact
        self.rows = rows
        path = try loaded.store.path(of: artifact.digest)
    }

    /// - Parameters:
    ///   - width: Columns of the terminal, if it is one.
    ///   - faint: Makes what is secondary less visible.
    /// - Throws: `DiagnosticError` for bytes that are not what they should be.
    public func text(width: Int?, faint: (String) -> String = { $0 }) throws -> String {
        try reading {
            switch artifact.type {
            case .table:
                return try TableText(TablePreview(ofTable: path, rows: rows), width: width).text(faint: faint)
                    + changesText(faint)
            case .metrics: return try metricsText()
            case .transform:
                let transform = try FittedTransform(json: JSONValue(parsing: try Files.read(path)))
                let target = transform.target.map { [["target", "", $0]] } ?? []
                return aligned(
                    target + transform.summary.map { [cutForCell($0.column), $0.type, cutLines($0.text)] })
            case .model: return try modelText()
            case .report: return shownPath + "\n"
            case .file, .list: return try fileText(faint)
            case .folder: return try entries()
            }
        }
    }

    /// What is known of a stored table's columns.
    ///
    /// - Throws: `DiagnosticError`.
    public func schema() throws -> TableSchema {
        try requireTable("--schema is for tables")
        return try reading { try StageLibrary.schema(ofTable: path) }
    }

    /// Lines of what was changed that are shown at most.
    private static let mostChanges = 20

    /// Of a table that tells what a stage has changed, how often it did what.
    private func changesText(_ faint: (String) -> String) throws -> String {
        guard artifact.port == "changes", let lines = try ChangesSummary(ofTable: path)?.lines,
            !lines.isEmpty
        else { return "" }
        let shown = lines.prefix(Self.mostChanges).map { line in
            [NumberText.count(line.count), line.rule, line.column.map(cutForCell) ?? "rows left out"]
        }
        let more = lines.count - shown.count
        return "\n" + aligned(shown, right: [0])
            + (more > 0 ? faint("and \(more) more kinds of change\n") : "")
    }

    /// A table's rows or the metrics, a JSON object a line.
    ///
    /// - Throws: `DiagnosticError`.
    public func jsonLines() throws -> [UInt8] {
        if artifact.type == .metrics {
            return try reading {
                try metrics().flatMap { metric -> [UInt8] in
                    var json: JSONValue = ["metric": .string(metric.name), "value": metric.value]
                    if let gate = metric.gate {
                        json["gate"] = .string(Self.bound(gate))
                        json["passes"] = .boolean(metric.passes)
                    }
                    return Array((json.canonicalText + "\n").utf8)
                }
            }
        }
        try requireTable("--json is for tables and metrics")
        return try reading { try StageLibrary.jsonLines(ofTable: path, rows: rows) }
    }

    private func requireTable(_ what: String) throws {
        guard artifact.type != .table else { return }
        throw DiagnosticError(
            ArtifactFinding.noTable(artifact: artifact.name, type: "\(artifact.type)", what: what))
    }

    private func reading<Result>(_ body: () throws -> Result) throws -> Result {
        func unusable(_ reason: String) -> DiagnosticError {
            DiagnosticError(ArtifactFinding.unusable(artifact: artifact.name, reason: reason))
        }
        do {
            return try body()
        } catch let error as ArrowError {
            throw unusable(error.message)
        } catch let error as StageError {
            throw unusable(error.message)
        } catch let error as JSONSyntaxError {
            throw unusable(error.description)
        } catch let error as SystemError {
            throw unusable(error.description)
        }
    }

    // MARK: Metrics

    private struct Metric {
        var name: String
        var value: JSONValue
        var gate: Gate?

        var passes: Bool { value.number.map { gate?.passes($0) ?? true } ?? false }
    }

    /// Every metric by name, one that has several gates once for each.
    private func metrics() throws -> [Metric] {
        let values = try JSONValue(parsing: try Files.read(path)).object ?? [:]
        let gates = loaded.plan.index(of: artifact.stage).map { loaded.plan.stages[$0].gates } ?? []
        return values.sorted { $0.key < $1.key }.flatMap { name, value -> [Metric] in
            let own = gates.filter { $0.port == artifact.port && $0.gate.metric == name }
            return own.isEmpty
                ? [Metric(name: name, value: value)]
                : own.map { Metric(name: name, value: value, gate: $0.gate) }
        }
    }

    private func metricsText() throws -> String {
        aligned(
            try metrics().map { metric in
                let value = metric.value.number.map(Self.short) ?? metric.value.canonicalText
                guard let gate = metric.gate else { return [metric.name, value] }
                return [metric.name, value, Self.bound(gate), metric.passes ? "passes" : "fails"]
            }, right: [1])
    }

    private static func bound(_ gate: Gate) -> String {
        "\(gate.relation.rawValue) \(JSONValue.number(gate.bound).canonicalText)"
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() ? NumberText.shortest(value) : NumberText.fixed(value, 6)
    }

    // MARK: Files and folders

    /// Where a person opens it: published, else in the store.
    private var shownPath: String { Project.shown(loaded.publishedPath(of: artifact) ?? path) }

    private func fileText(_ faint: (String) -> String) throws -> String {
        let head = "\(shownPath)  \(NumberText.bytes(artifact.size))\n"
        guard rows > 0, let lines = firstLines(try MappedFile(path)) else { return head }
        return head + lines.map { cutLines($0) + "\n" }.joined()
    }

    /// Nil for what is no text.
    private func firstLines(_ file: MappedFile) -> [String]? {
        let head = file.bytes.prefix(1 << 16)
        guard !head.contains(0) else { return nil }
        // A character that the limit cuts through is no fault of the file's.
        guard
            let text = (0..<4).lazy.compactMap({ String(validating: head.dropLast($0), as: UTF8.self) }).first
        else { return nil }
        var lines = text.split(separator: "\n", maxSplits: rows, omittingEmptySubsequences: false)
        if lines.count > rows || lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map(String.init)
    }

    private func entries() throws -> String {
        guard let manifest = try loaded.store.manifest(artifact.digest) else { return "" }
        var lines = manifest.entries.prefix(rows).map { entry in
            switch entry.content {
            case .file(_, let size, let isExecutable):
                [entry.path, NumberText.bytes(size), isExecutable ? "executable" : ""]
            case .symlink(let target): [entry.path, "", "link to '\(target)'"]
            case .emptyFolder: [entry.path + "/", "", "empty"]
            }
        }
        if manifest.entries.count > rows { lines.append(["... and \(manifest.entries.count - rows) more"]) }
        let total = "\(manifest.entries.count) entr\(manifest.entries.count == 1 ? "y" : "ies")"
        return aligned(lines, right: [1]) + "\(total), \(NumberText.bytes(artifact.size))\n"
    }

    /// A folder that one of our stages trained, else its entries.
    private func modelText() throws -> String {
        let folder = try loaded.store.temporaryPath()
        defer { try? Files.remove(folder) }
        try loaded.store.materialiseFolder(artifact.digest, at: folder)
        guard Files.exists(folder + "/model.json"), let model = try? TrainedModel(folder: folder) else {
            return try entries()
        }
        return model.summary
    }

    private func cutLines(_ text: String) -> String {
        text.count <= 160 ? text : text.prefix(159) + "…"
    }
}
