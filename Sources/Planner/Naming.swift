import Diagnostics
import PipelineLanguage
import YAMLSyntax

extension ProjectPath {
    /// - Parameter root: Absolute path of the project's root.
    public func absolute(in root: String) -> String {
        text.hasPrefix("/") ? text : text == "." ? root : root + "/" + text
    }

    /// The last part.
    public var basename: String { text.lastPart }
}

extension String {
    /// What stands behind the last `/` of a path, one at its end aside.
    fileprivate var lastPart: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return self }
        let part = self[index(after: slash)...]
        return part.isEmpty ? split(separator: "/").last.map(String.init) ?? self : String(part)
    }
}

extension Stage {
    /// Where a parameter's value stands, else the stage's name.
    func place(of parameter: String) -> SourceRange {
        if case .builtIn(_, _, _, let with?) = body, let node = with[parameter] { node.range } else { range }
    }
}

extension PlannedOutput {
    /// What an artifact is called where a stage reads it: as the command that
    /// wrote it called it, else by its port. A stage's name never enters.
    ///
    /// - Parameter form: `as:`, which a table's suffix follows.
    func basename(form: Input.Form?) -> String {
        let written = path?.lastPart ?? port
        guard type == .table else { return path == nil ? port + suffix : written }
        let stem = path == nil ? port : written.lastIndex(of: ".").map { String(written[..<$0]) } ?? written
        return "\(stem.isEmpty ? port : stem).\((form ?? .arrow).rawValue)"
    }

    /// The same for people, in the form it is stored in.
    public var artifactName: String { basename(form: nil) }

    private var suffix: String {
        switch type {
        case .metrics, .transform: ".json"
        case .report: ".html"
        default: ""
        }
    }
}
