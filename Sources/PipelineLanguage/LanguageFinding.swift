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
    case valueBehindProcess(name: String)
    case valueInsideHereDocument(name: String)
    case pipeHidesFailure
    case nameNotNormal(String)
    case unusedParameter(String)
    case unknownProfile(String, known: [String])
    case parameterType(String, expected: String, found: String)
    case referenceIn(String)
    case notInText(name: String, found: String)
    case unsetVariable(String)
    case secretInText(String)
    case onlyInRun(space: String, name: String)
    case badVariable(String)
    case tooManyMembers(limit: Int)
    case sameMember(axis: String, label: String)
    case badMemberName(String)
    case valueNeedsName(axis: String, found: String)
    case publishedByMembers(String, axes: [String])
    case referenceToMatrix(String, members: [String])
    case unknownMember(String, stage: String, members: [String])
    case noMatrix(String)
    case noOutput(stage: String)
    case stageIsOff(String)
    case badCondition(found: String?, expected: String)
    case unclosedText
    case conditionTooDeep(limit: Int)
    case notACondition(place: String, found: String)
    case notComparable(String, left: String, right: String)
    case publishesOntoRoot(String)
    case publishedInside(String, String, outer: String)
    case readsPublished(String, published: String, by: String)
    case unreadableFile(String, reason: String)
    case includeCycle([String])
    case includedTooDeep(limit: Int)
    case tooManyFiles(limit: Int)
    case includedTwice(as: String)
    case inputsNeedIncluder
    case missingBinding(String, file: String)
    case unknownBinding(String, file: String, known: [String])
    case portOfInput(String, port: String)
    case sourceInList(String)
    case stageLikeInput(String)

    public var severity: Diagnostic.Severity {
        switch self {
        case .pipeHidesFailure, .unusedParameter: .warning
        default: .error
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
