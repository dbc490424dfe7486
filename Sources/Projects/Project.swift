import Diagnostics
import Executor
import Glibc
import Platform
import YAMLSyntax

/// The folder all `//` paths start from, and the pipelines in it.
public struct Project: Sendable {
    /// Absolute.
    public let root: String

    /// The nearest folder at or above `folder` that holds `sluice.yaml`, else
    /// `.git`, else the folder itself. `.sluice` never decides it.
    ///
    /// - Parameter folder: Relative to the working directory, or absolute.
    public init(containing folder: String) {
        let start = Self.absolute(folder)
        for marker in ["sluice.yaml", ".git"] {
            var candidate = Substring(start)
            while true {
                if Files.exists(candidate + "/" + marker) {
                    root = candidate.isEmpty ? "/" : String(candidate)
                    return
                }
                guard let slash = candidate.lastIndex(of: "/") else { break }
                candidate = candidate[..<slash]
            }
        }
        root = start
    }

    public var workspace: Workspace {
        Workspace(root: root, store: getenv("SLUICE_STORE").map { String(cString: $0) })
    }

    /// An absolute path without symlinks; as it is when nothing is there.
    static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path.isEmpty ? "." : path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The pipeline a command is about when none is named: the `default` of
    /// `sluice.yaml`, else the only file in `pipelines/`.
    ///
    /// - Returns: A path as the working directory sees it.
    /// - Throws: `DiagnosticError` that lists the candidates.
    public static func defaultPipeline() throws -> String {
        let project = Project(containing: ".")
        if let named = try project.declaredDefault() { return shown(project.root + "/" + named) }
        let folder = project.root + "/pipelines"
        let names = ((try? Files.list(folder)) ?? []).filter { isPipelineFile($0) }
        if names.count == 1 { return shown(folder + "/" + names[0]) }
        throw DiagnosticError(ProjectFinding.noPipelineNamed(folder: shown(folder), found: names))
    }

    public static func isPipelineFile(_ name: String) -> Bool {
        name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }

    private func declaredDefault() throws -> String? {
        let path = root + "/sluice.yaml"
        guard Files.exists(path) else { return nil }
        let source = SourceText(path: Self.shown(path), bytes: try Files.read(path))
        // An empty file marks the root and says nothing.
        guard source.bytes.contains(where: { !" \n\r\t".utf8.contains($0) }) else { return nil }
        var findings = Diagnostics()
        let node = parseYAML(source, into: &findings)
        var named: String?
        for entry in node?.entries ?? [] {
            if entry.name == "default", case .text(let text) = entry.value.scalar {
                named = text
            } else {
                findings.add(ProjectFinding.badSetting(entry.name), at: entry.key.range)
            }
        }
        guard !findings.hasErrors else { throw DiagnosticError(findings) }
        return named
    }

    /// As people should see it: relative where it lies below the working directory.
    public static func shown(_ path: String) -> String {
        let here = absolute(".")
        if path == here { return "." }
        return path.hasPrefix(here + "/") ? path.dropping(bytes: here.utf8.count + 1) : path
    }
}
