/// A library of the system that only some kinds of stages need: opened when one first does, never linked. This is the
/// one list of them: `sluice doctor` goes through it, and an error names file and package from it.
public struct SystemLibrary: Hashable, Sendable {
    /// As people call it.
    public let name: String
    /// What it may be here as, the preferred one first; an error names the last one.
    public let editions: [Edition]
    /// Kinds of stages that open it.
    public let kinds: [String]
    /// What they need it for.
    public let purpose: String

    public struct Edition: Hashable, Sendable {
        /// With its version, such as `libzstd.so.1`: the one without belongs to its headers.
        public let file: String
        /// Debian's name of what brings it.
        public let package: String
    }

    /// - Parameters:
    ///   - editions: Files with their packages; at least one.
    public init(_ name: String, _ editions: [(String, String)], for kinds: [String], _ purpose: String) {
        self.name = name
        self.editions = editions.map { Edition(file: $0, package: $1) }
        self.kinds = kinds
        self.purpose = purpose
    }

    public static let curl = SystemLibrary(
        "libcurl", [("libcurl.so.4", "libcurl4")], for: ["collect.http", "collect.s3"], "web servers")
    public static let lz4 = SystemLibrary(
        "liblz4", [("liblz4.so.1", "liblz4-1")], for: ["collect.arrow", "table.import"],
        "bodies packed with LZ4")
    public static let mariadb = SystemLibrary(
        "libmariadb", [("libmariadb.so.3", "libmariadb3")], for: ["collect.sql"], "MySQL and MariaDB")
    public static let png = SystemLibrary(
        "libpng", [("libpng16.so.16", "libpng16-16")], for: ["collect.images"], "PNG")
    public static let postgres = SystemLibrary(
        "libpq", [("libpq.so.5", "libpq5")], for: ["collect.sql"], "PostgreSQL")
    public static let snappy = SystemLibrary(
        "libsnappy", [("libsnappy.so.1", "libsnappy1v5")], for: ["collect.parquet", "table.import"],
        "pages packed with Snappy")
    public static let sqlite = SystemLibrary(
        "libsqlite3", [("libsqlite3.so.0", "libsqlite3-0")], for: ["collect.sqlite"], "SQLite")
    public static let turboJPEG = SystemLibrary(
        "libturbojpeg", [("libturbojpeg.so.0", "libturbojpeg0")], for: ["collect.images"], "JPEG")
    /// From 2.14 on its file has another number; its functions are the same.
    public static let xml = SystemLibrary(
        "libxml2", [("libxml2.so.16", "libxml2-16"), ("libxml2.so.2", "libxml2")],
        for: ["collect.s3", "collect.xml"], "XML")
    public static let zlib = SystemLibrary(
        "zlib", [("libz.so.1", "zlib1g")],
        for: ["collect.archive"] + unpacking + ["collect.images", "collect.parquet", "table.import"],
        "files, pages and pictures packed with deflate")
    public static let zstd = SystemLibrary(
        "libzstd", [("libzstd.so.1", "libzstd1")],
        for: ["collect.archive", "collect.arrow"] + unpacking + [
            "collect.parquet", "table.export", "table.import",
        ],
        "files, bodies and pages packed with Zstandard")

    /// Kinds that unpack whole files.
    private static let unpacking = [
        "collect.csv", "collect.json", "collect.jsonl", "collect.text", "collect.xml",
    ]

    /// Sorted by name.
    public static let all = [
        curl, lz4, mariadb, png, postgres, snappy, sqlite, turboJPEG, xml, zstd, zlib,
    ]
}
