import Glibc

/// Goes through a folder and those below it, some at a time: their names are
/// listed and then looked at, by as many threads as there are cores where they
/// are many.
final class FolderWalk {
    let root: FolderContents
    /// How many names were looked at.
    private(set) var count = 0
    private let skips: ((String) -> Bool)?
    private var workers: WorkerPool?

    /// How many folders are held open at once.
    private static let mostOpen = 64
    /// Names that one thread looks at in one go.
    private static let share = 256

    init(_ path: String, skips: ((String) -> Bool)?) {
        root = FolderContents(root: path, path: "")
        self.skips = skips
    }

    func run() throws(SystemError) {
        var waiting = [root][...]
        while !waiting.isEmpty {
            let folders = Array(waiting.prefix(Self.mostOpen))
            waiting = waiting.dropFirst(folders.count)
            defer { for folder in folders { folder.close() } }
            // A folder costs about as much as some names.
            each(folders.count, names: 16 * folders.count) { folders[$0].list(skips) }
            var shares: [(folder: FolderContents, names: Range<Int>)] = []
            for folder in folders {
                if let problem = folder.problem { throw problem }
                for start in stride(from: 0, to: folder.count, by: Self.share) {
                    shares.append((folder, start..<min(start + Self.share, folder.count)))
                }
                count += folder.count
            }
            each(shares.count, names: shares.count * Self.share) {
                shares[$0].folder.look(at: shares[$0].names)
            }
            for folder in folders {
                try folder.finish()
                waiting += folder.children
            }
        }
    }

    private func each(_ items: Int, names: Int, _ body: (Int) -> Void) {
        if workers == nil, names > 8 * Self.share { workers = WorkerPool(size: Cores.available) }
        guard let workers else { return (0..<items).forEach(body) }
        workers.runEach(items, body)
    }
}

/// One folder of a walk: listed by one thread, looked at by several, then
/// finished.
final class FolderContents {
    /// Below the root; empty for that itself.
    let path: String
    /// The folder's own.
    private(set) var status = FileStatus(stat())
    private(set) var isEmpty = true
    private(set) var isWhole = true
    /// Those below it, in the order of their names.
    private(set) var children: [FolderContents] = []
    private(set) var problem: SystemError?

    private let root: String
    private var descriptor: Int32 = -1
    /// A NUL behind each.
    private var names: [UInt8] = []
    /// Of the names that count, in the order of their bytes.
    private var starts: [Int] = []
    /// Nil where a name was not found.
    private var statuses = UnsafeMutableBufferPointer<FileStatus?>.allocate(capacity: 0)

    init(root: String, path: String) {
        self.root = root
        self.path = path
    }

    deinit { statuses.deallocate() }

    var count: Int { starts.count }

    /// In front of its names in a path.
    var prefix: String { path.isEmpty ? "" : path + "/" }
    private var place: String { path.isEmpty ? root : root + "/" + path }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    // MARK: Names

    func list(_ skips: ((String) -> Bool)?) {
        // What was a folder a moment ago may be a link by now.
        let link = path.isEmpty ? 0 : O_NOFOLLOW
        descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | link)
        var info = stat()
        guard descriptor >= 0, fstat(descriptor, &info) == 0 else {
            problem = SystemError("list", place)
            return
        }
        status = FileStatus(info)
        do {
            try readNames(skips)
        } catch {
            problem = error
        }
        names.withUnsafeBytes { names in
            let names = names.bindMemory(to: CChar.self)
            starts.sort { strcmp(names.baseAddress! + $0, names.baseAddress! + $1) < 0 }
        }
        statuses = .allocate(capacity: starts.count)
        statuses.initialize(repeating: nil)
    }

    private func readNames(_ skips: ((String) -> Bool)?) throws(SystemError) {
        // The stream closes its descriptor, and names are still looked at from here.
        guard let stream = fdopendir(dup(descriptor)) else { throw SystemError("list", place) }
        defer { closedir(stream) }
        let prefix = prefix
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError("list", place) }
                return
            }
            let name = UnsafeRawPointer(entry) + Self.nameOffset
            let text = name.assumingMemoryBound(to: CChar.self)
            if strcmp(text, ".") == 0 || strcmp(text, "..") == 0 { continue }
            isEmpty = false
            let bytes = UnsafeRawBufferPointer(start: name, count: strlen(text) + 1)
            let isASCII = bytes.allSatisfy { $0 < 0x80 }
            if skips != nil || !isASCII {
                let relative = prefix + String(cString: text)
                if skips?(relative) == true {
                    isWhole = false
                    continue
                }
                guard isASCII || String(validatingCString: text) != nil else {
                    throw SystemError("read", root + "/" + relative, errno: EILSEQ)
                }
            }
            starts.append(names.count)
            names += bytes
        }
    }

    private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!

    /// - Parameter body: Given the name with a NUL behind it.
    func withName<Result>(_ number: Int, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        names.withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress! + starts[number]) }
    }

    // MARK: Statuses

    /// - Precondition: No two threads look at the same names.
    func look(at numbers: Range<Int>) {
        for number in numbers {
            var info = stat()
            let isThere = withName(number) { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) == 0 }
            if isThere { statuses[number] = FileStatus(info) }
        }
    }

    /// - Throws: For a name that is gone or cannot be looked at.
    func finish() throws(SystemError) {
        for number in starts.indices {
            if statuses[number] == nil { look(at: number..<(number + 1)) }
            guard let status = statuses[number] else {
                throw SystemError("read", root + "/" + prefix + withName(number) { String(cString: $0) })
            }
            guard status.kind == .directory else { continue }
            let name = withName(number) { String(cString: $0) }
            children.append(FolderContents(root: root, path: prefix + name))
        }
    }

    func status(_ number: Int) -> FileStatus { statuses[number]! }
}
