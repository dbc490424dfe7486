import Diagnostics

/// What can be wrong with a profile that is asked for.
enum ProfileFinding: Finding, Error, Hashable {
    case unknownMetric(String, known: [String])
    case metricOfReference(String)

    var message: String {
        switch self {
        case .unknownMetric(let name, _): "a profile has no metric '\(name)'"
        case .metricOfReference(let name): "'\(name)' is measured against a reference, and none goes in"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .unknownMetric(_, let known): [Diagnostic.Note("metrics", listing(known.sorted(), limit: 16))]
        case .metricOfReference: []
        }
    }

    var fix: String? {
        switch self {
        case .unknownMetric(let name, let known): didYouMean(name, among: known)
        case .metricOfReference: "write in: { in: ..., reference: ... }, or take the gate away"
        }
    }
}
