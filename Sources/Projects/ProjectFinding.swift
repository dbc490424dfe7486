import Diagnostics

/// What can be wrong before a pipeline is read.
public enum ProjectFinding: Finding {
    case noPipelineNamed(folder: String, found: [String])
    case badSetting(String)
    case unreadable(String)
    case newerLock(path: String)
    /// A server that does not answer, where it was looked for and the
    /// variables that say so.
    case serverMissing(name: String, address: String, reason: String, variables: String)
    /// Where it is nothing says, or what cannot be read.
    case serverWithoutAddress(name: String, reason: String, fix: String)
    case nothingToInfer(stage: String)
    /// Of one stage, or of the whole pipeline.
    case nothingToRefresh(stage: String?)
    case unknownRequirement(String, known: [String])
    case unknownStage(String, known: [String])

    public var severity: Diagnostic.Severity {
        if case .nothingToRefresh(nil) = self { .note } else { .error }
    }

    public var message: String {
        switch self {
        case .noPipelineNamed(let folder, let found):
            found.isEmpty
                ? "no pipeline is named, and '\(folder)' holds none" : "several pipelines, and none is named"
        case .badSetting(let key): "sluice.yaml has no setting '\(key)' of this form"
        case .unreadable(let reason): reason
        case .newerLock(let path): "'\(path)' was written by a newer version of sluice"
        case .serverMissing(let name, _, _, _), .serverWithoutAddress(let name, _, _):
            "the pipeline requires '\(name)', which is not reachable"
        case .unknownRequirement(let name, _): "nothing is known of a server called '\(name)'"
        case .nothingToInfer(let stage): "stage '\(stage)' has no schema that was inferred"
        case .nothingToRefresh(let stage?): "stage '\(stage)' takes no data from outside the project"
        case .nothingToRefresh(nil):
            "no stage takes data from outside the project, so --refresh changes nothing"
        case .unknownStage(let name, _): "no stage is called '\(name)'"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .noPipelineNamed(_, let found): found.isEmpty ? [] : [.init("pipelines", listing(found))]
        case .badSetting: [.init("expected", "default: pipelines/NAME.yaml")]
        case .serverMissing(_, let address, let reason, _):
            [.init("looked at", address), .init("reason", reason)]
        case .serverWithoutAddress(_, let reason, _): [.init("reason", reason)]
        case .unknownRequirement(_, let known): [.init("known", listing(known))]
        case .unknownStage(_, let known): [.init("stages", listing(known))]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .noPipelineNamed(let folder, let found):
            found.first.map { "name one, such as '\(folder)/\($0)', or set 'default:' in sluice.yaml" }
                ?? "name one, or let 'sluice init' write a first one"
        case .newerLock: "use that version, or delete the lock to have it written anew"
        case .unknownRequirement(let name, let known): didYouMean(name, among: known)
        case .serverMissing(_, _, _, let variables):
            "start it, or correct where it is: in the stage that asks it, \(variables), or the profile"
        case .serverWithoutAddress(_, _, let fix): fix
        case .nothingToInfer: "change the declared schema, or leave --infer out"
        case .nothingToRefresh(.some):
            "leave --refresh out; what lies in the project is looked at in every run"
        case .unknownStage(let name, let known): didYouMean(name, among: known)
        default: nil
        }
    }
}
