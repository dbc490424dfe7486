import Glibc

/// All that lies below a folder, looked at once: every path with the status it
/// had. Links are not followed.
///
/// A folder is looked at before it is listed, and each name after that: what
/// came, went or was written later shows in a status that is another one.
public struct FolderListing: Sendable {
    public struct Entry: Sendable {
        public var status: FileStatus
        /// Whether it is a folder with nothing in it.
        public var isEmptyFolder: Bool
        fileprivate var start: Int
        fileprivate var count: Int
    }

    /// As it was given.
    public let folder: String
    /// Of the folder itself.
    public let status: FileStatus
    /// Whether nothing was skipped.
    public private(set) var isWhole = true
    /// Sorted by the bytes of their paths.
    public private(set) var entries: [Entry] = []
    /// Of all entries, a NUL behind each.
    private var paths: [UInt8] = []

    /// - Parameter skips: Asked of paths below the folder, by several threads at once. What is
    ///   skipped is not looked at, nor is what lies below it.
    /// - Throws: `SystemError` for the first that cannot be looked at, or whose name is not UTF-8.
    /// - Complexity: O(n log n) in names, a system call each.
    public init(_ folder: String, skips: ((String) -> Bool)? = nil) throws(SystemError) {
        self.folder = folder
        let walk = FolderWalk(folder, skips: skips)
        try walk.run()
        status = walk.root.status
        entries.reserveCapacity(walk.count)
        append(walk.root)
        // A folder's files stand behind it, but `a-b` stands between `a` and `a/c`.
        if !isSorted { sort() }
    }

    /// Relative to the folder.
    public func path(of entry: Entry) -> String {
        withPath(of: entry) { String(decoding: $0, as: UTF8.self) }
    }

    /// With the folder in front.
    public func place(of entry: Entry) -> String { folder + "/" + path(of: entry) }

    /// The same as `path` as bytes with a NUL behind them, which is not counted.
    public func withPath<Result, Failure>(
        of entry: Entry, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try paths.withUnsafeBufferPointer { (paths) throws(Failure) in
            try body(.init(rebasing: paths[entry.start..<(entry.start + entry.count)]))
        }
    }

    private mutating func append(_ contents: FolderContents) {
        if !contents.isWhole { isWhole = false }
        let prefix = Array(contents.prefix.utf8)
        var children = contents.children[...]
        for number in 0..<contents.count {
            let start = paths.count
            paths += prefix
            contents.withName(number) { name in
                paths.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name)))
            }
            let status = contents.status(number)
            let child = status.kind == .directory ? children.popFirst() : nil
            entries.append(
                Entry(
                    status: status, isEmptyFolder: child?.isEmpty ?? false, start: start,
                    count: paths.count - start))
            paths.append(0)
            if let child { append(child) }
        }
    }

    private var isSorted: Bool {
        paths.withUnsafeBufferPointer { paths in
            zip(entries, entries.dropFirst()).allSatisfy { Self.precedes($0, $1, paths) }
        }
    }

    private mutating func sort() {
        paths.withUnsafeBufferPointer { paths in entries.sort { Self.precedes($0, $1, paths) } }
    }

    private static func precedes(_ a: Entry, _ b: Entry, _ paths: UnsafeBufferPointer<UInt8>) -> Bool {
        strcmp(paths.baseAddress! + a.start, paths.baseAddress! + b.start) < 0
    }
}

private func strcmp(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>) -> Int32 {
    a.withMemoryRebound(to: CChar.self, capacity: 1) { a in
        b.withMemoryRebound(to: CChar.self, capacity: 1) { Glibc.strcmp(a, $0) }
    }
}
