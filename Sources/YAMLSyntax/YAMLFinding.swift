import Diagnostics

/// What can be wrong with a text as YAML, before anything is known of its meaning.
public enum YAMLFinding: Finding {
    case emptyFile
    case invalidUTF8(byte: UInt8)
    case controlCharacter(code: UInt32)
    case tabIndentation
    case conflictMarker
    case secondDocument
    case duplicateKey(String, firstLine: Int)
    case keyIsNotScalar
    case unknownAnchor(String, known: [String])
    case aliasOfItself(String)
    case tooManyAliases(limit: Int)
    case tooDeep(limit: Int)
    case unsupportedTag(String)
    case badMerge(String)
    case syntax(context: String, problem: String)

    public var message: String {
        switch self {
        case .emptyFile: "the file is empty"
        case .invalidUTF8(let byte): "not UTF-8: byte 0x\(String(byte, radix: 16)) cannot stand here"
        case .controlCharacter(let code): "control character U+\(hex(code)) cannot stand in YAML"
        case .tabIndentation: "a tab cannot indent YAML"
        case .conflictMarker: "a merge conflict stands here unresolved"
        case .secondDocument: "a second YAML document begins here"
        case .duplicateKey(let key, let line): "key '\(key)' is given twice, first on line \(line)"
        case .keyIsNotScalar: "a list or a mapping cannot be a key"
        case .unknownAnchor(let name, _): "no anchor '&\(name)' stands before this alias"
        case .aliasOfItself(let name): "alias '*\(name)' stands inside its own anchor"
        case .tooManyAliases(let limit): "aliases expand this file to more than \(limit) values"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .unsupportedTag(let tag): "tag '\(tag)' has no meaning here"
        case .badMerge(let found): "'<<' merges a mapping or a list of mappings, not \(found)"
        case .syntax(let context, let problem): context.isEmpty ? problem : "\(problem) \(context)"
        }
    }

    public var notes: [Diagnostic.Note] {
        if case .unknownAnchor(_, let known) = self { [.init("anchors", listing(known))] } else { [] }
    }

    public var fix: String? {
        switch self {
        case .emptyFile: "begin with 'stages:', or let 'sluice init' write a first pipeline"
        case .invalidUTF8: "save the file as UTF-8"
        case .controlCharacter: "delete it, or write it as an escape inside double quotes"
        case .tabIndentation: "indent with spaces"
        case .conflictMarker: "choose one side and delete the lines '<<<<<<<', '=======' and '>>>>>>>'"
        case .secondDocument: "keep one document a file, and put the other in a file of its own"
        case .duplicateKey: "delete one of them, or give it another name"
        case .unknownAnchor(let name, let known): didYouMean(name, among: known)
        case .unsupportedTag: "leave the tag out"
        case .aliasOfItself, .tooManyAliases, .tooDeep, .badMerge, .keyIsNotScalar, .syntax: nil
        }
    }

    private func hex(_ code: UInt32) -> String {
        let digits = String(code, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
