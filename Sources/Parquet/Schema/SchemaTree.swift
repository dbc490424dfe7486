/// A leaf of the schema: the only part that has values in the file.
struct Leaf: Hashable {
    /// Names from the top, joined with dots.
    let path: String
    /// Which chunk of a row group it is.
    let index: Int
    /// Parquet's number of the type.
    let physical: Int
    let type: LeafType
    /// The definition level of a value that is there, and the repetition level
    /// of one that continues the innermost list.
    let levels: (definition: Int, repetition: Int)

    static func == (a: Leaf, b: Leaf) -> Bool { a.index == b.index && a.path == b.path && a.type == b.type }
    func hash(into hasher: inout Hasher) { hasher.combine(index) }
}

/// A node of the schema as a value of JSON, lists and maps recognised.
struct SchemaNode {
    indirect enum Shape {
        case leaf(Leaf)
        case object([SchemaNode])
        /// Levels are those of the repeated node: at or above its definition
        /// level there is an entry, at its repetition level another follows.
        case list(SchemaNode, definition: Int, repetition: Int)
        case map(key: SchemaNode, value: SchemaNode, definition: Int, repetition: Int)
    }

    let name: String
    let shape: Shape
    /// Of an optional node, the definition level at which it is there.
    let presence: Int?
    /// Chunks of its leaves.
    let leaves: Range<Int>
}

/// Makes the tree of a footer's flat list.
///
/// Source: apache/parquet-format 2.11, LogicalTypes.md, "Nested types" with the
/// rules for lists of older writers.
struct SchemaTreeBuilder {
    private let elements: [SchemaElement]
    private var next = 1
    private var leaves = 0

    /// Deeper nesting is refused before it exhausts the stack.
    private static let depthLimit = 60

    /// The columns of the table.
    static func columns(_ elements: [SchemaElement]) throws(ParquetError) -> [SchemaNode] {
        guard let root = elements.first, root.physical == nil else {
            throw ParquetError(.damaged(place: "schema", what: "it has no root"))
        }
        var builder = Self(elements: elements)
        var columns: [SchemaNode] = []
        for _ in 0..<root.children { columns.append(try builder.node("", (0, 0), depth: 0)) }
        guard builder.next == elements.count else {
            throw ParquetError(.damaged(place: "schema", what: "it has more nodes than it names"))
        }
        return columns
    }

    private init(elements: [SchemaElement]) { self.elements = elements }

    private func element(_ place: Int) throws(ParquetError) -> SchemaElement {
        guard place < elements.count else {
            throw ParquetError(.damaged(place: "schema", what: "a group has fewer fields than it says"))
        }
        return elements[place]
    }

    /// The node at hand, whatever its repetition: a repeated one is a list.
    private mutating func node(
        _ prefix: String, _ outer: (definition: Int, repetition: Int), depth: Int
    ) throws(ParquetError) -> SchemaNode {
        let element = try element(next)
        let first = leaves
        guard element.repetition == .repeated else {
            return try single(prefix, outer, isOptional: element.repetition == .optional, depth: depth)
        }
        let inner = (definition: outer.definition + 1, repetition: outer.repetition + 1)
        let entry = try single(prefix, inner, isOptional: false, depth: depth + 1)
        return SchemaNode(
            name: element.name,
            shape: .list(entry, definition: inner.definition, repetition: inner.repetition), presence: nil,
            leaves: first..<leaves)
    }

    /// The node at hand as one value.
    private mutating func single(
        _ prefix: String, _ outer: (definition: Int, repetition: Int), isOptional: Bool, depth: Int
    ) throws(ParquetError) -> SchemaNode {
        guard depth <= Self.depthLimit else {
            throw ParquetError(.damaged(place: "schema", what: "it is nested more than 60 deep"))
        }
        let element = try element(next)
        let first = leaves
        next += 1
        let path = prefix.isEmpty ? element.name : "\(prefix).\(element.name)"
        let levels = (definition: outer.definition + (isOptional ? 1 : 0), repetition: outer.repetition)
        let shape: SchemaNode.Shape
        if let physical = element.physical {
            shape = .leaf(
                Leaf(
                    path: path, index: leaves, physical: physical, type: try LeafType(element), levels: levels
                ))
            leaves += 1
        } else {
            shape = try group(element, path, levels, depth: depth)
        }
        return SchemaNode(
            name: element.name, shape: shape, presence: isOptional ? levels.definition : nil,
            leaves: first..<leaves)
    }

    private mutating func group(
        _ element: SchemaElement, _ path: String, _ levels: (definition: Int, repetition: Int), depth: Int
    ) throws(ParquetError) -> SchemaNode.Shape {
        if element.children == 1, element.logical == .list || element.logical == .map,
            try self.element(next).repetition == .repeated
        {
            let repeated = try self.element(next)
            let inner = (definition: levels.definition + 1, repetition: levels.repetition + 1)
            let inside = "\(path).\(repeated.name)"
            if element.logical == .map, repeated.physical == nil, repeated.children == 2 {
                next += 1
                let key = try node(inside, inner, depth: depth + 2)
                let value = try node(inside, inner, depth: depth + 2)
                return .map(
                    key: key, value: value, definition: inner.definition, repetition: inner.repetition)
            }
            let isWrapper =
                repeated.physical == nil && repeated.children == 1 && repeated.name != "array"
                && repeated.name != "\(element.name)_tuple"
            if element.logical == .list, isWrapper, try self.element(next + 1).repetition != .repeated {
                next += 1
                let entry = try node(inside, inner, depth: depth + 2)
                return .list(entry, definition: inner.definition, repetition: inner.repetition)
            }
            if element.logical == .list {
                let entry = try single(path, inner, isOptional: false, depth: depth + 1)
                return .list(entry, definition: inner.definition, repetition: inner.repetition)
            }
        }
        var fields: [SchemaNode] = []
        guard element.children > 0 else {
            throw ParquetError(.damaged(place: "schema", what: "the group '\(path)' has no fields"))
        }
        for _ in 0..<element.children { fields.append(try node(path, levels, depth: depth + 1)) }
        return .object(fields)
    }
}
