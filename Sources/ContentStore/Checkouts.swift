import CPlatform
import Glibc
import Platform

/// The checkouts that use a store, and what each one's last runs gave: what a
/// collection must keep. One folder a checkout below `checkouts/`, with its
/// root's path, a file a run, and what its locks named when last looked at, so
/// that one on a disk that is away is not forgotten.
public struct Checkouts: Sendable {
    /// How many runs of a checkout are kept.
    public static let runsKept = 10
    private let folder: String

    public init(of store: BlobStore) { folder = store.root + "/checkouts" }

    public struct Checkout: Sendable {
        public let root: String
        fileprivate let folder: String
        /// Whether its folder is there.
        public var isReachable: Bool { Files.exists(root) }
    }

    /// All of them, sorted by their roots.
    public func all() throws(SystemError) -> [Checkout] {
        guard Files.exists(folder) else { return [] }
        var found: [Checkout] = []
        for name in try Files.list(folder) {
            guard let bytes = try? Files.read("\(folder)/\(name)/root") else { continue }
            found.append(Checkout(root: String(decoding: bytes, as: UTF8.self), folder: "\(folder)/\(name)"))
        }
        return found.sorted { $0.root < $1.root }
    }

    /// Notes what a run of a checkout gave; older runs beyond the tenth are forgotten.
    public func note(_ digests: Set<Digest>, of root: String) throws(SystemError) {
        let place = place(of: root)
        let runs = place + "/runs"
        try Files.makeDirectories(runs)
        if !Files.exists(place + "/root") { try Files.replace(place + "/root", with: Array(root.utf8)) }
        let names = try Files.list(runs).filter { Self.number(of: $0) != nil }
        let next = (names.compactMap(Self.number).max() ?? 0) + 1
        // Two runs that end at once may take one number; each keeps its file.
        let number = String(repeating: "0", count: max(0, 12 - String(next).count)) + String(next)
        try Files.replace("\(runs)/\(number)-\(getpid())", with: Self.text(digests))
        for old in names.dropLast(Self.runsKept - 1) { try Files.remove("\(runs)/\(old)") }
    }

    /// What a checkout's last runs gave and its locks named.
    public func digests(of checkout: Checkout) throws(SystemError) -> Set<Digest> {
        var found: Set<Digest> = []
        let runs = checkout.folder + "/runs"
        let names = Files.exists(runs) ? try Files.list(runs).map { "\(runs)/\($0)" } : []
        for path in names + [checkout.folder + "/locks"] where Files.exists(path) {
            for line in String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n") {
                if let digest = Digest(hex: line) { found.insert(digest) }
            }
        }
        return found
    }

    /// Notes what a checkout's locks name now.
    public func noteLocks(_ digests: Set<Digest>, of checkout: Checkout) throws(SystemError) {
        try Files.replace(checkout.folder + "/locks", with: Self.text(digests))
    }

    /// Forgets a checkout: nothing is kept for it any more.
    public func forget(_ checkout: Checkout) throws(SystemError) { try Files.remove(checkout.folder) }

    private static func number(of name: String) -> Int? { Int(name.prefix { $0 != "-" }) }

    private func place(of root: String) -> String {
        "\(folder)/\(Digest.of(Array(root.utf8)).hex.prefix(32))"
    }

    private static func text(_ digests: Set<Digest>) -> [UInt8] {
        Array(digests.sorted().map { $0.hex + "\n" }.joined().utf8)
    }
}
