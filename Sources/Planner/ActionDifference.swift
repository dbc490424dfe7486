import CanonicalJSON

/// What is not the same in two actions of one stage: the reason of a miss.
public struct ActionDifference: Sendable {
    public enum Change: Hashable, Sendable {
        /// `steps[1].scale.method`; nil where it is at its default or absent.
        case parameter(path: String, old: String?, new: String?)
        /// Digests of what goes into a port, shortened; nil when nothing did.
        case input(port: String, old: String?, new: String?)
        /// What else is keyed of an input: its type, name, form or executable bit.
        case inputForm(port: String, what: String, old: String, new: String)
        case command(old: String, new: String)
        case shell(old: String, new: String)
        case environment(name: String, old: String?, new: String?)
        case tool(name: String, old: String?, new: String?)
        case schema(field: String, old: String?, new: String?)
        case seed(old: String?, new: String?)
        case kind(old: String, new: String)
        case version(kind: String, old: Int64, new: Int64)
        case library(name: String, old: String?, new: String?)
        case output(port: String, old: String?, new: String?)
        case build(old: String?, new: String?)
        case platform(old: String, new: String)
        case workingDirectory(old: String, new: String)
        case format(old: Int64, new: Int64)
    }

    /// In the order people look: the stage's own words first, then its inputs.
    public private(set) var changes: [Change] = []

    /// - Parameters: Canonical documents, as `Action.document` gives them.
    public init(old: JSONValue, new: JSONValue) {
        if let (old, new) = Self.pair(old["kind"]?.string, new["kind"]?.string), old != new {
            changes.append(.kind(old: old, new: new))
            return
        }
        compareCommand(old["command"], new["command"])
        for (path, old, new) in Self.leaves(old["parameters"], new["parameters"]) {
            changes.append(.parameter(path: path, old: old, new: new))
        }
        if old["seed"] != new["seed"] {
            changes.append(.seed(old: old["seed"]?.canonicalText, new: new["seed"]?.canonicalText))
        }
        compareSchemas(old, new)
        compareInputs(old["inputs"]?.array ?? [], new["inputs"]?.array ?? [])
        compareOutputs(old["outputs"]?.array ?? [], new["outputs"]?.array ?? [])
        compareProgram(old, new)
    }

    private mutating func compareCommand(_ old: JSONValue?, _ new: JSONValue?) {
        guard let old, let new else { return }
        func texts(_ key: String) -> (String, String)? {
            Self.pair(old[key]?.string ?? "", new[key]?.string ?? "").flatMap { $0 == $1 ? nil : ($0, $1) }
        }
        if let (old, new) = texts("text") { changes.append(.command(old: old, new: new)) }
        if let (old, new) = texts("shell") { changes.append(.shell(old: old, new: new)) }
        if let (old, new) = texts("workdir") { changes.append(.workingDirectory(old: old, new: new)) }
        for (name, old, new) in Self.members(old["environment"], new["environment"]) {
            changes.append(.environment(name: name, old: old, new: new))
        }
        for (name, old, new) in Self.members(old["tools"], new["tools"]) {
            changes.append(.tool(name: name, old: old, new: new))
        }
        if let (old, new) = texts("platform") { changes.append(.platform(old: old, new: new)) }
    }

    /// A built-in stage has one schema, a command one for each of its tables
    /// that has one: declared, or pinned since the first run.
    private mutating func compareSchemas(_ old: JSONValue, _ new: JSONValue) {
        func compare(_ old: JSONValue?, _ new: JSONValue?, below port: String) {
            for (field, old, new) in Self.leaves(Self.fields(old), Self.fields(new)) {
                changes.append(.schema(field: port + field, old: old, new: new))
            }
        }
        guard new["command"] != nil else { return compare(old["schema"], new["schema"], below: "") }
        let (old, new) = (old["schema"]?.object ?? [:], new["schema"]?.object ?? [:])
        for port in Set(old.keys).union(new.keys).sorted() where old[port] != new[port] {
            if let old = old[port], let new = new[port] {
                compare(old, new, below: port + ".")
            } else {
                func source(_ schema: JSONValue?) -> String { schema == nil ? "inferred" : "given" }
                changes.append(.schema(field: port, old: source(old[port]), new: source(new[port])))
            }
        }
    }

