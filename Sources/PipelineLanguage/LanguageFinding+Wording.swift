import Diagnostics

extension LanguageFinding {
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
        case .valueBehindProcess(let name):
            "'${\(name)}' stands behind '$$(' in double quotes, which shells read in different ways"
        case .valueInsideHereDocument(let name): "'${\(name)}' stands inside a here-document"
        case .pipeHidesFailure: "under sh, only the last command of a pipe can fail the stage"
        case .nameNotNormal(let name): "the name '\(name)' is not in NFC"
        case .unusedParameter(let name): "parameter '\(name)' is not used"
        case .unknownProfile(let name, _): "no profile is called '\(name)'"
        case .parameterType(let name, _, let found): "parameter '\(name)' cannot be \(found)"
        case .referenceIn(let place): "'${...}' cannot stand in \(place)"
        case .notInText(let name, let found): "'${\(name)}' is \(found), which cannot stand inside a text"
        case .unsetVariable(let name): "the environment variable '\(name)' is not set"
        case .secretInText(let name): "'${env.\(name)}' is a secret, which cannot stand in a text"
        case .onlyInRun(let space, let name): "'${\(space).\(name)}' stands only in 'run'"
        case .badVariable(let name): "'\(name)' cannot be an environment variable"
        case .tooManyMembers(let limit): "the matrix has more than \(limit) members"
        case .sameMember(let axis, let label): "'\(axis)=\(label)' is given twice"
        case .badMemberName(let name): "'\(name)' cannot be a member's name"
        case .valueNeedsName(let axis, let found): "\(found) on the axis '\(axis)' needs a name"
        case .publishedByMembers(let path, _): "'\(path)' is published by every member of the matrix"
        case .referenceToMatrix(let stage, _):
            "stage '\(stage)' is a matrix, so its name alone stands for no member"
        case .unknownMember(let name, _, _): "no member is called '\(name)'"
        case .noMatrix(let stage): "stage '\(stage)' has no matrix, so it has no members"
        case .noOutput(let stage): "stage '\(stage)' has no output"
        case .stageIsOff(let stage): "stage '\(stage)' is off, by its 'when'"
        case .badCondition(nil, _): "the condition ends too early"
        case .badCondition(.some(let found), _): "'\(found)' cannot stand here in a condition"
        case .unclosedText: "the quote is never closed"
        case .conditionTooDeep(let limit): "the condition is nested more than \(limit) deep"
        case .notACondition(let place, let found): "\(place) cannot be \(found)"
        case .notComparable(let relation, let left, let right):
            "'\(relation)' cannot compare \(left) with \(right)"
        case .publishesOntoRoot(let path): "'\(path)' is the project's root"
        case .publishedInside(let path, let folder, let outer):
            "'\(path)' lies inside '\(folder)', which \(outer) publishes"
        case .readsPublished(let path, let published, let source):
            path == published
                ? "'\(path)' is published by \(source), so it is no source"
                : "'\(path)' covers '\(published)', which \(source) publishes"
        case .unreadableFile(let path, let reason): "cannot read '\(path)': \(reason)"
        case .includeCycle(let path): "include cycle: \(path.joined(separator: " -> "))"
        case .includedTooDeep(let limit): "files are included more than \(limit) deep"
        case .tooManyFiles(let limit): "more than \(limit) files are included"
        case .includedTwice(let name): "two files are included as '\(name)'"
        case .inputsNeedIncluder: "a pipeline with 'inputs' cannot run by itself"
        case .missingBinding(let name, let file): "'\(file)' needs the input '\(name)'"
        case .unknownBinding(let name, let file, _): "'\(file)' has no input '\(name)'"
        case .portOfInput(let name, let port):
            "'\(name)' is an input of this file, so it has no output '\(port)'"
        case .sourceInList(let name): "'\(name)' is a file, which cannot stand in a list of stages"
        case .stageLikeInput(let name): "'\(name)' is the name of a stage and of an input"
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
        case .unknownProfile(_, let known): [.init("profiles", known.isEmpty ? "none" : listing(known))]
        case .parameterType(_, let expected, _): [.init("expected", expected + ", as its default is")]
        case .referenceToMatrix(_, let members), .unknownMember(_, _, let members):
            [.init("members", listing(members, limit: 6))]
        case .badCondition(_, let expected): [.init("expected", expected)]
        case .notACondition: [.init("expected", "true or false, or a comparison")]
        case .notComparable:
            [.init("expected", "two texts, two numbers, or 'in' with a list of the same sort")]
        case .unknownBinding(_, _, let known): [.init("inputs", known.isEmpty ? "none" : listing(known))]
        case .badVariable: [.init("expected", "letters A to Z, digits and '_', not beginning with a digit")]
        case .badMemberName: [.init("expected", "letters, digits, '_', '-' and '.'")]
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
        case .valueBehindProcess: "close the quotes in between: \"$$\"\"(\""
        case .pipeHidesFailure: "add 'shell: bash', which stops at any failure of a pipe"
        case .nameNotNormal: "write it with composed characters, as keyboards give them"
        case .unusedParameter(let name): "use it as ${params.\(name)}, or delete it"
        case .unknownProfile(let name, let known): didYouMean(name, among: known)
        case .parameterType(_, "a text", _): "put the value in quotes"
        case .referenceIn(let place):
            place == "a parameter's value" ? "put it where the parameter is used" : nil
        case .unsetVariable(let name): "set \(name), or use a parameter with a default"
        case .secretInText(let name): "use \"$\(name)\" in 'run', which gets it by 'secrets'"
        case .onlyInRun: nil
        case .sameMember: "delete one of them"
        case .valueNeedsName: "write it as { name: NAME, value: ... }"
        case .publishedByMembers(_, let axes):
            "put " + axes.map { "${matrix.\($0)}" }.joined(separator: " and ") + " into the path"
        case .referenceToMatrix(let stage, let members):
            "write '\(stage)@*' for all of them" + (members.first.map { ", or one, such as '\($0)'" } ?? "")
        case .unknownMember(let name, _, let members): didYouMean(name, among: members.prefix(1000))
        case .noMatrix(let stage): "write '\(stage)'"
        case .noOutput(let stage): "declare one under 'out', or come behind it with 'after: \(stage)'"
        case .stageIsOff(let stage):
            "give this stage the same 'when', or write { from: \(stage), optional: true }"
        case .publishesOntoRoot: "publish to a path inside it, such as //reports/report.html"
        case .publishedInside: "publish to another path"
        case .readsPublished(_, _, let source): "read the stage itself: \(source)"
        case .includeCycle: "remove one of these includes"
        case .includedTwice: "give one of them another name"
        case .inputsNeedIncluder: "run the pipeline that includes it"
        case .missingBinding(let name, _): "add 'in: { \(name): STAGE }' to the include"
        case .unknownBinding(let name, _, let known): didYouMean(name, among: known)
        case .portOfInput(let name, _): "write '\(name)'; which output it is, the includer says"
        case .stageLikeInput: "rename one of them"
        case .notInText, .badVariable, .tooManyMembers, .badMemberName, .badCondition, .unclosedText,
            .conditionTooDeep, .notACondition, .notComparable, .unreadableFile, .includedTooDeep,
            .tooManyFiles, .sourceInList, .parameterType:
            nil
        case .missingParameter, .missingInput, .portType, .wrongType, .missingKey, .badName, .keyNeedsCommand,
            .keyNeedsBuiltIn, .badDuration, .badSize, .badGate,
            .escapingPath, .absolutePath, .unknownNamespace, .unclosedReference, .referenceInKey:
            nil
        }
    }
}
