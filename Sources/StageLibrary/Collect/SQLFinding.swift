import Diagnostics
import SQLDatabases

/// What can be wrong with how a stage asks a database, as far as the pipeline shows it.
enum SQLFinding: Finding, Hashable {
    case nothingAsked
    case askedTwice
    case badQuery(QueryFault.Problem)
    case withoutValue(placeholder: String, known: [String])
    case unusedValue(String, known: [String])
    case badName(String)
    case rangeWithoutEnds
    case badMoment(String)
    case emptyRange(from: String, to: String)
    case leftOut(column: String, use: String)
    case twoPlaces
    case passwordNowhere
    case badVariable(String)
    case relativeFile(String)

    var message: String {
        switch self {
        case .nothingAsked: "the database is asked nothing: neither 'table' nor 'query' is given"
        case .askedTwice: "both 'table' and 'query' are given; one of them is asked"
        case .badQuery(.notSelect): "this is no query: it does not begin with SELECT, WITH, VALUES or TABLE"
        case .badQuery(.secondStatement): "a second statement begins here; a stage asks one query"
        case .badQuery(.unbalanced): "parentheses do not match"
        case .badQuery(.unclosedText): "the text that begins here has no end"
        case .badQuery(.unclosedName): "the name that begins here has no end"
        case .badQuery(.unclosedComment): "the comment that begins here has no end"
        case .badQuery(.writesFile): "the query writes a file at the server; a stage only reads"
        case .badQuery(.hiddenStatement): "a comment that the server runs begins here"
        case .withoutValue(let name, _): "the query's :\(name) has no value"
        case .unusedValue(let name, _): "the query has no :\(name)"
        case .badName(let name):
            "'\(name.replacing("\0", with: "\\0"))' is no name: it is empty or holds a NUL character"
        case .rangeWithoutEnds: "the time range has neither 'from' nor 'to'"
        case .badMoment(let text): "'\(text)' is no date and no time"
        case .emptyRange(let from, let to): "no time lies from \(from) on and before \(to)"
        case .leftOut(let column, let use): "'columns' leaves out '\(column)', which is \(use)"
        case .twoPlaces: "both 'host' and 'socket' are given; the server is at one of them"
        case .passwordNowhere: "the password is either in a variable or in a file"
        case .badVariable: "this is no name of a variable"
        case .relativeFile(let path): "the file '\(path)' is not given from the root or from home on"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .withoutValue(_, let known) where !known.isEmpty: [.init("parameters", listing(known))]
        case .unusedValue(_, let known) where !known.isEmpty:
            [.init("query", listing(known.map { ":" + $0 }))]
        default: []
        }
    }

    var fix: String? {
        switch self {
        case .nothingAsked: "write table: NAME, or query: SELECT ..."
        case .askedTwice: "take one of them away"
        case .badQuery(.notSelect): "write a SELECT; a stage never changes a database"
        case .badQuery(.secondStatement): "ask the other in a stage of its own"
        case .badQuery(.writesFile): "take INTO and what follows it away"
        case .badQuery(.hiddenStatement): "take the comment away, or write what is in it without the marks"
        case .badQuery: nil
        case .withoutValue(let name, let known):
            didYouMean(name, among: known)
                ?? "write parameters: { \(name): VALUE }; between two colons of a slice, put a space"
        case .unusedValue(let name, let known):
            didYouMean(name, among: known) ?? "take it away, or write :\(name) where it belongs"
        case .badName: "write the name as the database has it"
        case .rangeWithoutEnds: "write from: 2026-01-01, to: 2026-02-01, or one of them"
        case .badMoment: "write 2026-01-31 or 2026-01-31T08:00:00Z"
        case .emptyRange: "write an end that lies behind the beginning: it is not in the range itself"
        case .leftOut(let column, _): "write '\(column)' there too"
        case .twoPlaces: "take one of them away"
        case .passwordNowhere: "write password: { env: NAME } or password: { file: ~/PATH }"
        case .badVariable: "write password: { env: NAME }, and put the password itself into that variable"
        case .relativeFile: "write /PATH or ~/PATH; a password does not belong into the project"
        }
    }
}