    private mutating func compareInputs(_ old: [JSONValue], _ new: [JSONValue]) {
        func named(_ inputs: [JSONValue]) -> [String: JSONValue] {
            var result: [String: JSONValue] = [:]
            for input in inputs {
                let port = input["port"]?.string ?? ""
                // Members of a list are told apart by their names.
                let isMember = inputs.count { $0["port"] == input["port"] } > 1
                result[isMember ? "\(port)/\(input["basename"]?.string ?? "")" : port] = input
            }
            return result
        }
        let (old, new) = (named(old), named(new))
        for port in Set(old.keys).union(new.keys).sorted() {
            let (before, after) = (old[port], new[port])
            if before?["digest"] != after?["digest"] {
                changes.append(
                    .input(port: port, old: before?["digest"]?.string, new: after?["digest"]?.string))
            }
            guard let before, let after else { continue }
            for what in ["basename", "type", "form", "executable"] where before[what] != after[what] {
                changes.append(
                    .inputForm(
                        port: port, what: what, old: before[what]?.canonicalText ?? "none",
                        new: after[what]?.canonicalText ?? "none"))
            }
        }
    }

    private mutating func compareOutputs(_ old: [JSONValue], _ new: [JSONValue]) {
        func named(_ outputs: [JSONValue]) -> JSONValue {
            .object(
                Dictionary(
                    outputs.map { output in
                        let type = output["type"]?.string ?? ""
                        let path = output["path"]?.string.map { " at " + $0 } ?? ""
                        return (output["port"]?.string ?? "", JSONValue.string(type + path))
                    }
                ) { $1 })
        }
        for (port, old, new) in Self.members(named(old), named(new)) {
            changes.append(.output(port: port, old: old, new: new))
        }
    }

    private mutating func compareProgram(_ old: JSONValue, _ new: JSONValue) {
        if let before = old["version"]?.integer, let after = new["version"]?.integer, before != after {
            changes.append(.version(kind: new["kind"]?.string ?? "", old: before, new: after))
        }
        for (name, old, new) in Self.members(old["libraries"], new["libraries"]) {
            changes.append(.library(name: name, old: old, new: new))
        }
        if old["build"] != new["build"] {
            changes.append(.build(old: old["build"]?.string, new: new["build"]?.string))
        }
        if let before = old["format"]?.integer, let after = new["format"]?.integer, before != after {
            changes.append(.format(old: before, new: after))
        }
    }

    // MARK: Comparing values

    private static func pair(_ old: String?, _ new: String?) -> (String, String)? {
        guard let old, let new else { return nil }
        return (old, new)
    }

    /// Members of two objects of texts that differ, sorted.
    private static func members(
        _ old: JSONValue?, _ new: JSONValue?
    ) -> [(name: String, old: String?, new: String?)] {
        let (old, new) = (old?.object ?? [:], new?.object ?? [:])
        return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { name in
            (name, old[name].map(text), new[name].map(text))
        }
    }

    /// Values at the ends of two trees that differ, by their path.
    private static func leaves(
        _ old: JSONValue?, _ new: JSONValue?
    ) -> [(path: String, old: String?, new: String?)] {
        var result: [(String, String?, String?)] = []
        func walk(_ old: JSONValue?, _ new: JSONValue?, _ path: String) {
            guard old != new else { return }
            if case .object(let members)? = new ?? old, old?.object != nil || old == nil,
                new?.object != nil || new == nil
            {
                let names = Set(members.keys).union(old?.object?.keys.map { $0 } ?? [])
                for name in names.sorted() {
                    walk(old?[name], new?[name], path.isEmpty ? name : "\(path).\(name)")
                }
            } else if let before = old?.array, let after = new?.array,
                !before.allSatisfy({ $0.string != nil }) || before.isEmpty
            {
                for index in 0..<max(before.count, after.count) {
                    walk(
                        before.indices.contains(index) ? before[index] : nil,
                        after.indices.contains(index) ? after[index] : nil, "\(path)[\(index)]")
                }
            } else {
                result.append((path, old.map(text), new.map(text)))
            }
        }
        walk(old, new, "")
        return result
    }

