import Diagnostics

/// What can be wrong with a pipeline file that is good YAML.
public enum LanguageFinding: Finding {
    case wrongType(what: String, expected: String, found: String)
    case unknownKey(String, of: String, known: [String])
    case foreignWord(String, of: String, ours: String)
    case missingKey(String, of: String)
    case noStages
    case badName(String)
    case neitherRunNorUses(stage: String)
    case bothRunAndUses(stage: String)
    case keyNeedsCommand(String)
    case keyNeedsBuiltIn(String)
    case unknownKind(String, known: [String])
    case missingParameter(String, of: String, expected: String)
    case unknownInput(String, kind: String, known: [String])
    case missingInput(String, kind: String, type: String)
    case portType(port: String, expected: String, found: String)
    case unknownStage(String, known: [String])
    case unknownPort(stage: String, port: String, known: [String])
    case dependencyCycle([String])
    case publishedTwice(String, first: String)
    case escapingPath(String, expected: String)
    case absolutePath(String, expected: String)
    case badDuration(String)
    case badSize(String)
    case badGate(metric: String)
    case unknownReference(kind: String, name: String, known: [String])
    case unknownNamespace(String)
    case unclosedReference
    case referenceInKey
    case valueInsideSingleQuotes(name: String)
    case valueInsideBackquotes(name: String)
    case valueInsideExpansion(name: String)
    case valueInsideHereDocument(name: String)
    case pipeHidesFailure

    public var severity: Diagnostic.Severity {
        if case .pipeHidesFailure = self { .warning } else { .error }
    }

    public var message: String {
        switch self {
        case .wrongType(let what, _, let found): "\(what) cannot be \(found)"
        case .unknownKey(let key, let place, _): "unknown key '\(key)' in \(place)"
        case .foreignWord(let word, let place, _): "unknown key '\(word)' in \(place)"
        case .missingKey(let key, let place): "\(place) needs '\(key)'"
        case .noStages: "the pipeline has no stages"
        case .badName(let name): "'\(name)' cannot be a name"
        case .neitherRunNorUses(let stage): "stage '\(stage)' has neither 'uses' nor 'run'"
        case .bothRunAndUses(let stage): "stage '\(stage)' has both 'uses' and 'run'"
        case .keyNeedsCommand(let key): "'\(key)' stands only on a stage with 'run'"
        case .keyNeedsBuiltIn(let key): "'\(key)' stands only on a stage with 'uses'"
        case .unknownKind(let kind, _): "no stage kind is called '\(kind)'"
        case .missingParameter(let name, let place, _): "\(place) needs '\(name)'"
        case .unknownInput(let name, let kind, _): "\(kind) has no input '\(name)'"
        case .missingInput(let name, let kind, _): "\(kind) needs the input '\(name)'"
        case .portType(let port, _, let found): "input '\(port)' cannot be \(found)"
        case .unknownStage(let name, _): "no stage is called '\(name)'"
        case .unknownPort(let stage, let port, _): "stage '\(stage)' has no output '\(port)'"
        case .dependencyCycle(let path): "dependency cycle: \(path.joined(separator: " -> "))"
        case .publishedTwice(let path, let first): "'\(path)' is published twice, first by \(first)"
        case .escapingPath(let path, _): "'\(path)' leads out of the folder it is relative to"
        case .absolutePath(let path, _): "'\(path)' is an absolute path"
        case .badDuration(let text): "'\(text)' is not a duration"
        case .badSize(let text): "'\(text)' is not a size"
        case .badGate(let metric): "the bound on '\(metric)' is no bound"
        case .unknownReference(let kind, let name, _): "no \(kind) is called '\(name)'"
        case .unknownNamespace(let name): "'${\(name).' refers to nothing"
        case .unclosedReference: "'${' has no closing '}'"
        case .referenceInKey: "'${...}' stands only in values"
        case .valueInsideSingleQuotes(let name): "'${\(name)}' stands inside single quotes"
        case .valueInsideBackquotes(let name): "'${\(name)}' stands inside backquotes"
        case .valueInsideExpansion(let name): "'${\(name)}' stands inside the shell's own '${...}'"
        case .valueInsideHereDocument(let name): "'${\(name)}' stands inside a here-document"
        case .pipeHidesFailure: "under sh, only the last command of a pipe can fail the stage"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .wrongType(_, let expected, _), .escapingPath(_, let expected), .absolutePath(_, let expected):
            [.init("expected", expected)]
        case .unknownKey(_, _, let known): [.init("keys", listing(known, limit: 30))]
        case .unknownKind(_, let known): [.init("kinds", listing(known, limit: 30))]
        case .unknownInput(_, _, let known): [.init("inputs", listing(known))]
        case .missingParameter(_, _, let expected), .missingInput(_, _, let expected),
            .portType(_, let expected, _):
            [.init("expected", expected)]
        case .unknownStage(_, let known): [.init("stages", listing(known))]
        case .unknownPort(_, _, let known): [.init("outputs", listing(known))]
        case .unknownReference(_, _, let known): [.init("known", listing(known))]
        case .badName: [.init("expected", "letters, digits, '_' and '-' of any script")]
        case .badDuration: [.init("expected", "seconds, or a number with s, m or h, such as 90s")]
        case .badSize:
            [.init("expected", "bytes, or a number with KiB, MiB, GiB, kB, MB or GB, such as 2GiB")]
        case .badGate:
            [.init("expected", "a text with >=, <=, >, <, == or != and a number, such as \">= 0.7\"")]
        case .unknownNamespace: [.init("expected", "params, matrix or env, and in 'run' also in and out")]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .unknownKey(let key, _, let known): didYouMean(key, among: known)
        case .foreignWord(_, _, let ours): "did you mean \(ours)?"
        case .unknownKind(let name, let known), .unknownStage(let name, let known):
            didYouMean(name, among: known)
        case .unknownInput(let name, _, let known): didYouMean(name, among: known)
        case .unknownPort(_, let port, let known): didYouMean(port, among: known)
        case .unknownReference(_, let name, let known): didYouMean(name, among: known)
        case .noStages: "add a stage under 'stages:'"
        case .neitherRunNorUses:
            "say 'uses: AREA.KIND' for a built-in stage or 'run: COMMAND' for your own program"
        case .bothRunAndUses: "delete one of them"
        case .dependencyCycle: "remove one of these dependencies"
        case .publishedTwice: "publish to another path"
        case .valueInsideSingleQuotes(let name), .valueInsideBackquotes(let name),
            .valueInsideExpansion(let name), .valueInsideHereDocument(let name):
            name.hasPrefix("in.") || name.hasPrefix("out.")
                ? "write \"$\(Self.variable(name))\" outside of them"
                : "close the quotes before it, or set it under 'env:' and use \"$NAME\""
        case .pipeHidesFailure: "add 'shell: bash', which stops at any failure of a pipe"
        case .missingParameter, .missingInput, .portType, .wrongType, .missingKey, .badName, .keyNeedsCommand,
            .keyNeedsBuiltIn, .badDuration, .badSize, .badGate,
            .escapingPath, .absolutePath, .unknownNamespace, .unclosedReference, .referenceInKey:
            nil
        }
    }

    /// `in.rows` as the variable every command gets: `SLUICE_IN_ROWS`.
    static func variable(_ name: String) -> String {
        let upper = name.uppercased().unicodeScalars.map { scalar in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                ? Character(scalar) : "_"
        }
        return "SLUICE_" + String(upper)
    }
}
