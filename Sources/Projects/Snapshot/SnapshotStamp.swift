import ContentStore
import Executor
import Platform

/// A file or folder and the stamp it had; valid as long as its snapshot.
struct SnapshotStamp {
    /// Of no file: whoever looks finds another one.
    static let unknown = [UInt64](repeating: .max, count: 5)

    private let stamp: FileStamp
    private let path: UnsafePointer<CChar>

    init(_ cursor: inout SnapshotCursor) {
        stamp = FileStamp { cursor.word() }
        path = cursor.path()
    }

    var name: String { String(cString: path) }
    var words: [UInt64] { stamp.words }

    /// Whether it is as it was.
    var holds: Bool { Files.status(path).map(FileStamp.init) == stamp }

    func holds(in folder: OpenFolder) -> Bool { folder.status(path).map(FileStamp.init) == stamp }

    /// Stamps that one thread looks at in one go.
    private static let share = 1024

    /// Whether each is as it was; of many, as many threads as there are cores look.
    ///
    /// - Parameter alongside: Done meanwhile.
    static func look(
        at stamps: [SnapshotStamp], in folder: OpenFolder? = nil, alongside: (() -> Void)? = nil
    ) -> [Bool] {
        let looks: (SnapshotStamp) -> Bool = { folder.map($0.holds(in:)) ?? $0.holds }
        if stamps.count < 4 * share, alongside == nil { return stamps.map(looks) }
        return [Bool](unsafeUninitializedCapacity: stamps.count) { found, count in
            let shares = (stamps.count + share - 1) / share
            WorkerPool(size: Cores.available).runEach(shares + 1) { item in
                guard item > 0 else {
                    alongside?()
                    return
                }
                for number in (item - 1) * share..<min(item * share, stamps.count) {
                    found.initializeElement(at: number, to: looks(stamps[number]))
                }
            }
            count = stamps.count
        }
    }
}

/// A source that is a folder: its path, the digest of what git ignored in it
/// (hexadecimal), both NUL-terminated; all that lies in it and counts, the
/// folder itself first, stamped, by paths below it.
struct SnapshotFolder {
    private let path: String
    private let ignored: String
    private let entries: [SnapshotStamp]

    init(_ cursor: inout SnapshotCursor) {
        path = String(cString: cursor.path())
        ignored = String(cString: cursor.path())
        entries = cursor.list { SnapshotStamp(&$0) }
    }

    /// Whether nothing came, went or changed, and git ignores what it ignored.
    var holds: Bool {
        guard let folder = try? OpenFolder(path) else { return false }
        var isIgnoringTheSame = false
        let holding = SnapshotStamp.look(at: entries, in: folder) {
            isIgnoringTheSame = GitIgnore(below: path).digest.hex == ignored
        }
        return isIgnoringTheSame && !holding.contains(false)
    }
}
