import Glibc
import PipelineLanguage
import Planner
import Platform

/// Files of the project that a failed command could not read, or did not find,
/// because its stage does not declare them: told from what it logged.
public struct UndeclaredReads: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        /// As the pipeline file would say it: relative to its folder, or to
        /// the root behind `//`.
        public var written: String
        /// The port of an input that it is, if the stage declares it after all
        /// and reads it in the wrong place.
        public var port: String?
    }

    /// In the order of the log, each once.
    public var files: [File]
    /// Whether the stage has inputs already.
    public var hasInputs: Bool
    private let taken: Set<String>

    /// Nil when the log names no such file.
    init?(of execution: StageExecution, in run: PipelineRun) {
        guard let command = execution.command, !command.runsInProject,
            let bytes = try? Files.read(execution.log)
        else { return nil }
        let planned = execution.planned
        let root = run.workspace.root
        let places = Places(root: root, stage: execution.folder, planned: planned)
        var ports: [(path: String, port: String)] = []
        for input in planned.inputs {
            guard case .source(let number) = input.origin, let path = run.plan.sources[number].path else {
                continue
            }
            ports.append((path.text, input.port))
        }
        let log = String(decoding: bytes.suffix(1 << 18), as: UTF8.self)
        var files: [File] = []
        for line in log.split(separator: "\n") {
            for path in places.files(namedIn: line) {
                let port = ports.first { path == $0.path || path.hasPrefix($0.path + "/") }?.port
                let file = File(written: places.written(path), port: port)
                if !files.contains(file) { files.append(file) }
            }
            if files.count >= 20 { break }
        }
        guard !files.isEmpty else { return nil }
        self.files = files
        hasInputs = !planned.inputs.isEmpty
        taken = Set(planned.inputs.map(\.port))
    }

    private var undeclared: [String] { files.filter { $0.port == nil }.map(\.written) }

    /// What is said of them.
    var text: String {
        let paths = undeclared.isEmpty ? files.map(\.written) : undeclared
        let names = paths.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        let more = paths.count > 3 ? " and \(paths.count - 3) more" : ""
        let verb = paths.count > 1 ? "lie" : "lies"
        return undeclared.isEmpty
            ? "\(names)\(more) \(verb) in the project; the stage has a copy"
            : "\(names)\(more) \(verb) in the project, but the stage does not declare \(paths.count > 1 ? "them" : "it")"
    }

    /// The line that mends it.
    var fix: String {
        if undeclared.isEmpty, let file = files.first, let port = file.port {
            return "read '\(file.written)' as ${in.\(port)}"
        }
        var names = taken
        let entries = declarations.map { form, path in
            let name = Self.name(for: path, among: names)
            names.insert(name)
            return (name, "\(name): { \(form): \(Self.yaml(path)) }")
        }
        let what = entries.map(\.1).joined(separator: ", ")
        let how = entries.map { "${in.\($0.0)}" }.joined(separator: ", ")
        return (hasInputs ? "add '\(what)' to its 'in:'" : "add 'in: { \(what) }' to the stage")
            + ", and read it as \(how)"
    }

    /// Several files of one folder are declared by the folder.
    private var declarations: [(form: String, path: String)] {
        let paths = undeclared
        let folders = Set(
            paths.map { path in path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" })
        guard paths.count > 1, folders.count == 1, let folder = folders.first, !folder.isEmpty, folder != "/"
        else {
            return paths.prefix(3).map { ("file", $0) }
        }
        return [("dir", folder)]
    }

    /// A path as it may stand within `{}`.
    private static func yaml(_ path: String) -> String {
        guard path.contains(where: { ",:#{}[]&*!|>?%@`'\"\\".contains($0) }) else { return path }
        return "'" + path.replacing("'", with: "''") + "'"
    }

    /// From the file's name: small letters, digits and `_`.
    private static func name(for path: String, among taken: Set<String>) -> String {
        let last = path.split(separator: "/").last ?? ""
        let stem = last.split(separator: ".").first ?? last
        var name = String(stem.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        if name.first?.isLetter != true { name = "f" + name }
        var candidate = name
        var number = 2
        while taken.contains(candidate) {
            candidate = "\(name)\(number)"
            number += 1
        }
        return candidate
    }
}