    /// A schema's fields by name, so that a field put in between moves no other.
    private static func fields(_ schema: JSONValue?) -> JSONValue? {
        guard var members = schema?.object, let fields = members["fields"]?.array else { return schema }
        members["fields"] = nil
        for field in fields { members[field["name"]?.string ?? ""] = field }
        return .object(members)
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.canonicalText }
}

extension Action {
    /// The document as a value.
    public func parsedDocument() throws(JSONSyntaxError) -> JSONValue { try JSONValue(parsing: document) }
}

extension ActionDifference.Change {
    /// `steps[1].scale.method: standard -> min_max`
    public var sentence: String {
        func change(_ what: String, _ old: String?, _ new: String?, absent: String = "not given") -> String {
            "\(what): \(old ?? absent) -> \(new ?? absent)"
        }
        func digest(_ hex: String?) -> String { hex.map { String($0.prefix(12)) } ?? "nothing" }
        switch self {
        case .parameter(let path, let old, let new): return change(path, old, new, absent: "default")
        case .input(let port, let old, let new): return "input '\(port)': \(digest(old)) -> \(digest(new))"
        case .inputForm(let port, let what, let old, let new):
            return change("\(what) of input '\(port)'", old, new)
        case .command(let old, let new): return "command: \(WordDifference(old, new).text)"
        case .shell(let old, let new): return change("shell", old, new)
        case .environment(let name, let old, let new): return change("environment \(name)", old, new)
        case .tool(let name, let old, let new): return change("tool '\(name)'", old, new)
        case .schema(let field, let old, let new):
            return change("schema" + (field.isEmpty ? "" : " of '\(field)'"), old, new)
        case .seed(let old, let new): return change("seed", old, new)
        case .kind(let old, let new): return change("stage kind", old, new)
        case .version(let kind, let old, let new): return "version of \(kind): \(old) -> \(new)"
        case .library(let name, let old, let new): return change("library '\(name)'", old, new)
        case .output(let port, let old, let new): return change("output '\(port)'", old, new, absent: "none")
        case .build(let old, let new): return change("build of sluice", old, new, absent: "release")
        case .platform(let old, let new): return change("platform", old, new)
        case .workingDirectory(let old, let new):
            return change("workdir", old.isEmpty ? "its own" : old, new.isEmpty ? "its own" : new)
        case .format(let old, let new): return change("key format", "\(old)", "\(new)")
        }
    }
}

/// Two texts as one, what went marked `[-so-]` and what came `{+so+}`, word by word.
public struct WordDifference: Sendable {
    public let text: String

    /// - Complexity: O(words × words) of what is different in the middle.
    public init(_ old: String, _ new: String) {
        let (old, new) = (Self.words(old), Self.words(new))
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }
            .count
        let (a, b) = (Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        var result = old[..<head].joined()
        if a.count * b.count > 250_000 {
            result += "[-\(a.joined())-]{+\(b.joined())+}"
        } else {
            result += Self.middle(a, b)
        }
        text = result + old[(old.count - tail)...].joined()
    }

    /// By the longest common subsequence.
    private static func middle(_ a: [String], _ b: [String]) -> String {
        var common = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in a.indices.reversed() {
            for j in b.indices.reversed() {
                common[i][j] =
                    a[i] == b[j] ? common[i + 1][j + 1] + 1 : max(common[i + 1][j], common[i][j + 1])
            }
        }
        var (i, j) = (0, 0)
        var (result, gone, come) = ("", "", "")
        func flush() {
            if !gone.isEmpty { result += "[-\(gone)-]" }
            if !come.isEmpty { result += "{+\(come)+}" }
            (gone, come) = ("", "")
        }
        while i < a.count || j < b.count {
            if i < a.count, j < b.count, a[i] == b[j] {
                flush()
                result += a[i]
                (i, j) = (i + 1, j + 1)
            } else if j == b.count || i < a.count && common[i + 1][j] >= common[i][j + 1] {
                gone += a[i]
                i += 1
            } else {
                come += b[j]
                j += 1
            }
        }
        flush()
        return result
    }

    /// Runs of white space and runs of anything else.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        for character in text {
            if let last = words.last?.last, last.isWhitespace == character.isWhitespace {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
        }
        return words
    }
}
