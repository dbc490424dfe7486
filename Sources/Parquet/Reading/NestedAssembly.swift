import CanonicalJSON
import DataFrames
import TableTypes

enum NestedFailure: Error {
    /// The levels of the leaves make no record.
    case levels
    /// A value that has no JSON form; the text says which.
    case value(String)
}

/// Puts records together from the levels of their leaves: the definition level
/// says how far down the path something is there, the repetition level which
/// list goes on.
///
/// Source: Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets",
/// VLDB 2010, section 4.3, as a walk down the schema instead of an automaton.
struct NestedAssembly {
    private let streams: [LevelledValues]
    /// The chunk of the first stream.
    private let first: Int
    private let place: String
    /// The next entry and the next value, of every stream.
    private var entries: [Int]
    private var values: [Int]

    init(streams: [LevelledValues], first: Int, place: String) {
        self.streams = streams
        self.first = first
        self.place = place
        entries = [Int](repeating: 0, count: streams.count)
        values = entries
    }

    var isAtEnd: Bool { streams.indices.allSatisfy { entries[$0] == streams[$0].definitions.count } }

    /// The next record.
    mutating func row(_ node: SchemaNode) throws(NestedFailure) -> JSONValue {
        for leaf in node.leaves {
            guard try repetition(leaf) == 0 else { throw .levels }
        }
        return try value(node)
    }

    /// The definition level of a leaf's next entry.
    private func definition(_ leaf: Int) throws(NestedFailure) -> Int {
        let stream = streams[leaf - first]
        let entry = entries[leaf - first]
        guard entry < stream.definitions.count else { throw .levels }
        return Int(stream.definitions[entry])
    }

    private func repetition(_ leaf: Int) throws(NestedFailure) -> Int {
        let stream = streams[leaf - first]
        let entry = entries[leaf - first]
        guard entry < stream.repetitions.count else { throw .levels }
        return Int(stream.repetitions[entry])
    }

    /// Whether the list at this repetition level has another entry.
    private func goesOn(_ leaf: Int, _ level: Int) -> Bool {
        let entry = entries[leaf - first]
        let stream = streams[leaf - first]
        return entry < stream.repetitions.count && Int(stream.repetitions[entry]) == level
    }

    /// Every leaf below has one entry that says where the path ends.
    private mutating func pass(_ node: SchemaNode, below level: Int) throws(NestedFailure) {
        for leaf in node.leaves {
            guard try definition(leaf) < level else { throw .levels }
            entries[leaf - first] += 1
        }
    }

    private mutating func value(_ node: SchemaNode) throws(NestedFailure) -> JSONValue {
        let head = node.leaves.lowerBound
        if let presence = node.presence, try definition(head) < presence {
            try pass(node, below: presence)
            return .null
        }
        switch node.shape {
        case .leaf(let leaf):
            guard try definition(head) == leaf.levels.definition else { throw .levels }
            let stream = head - first
            entries[stream] += 1
            values[stream] += 1
            return try Self.json(streams[stream], values[stream] - 1)
        case .object(let fields):
            var members: [String: JSONValue] = [:]
            for field in fields { members[field.name] = try value(field) }
            return .object(members)
        case .list(let entry, let definition, let repetition):
            guard try self.definition(head) >= definition else {
                try pass(node, below: definition)
                return .array([])
            }
            var elements: [JSONValue] = []
            repeat { elements.append(try value(entry)) } while goesOn(head, repetition)
            return .array(elements)
        case .map(let key, let value, let definition, let repetition):
            guard try self.definition(head) >= definition else {
                try pass(node, below: definition)
                return NestedJSON.map([], isOfTexts: key.isText)
            }
            var pairs: [(key: JSONValue, value: JSONValue)] = []
            repeat {
                pairs.append((try self.value(key), try self.value(value)))
            } while goesOn(head, repetition)
            return NestedJSON.map(pairs, isOfTexts: key.isText)
        }
    }

    private static func json(_ stream: LevelledValues, _ place: Int) throws(NestedFailure) -> JSONValue {
        do throws(NestedJSON.Failure) {
            return try NestedJSON.value(stream.values, place, type: stream.leaf.type == .json ? .json : .text)
        } catch {
            throw .value("'\(stream.leaf.path)': \(error.what)")
        }
    }
}
