import Diagnostics

/// What can be wrong with a command line, as opposed to a pipeline.
enum CommandFinding: Finding {
    case noPipelineNamed(folder: String, found: [String])
    case unreadable(String)

    var message: String {
        switch self {
        case .noPipelineNamed(let folder, let found):
            found.isEmpty
                ? "no pipeline is named, and '\(folder)' holds none" : "several pipelines, and none is named"
        case .unreadable(let reason): reason
        }
    }

    var notes: [Diagnostic.Note] {
        if case .noPipelineNamed(_, let found) = self { [.init("pipelines", listing(found))] } else { [] }
    }

    var fix: String? {
        switch self {
        case .noPipelineNamed(let folder, let found):
            found.first.map { "say which, such as 'sluice check \(folder)/\($0)'" }
                ?? "say which, such as 'sluice check pipelines/train.yaml'"
        case .unreadable: nil
        }
    }
}
