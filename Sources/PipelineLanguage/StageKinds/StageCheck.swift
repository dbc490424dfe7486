import CanonicalJSON
import Diagnostics
import TableTypes
import YAMLSyntax

/// What a stage kind's `check` is given and what it gives back: static types
/// out of static types in. Nothing is read from disk.
///
/// Columns named by a `column` or `selector` parameter have been looked up
/// before, and selectors are lists of names here; `check` adds what only the
/// kind knows, such as that a scaler takes no text.
public struct StageCheck: Sendable {
    /// `with` as decoded, defaults filled in, selectors expanded.
    public let parameters: JSONValue
    /// The Table Schema in force, for a kind that reads raw data.
    public let schema: TableSchema?
    public private(set) var findings = Diagnostics()
    /// By output port; a port that is not set is of unknown type.
    public var outputs: [String: StaticType] = [:]
    private let inputs: [String: StaticType]
    private let with: Node?
    private let places: [String: SourceRange]
    private let names: [String: String]
    private let stage: SourceRange

    /// - Parameters:
    ///   - inputs: Static types by input port.
    ///   - places: Where what goes into each port is written.
    ///   - names: What messages call what goes into each port.
    ///   - with: The node under `with`, for places.
    ///   - stage: Where the stage's name stands, for what has no better place.
    public init(
        parameters: JSONValue, inputs: [String: StaticType], schema: TableSchema? = nil,
        places: [String: SourceRange] = [:], names: [String: String] = [:], with: Node?, stage: SourceRange
    ) {
        self.parameters = parameters
        self.inputs = inputs
        self.schema = schema
        self.places = places
        self.names = names
        self.with = with
        self.stage = stage
    }

    /// Nil when nothing goes into the port.
    public func type(of port: String) -> StaticType? { inputs[port] }

    /// What messages call what goes into a port: `split.train`.
    public func name(of port: String) -> String? { names[port] }

    /// The table at a port; unknown when there is none.
    public func table(_ port: String) -> TableType {
        if case .table(let type)? = inputs[port] { type } else { .unknown }
    }

    public func transform(_ port: String) -> TransformType? {
        if case .transform(let type)? = inputs[port] { type } else { nil }
    }

    public func model(_ port: String) -> ModelType? {
        if case .model(let type)? = inputs[port] { type } else { nil }
    }

    /// - Parameter path: Keys, list positions and elements of lists below
    ///   `with`, such as `["steps", "1", "scale", "columns", "age"]`; as much
    ///   of it as is written gives the place.
    public mutating func report(_ finding: some Finding, at path: [String]) {
        findings.add(finding, at: place(path))
    }

    /// For what is wrong with an artifact and not with a parameter.
    ///
    /// - Parameter port: The input whose place under `in` is shown.
    public mutating func report(_ finding: some Finding, atInput port: String) {
        findings.add(finding, at: places[port] ?? stage)
    }

    /// For what is wrong inside a text, such as a word of an expression.
    ///
    /// - Parameters:
    ///   - text: The text at `path` as decoded.
    ///   - offset: Where in it the wrong stretch begins, in scalars; the whole
    ///     text is shown where it is spelt otherwise in the file.
    public mutating func report(
        _ finding: some Finding, at path: [String], in text: String, offset: Int, length: Int
    ) {
        guard let node = written(path), node.text == text, length > 0 else {
            return report(finding, at: path)
        }
        let scalars = Array(text.unicodeScalars)
        let end = min(offset + length, scalars.count)
        var places = PlaceFinder(node.range)
        // Line breaks and indentation are the file's own, so words are looked for one by one.
        for word in scalars[..<min(offset, end)].split(whereSeparator: \.properties.isWhitespace) {
            places.pass(String(String.UnicodeScalarView(word)))
        }
        places.pass(String(String.UnicodeScalarView(scalars[min(offset, end)..<end])))
        findings.add(finding, at: places.place())
    }

    private func place(_ path: [String]) -> SourceRange {
        guard let node = written(path) else { return stage }
        return node.range
    }

    /// As much of a path as is written; nil if nothing of it is.
    private func written(_ path: [String]) -> Node? {
        guard var node = with else { return nil }
        for step in path {
            let next =
                node[step]
                ?? Int(step).flatMap { index in
                    node.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                }
                ?? node.elements?.first { $0.text == step }
            guard let next else { break }
            node = next
        }
        return node === with ? nil : node
    }
}
