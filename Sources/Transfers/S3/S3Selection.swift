/// Which objects of a bucket are wanted.
public struct S3Selection: Sendable {
    /// What every key begins with.
    public let prefix: String
    /// The folder that paths of files are told from: the prefix up to its last `/`, with it.
    public let base: String
    /// Lists are asked for what begins with one of these.
    let listed: [String]
    /// Keys that are looked at without a list, which takes a right that not everybody has who may read them.
    let single: [String]
    private let accepts: @Sendable (_ path: String) -> Bool
    /// Whether all below the prefix is wanted.
    let isWhole: Bool

    /// Whether nothing that begins with the prefix can be wanted.
    public var isEmpty: Bool { listed.isEmpty && single.isEmpty }

    /// All that begins with a prefix.
    public init(prefix: String) {
        self.init(prefix: prefix, listed: [prefix], single: [], isWhole: true) { _ in true }
    }

    /// - Parameters:
    ///   - starts: What the paths of some of the files begin with.
    ///   - paths: Of single files.
    ///   - accepts: Whether a path that begins with one of `starts` is wanted.
    public init(
        prefix: String, starts: [String], paths: [String],
        accepts: @escaping @Sendable (_ path: String) -> Bool
    ) {
        let base = Self.base(prefix)
        // The longer of two of which one begins the other; where neither does, nothing can match.
        let listed = starts.map { base + $0 }.compactMap { start in
            Self.begins(start, prefix) ? start : Self.begins(prefix, start) ? prefix : nil
        }
        let single = paths.map { base + $0 }.filter { Self.begins($0, prefix) }
        self.init(prefix: prefix, listed: listed, single: single, isWhole: false, accepts)
    }

    private init(
        prefix: String, listed: [String], single: [String], isWhole: Bool,
        _ accepts: @escaping @Sendable (_ path: String) -> Bool
    ) {
        self.prefix = prefix
        base = Self.base(prefix)
        // A list for each, less those that another holds.
        self.listed = Set(listed).sorted().reduce(into: []) { kept, next in
            if !kept.contains(where: { Self.begins(next, $0) }) { kept.append(next) }
        }
        self.single = Set(single).sorted()
        self.isWhole = isWhole
        self.accepts = accepts
    }

    private static func base(_ prefix: String) -> String {
        let slash = prefix.utf8.lastIndex(of: UInt8(ascii: "/"))
        return slash.map { String(decoding: Array(prefix.utf8[...$0]), as: UTF8.self) } ?? ""
    }

    /// By bytes: to Swift a mark behind the prefix would be a part of its last character.
    private static func begins(_ text: String, _ prefix: String) -> Bool {
        text.utf8.starts(with: prefix.utf8)
    }

    func accepts(_ key: String) -> Bool {
        guard Self.begins(key, prefix) else { return false }
        return isWhole || accepts(String(decoding: Array(key.utf8.dropFirst(base.utf8.count)), as: UTF8.self))
    }
}
