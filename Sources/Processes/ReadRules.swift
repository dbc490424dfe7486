import CPlatform
import Glibc

/// Landlock rules under which everything can be read but the files of one
/// folder. Made once and laid on many processes.
///
/// Landlock only knows what is allowed, with all below it. So on the way from
/// `/` to the folder every entry that lies beside the way is allowed, as it is
/// when the rules are made: what is made later right beside the way cannot be
/// read, and `isCurrent` tells when there is such a thing. A way through a
/// folder where anybody makes files, such as `/tmp`, has no rules therefore:
/// a program may read there what it just wrote.
final class ReadRules {
    enum Problem: Error, CustomStringConvertible {
        case unavailable
        case isEverything
        case unlistable(String)
        case shared(String)
        case tooMany(String, Int)

        var description: String {
            switch self {
            case .unavailable: "this kernel has no Landlock, or its first version only"
            case .isEverything: "the project's root is the root of all files"
            case .unlistable(let path): "'\(path)' cannot be listed"
            case .shared(let path): "the project lies below '\(path)', where anybody makes files"
            case .tooMany(let path, let count):
                "'\(path)' holds \(count) entries, more than the \(ReadRules.mostEntries) that can be allowed one by one"
            }
        }
    }

    /// Of one folder on the way: each costs a few microseconds.
    static let mostEntries = 2000

    /// A Landlock ruleset.
    let descriptor: Int32
    private var way: [(folder: String, changed: timespec)] = []
    private let made: timespec

    /// - Parameters:
    ///   - root: An existing folder.
    ///   - readable: Paths below it that can be read; what is not there is left out.
    init(hiding root: String, except readable: [String]) throws(Problem) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        made = now
        descriptor = sluice_make_rules()
        guard descriptor >= 0 else { throw .unavailable }
        guard let resolved = realpath(root, nil) else { throw .unlistable(root) }
        defer { free(resolved) }
        let parts = String(cString: resolved).split(separator: "/")
        guard !parts.isEmpty else { throw .isEverything }
        let folders = parts.indices.map { "/" + parts[..<$0].joined(separator: "/") }
        for folder in folders {
            var info = stat()
            guard stat(folder, &info) == 0 else { throw .unlistable(folder) }
            guard info.st_mode & S_IWOTH == 0 else { throw .shared(folder) }
            way.append((folder, info.st_mtim))
        }
        // Moves are free everywhere: they may not gain what they did not have.
        _ = sluice_allow(descriptor, "/", 1, sluice_may_move)
        for (folder, part) in zip(folders, parts) { try allowEntries(of: folder, but: String(part)) }
        for path in readable { _ = sluice_allow(descriptor, path, 1, sluice_may_read) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func allowEntries(of folder: String, but hidden: String) throws(Problem) {
        guard let stream = opendir(folder) else { throw .unlistable(folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // A symlink's target is allowed, or not, where it lies.
            if name != ".", name != "..", name != hidden, entry.pointee.d_type != UInt8(DT_LNK) {
                names.append(name)
            }
        }
        guard names.count <= Self.mostEntries else { throw .tooMany(folder, names.count) }
        // What cannot be opened even by path is gone, or out of our reach too.
        for name in names { _ = sluice_allow(descriptor, folder + "/" + name, 0, sluice_may_read) }
    }

    /// Whether all that lies beside the way is allowed. A folder that changed
    /// just before it was listed may have changed again in the same tick.
    var isCurrent: Bool {
        way.allSatisfy { folder, changed in
            var info = stat()
            guard stat(folder, &info) == 0 else { return false }
            let now = info.st_mtim
            guard now.tv_sec == changed.tv_sec, now.tv_nsec == changed.tv_nsec else { return false }
            let age =
                Int64(made.tv_sec - changed.tv_sec) * 1_000_000_000 + Int64(made.tv_nsec - changed.tv_nsec)
            return age > 20_000_000
        }
    }
}

/// The rules in use, each made when it is first needed.
final class ReadRulesCache {
    private struct Key: Hashable {
        var root: String
        var readable: [String]
    }

    private var rules: [Key: ReadRules] = [:]

    /// - Returns: Nil where nothing is to be hidden, or cannot be.
    func rules(for confinement: Confinement?) -> ReadRules? {
        guard let confinement, let root = confinement.hiddenRoot else { return nil }
        let key = Key(root: root, readable: confinement.readable)
        if let known = rules[key], known.isCurrent { return known }
        // Each holds a descriptor; a run has few, one for each PATH.
        if rules.count >= 16 { rules = [:] }
        rules[key] = try? ReadRules(hiding: root, except: confinement.readable)
        return rules[key]
    }
}
