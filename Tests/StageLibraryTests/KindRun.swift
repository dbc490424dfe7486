import ArrowIPC
import CanonicalJSON
import ContentStore
import DataFrames
import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import Synchronization
import TableTypes
import Testing
import YAMLSyntax

@testable import StageLibrary

/// A folder of a test's own, gone with it.
final class Workspace: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/sluice-stages-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { buffer in
            String(cString: try #require(buffer.baseAddress.flatMap { mkdtemp($0) }))
        }
    }

    deinit { try? Files.remove(path) }

    func place(_ name: String) -> String { "\(path)/\(name)" }

    /// A table artifact for a port.
    func table(_ port: String, _ table: ArrowTable) throws -> StageRun.Artifact {
        let path = place("\(port).arrow")
        try ArrowFile.write(table.frame, roles: table.roles, to: path)
        return StageRun.Artifact(port: port, type: .table, path: path, basename: "\(port).arrow")
    }

    func table(_ port: String, _ frame: DataFrame) throws -> StageRun.Artifact {
        try table(port, ArrowTable(frame: frame))
    }

    func transform(_ transform: FittedTransform) throws -> StageRun.Artifact {
        let path = place("features.json")
        try Files.write(transform.json.canonicalBytes, to: path)
        return StageRun.Artifact(port: "features", type: .transform, path: path, basename: "features.json")
    }

    func model(_ folder: String) -> StageRun.Artifact {
        StageRun.Artifact(port: "model", type: .model, path: place(folder), basename: folder)
    }

    func digest(_ name: String) throws -> String { Digest.of(try Files.read(place(name))).hex }
}

/// What a run has told, in order.
final class Told: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func callAsFunction(_ event: StageRun.Event) {
        let line =
            switch event {
            case .fact(let port, let name, let value): "\(port).\(name) = \(value.canonicalText)"
            case .progress(let share, let text): "\(share) \(text)"
            case .log(let text): text
            }
        lines.withLock { $0.append(line) }
    }
}

/// The message of a stage error as a person reads it.
func text(_ error: StageError?) -> String {
    guard let error else { return "" }
    return
        ([error.message] + error.notes.map { "\($0.label): \($0.text)" } + [error.fix.map { "fix: \($0)" }])
        .compactMap { $0 }.joined(separator: "\n")
}

func stageError(_ body: () throws -> Void) -> String {
    text(#expect(throws: StageError.self) { try body() })
}

/// What the check of a kind says about a `with` in YAML: place, message and
/// what follows, and the types that come out.
func checked(
    _ kind: StageKind, _ yaml: String, _ inputs: [String: StaticType]
) throws -> (findings: [String], outputs: [String: StaticType]) {
    var syntax = Diagnostics()
    let with = try #require(parseYAML(SourceText(path: "p.yaml", text: yaml), into: &syntax))
    var check = StageCheck(
        parameters: JSONValue(with), inputs: inputs, with: with,
        stage: SourceRange(with.range.source, start: Mark(line: 9, column: 9), end: Mark(line: 9, column: 10))
    )
    kind.check(&check)
    let findings = check.findings.sorted.map { finding in
        let mark = finding.range?.start
        return
            (["\(mark?.line ?? 0):\(mark?.column ?? 0) \(finding.severity.rawValue): \(finding.message)"]
            + finding.notes.map { "\($0.label): \($0.text)" } + [finding.fix.map { "fix: \($0)" }])
            .compactMap { $0 }.joined(separator: "\n")
    }
    return (findings, check.outputs)
}
