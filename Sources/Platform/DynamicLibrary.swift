import Glibc

/// A shared library that is opened when it is first needed, since loading all of them at every start would cost
/// more than the start itself (docs: design, the inside).
///
///     static let zstd = DynamicLibrary(.zstd)
///     let decompress = try zstd.function("ZSTD_decompress", as: (@convention(c) (...) -> Int).self)
public final class DynamicLibrary: Sendable {
    public let file: String
    /// What the system's package manager calls it.
    public let package: String
    /// Nil where it is not installed. It stays open as long as the process runs.
    private let handle: Handle?

    private struct Handle: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

    /// - Parameters:
    ///   - file: With its version, such as `libzstd.so.1`: the one without belongs to its headers.
    ///   - package: Debian's name of what brings it.
    public init(_ file: String, package: String) {
        self.file = file
        self.package = package
        handle = dlopen(file, RTLD_NOW | RTLD_LOCAL).map(Handle.init)
    }

    /// The first edition of it that is installed, else the last one, which is not.
    public convenience init(_ library: SystemLibrary) {
        let last = library.editions.count - 1
        let edition =
            library.editions[..<last].first { DynamicLibrary($0.file, package: $0.package).isInstalled }
            ?? library.editions[last]
        self.init(edition.file, package: edition.package)
    }

    public var isInstalled: Bool { handle != nil }

    /// A function of it by its name, to be kept by the caller: looking it up takes a microsecond.
    ///
    /// - Parameter type: A `@convention(c)` type; that it is the function's is the caller's word.
    public func function<Function>(
        _ name: String, as type: Function.Type
    ) throws(DynamicLibraryError) -> Function {
        guard let handle else { throw .missing(file: file, package: package) }
        guard let symbol = dlsym(handle.pointer, name) else {
            throw .tooOld(file: file, package: package, function: name)
        }
        return unsafeBitCast(symbol, to: type)
    }
}

extension DynamicLibrary {
    /// Functions of a library whose names begin alike, each looked up as what its place in a table of them is:
    ///
    ///     static let shared = DynamicLibrary.table(.sqlite, prefix: "sqlite3_", SQLiteLibrary.init)
    ///     private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) { open = try find("open_v2") }
    public struct Functions {
        public let library: DynamicLibrary
        let prefix: String

        /// - Parameter name: Without what all of them begin with.
        public func callAsFunction<Function>(
            _ name: String, as type: Function.Type = Function.self
        ) throws(DynamicLibraryError) -> Function {
            try library.function(prefix + name, as: type)
        }
    }

    /// The functions that are used of a library, or why it is not there as it is needed; to be kept by the caller.
    public static func table<Table>(
        _ library: SystemLibrary, prefix: String = "",
        _ make: (Functions) throws(DynamicLibraryError) -> Table
    ) -> Result<Table, DynamicLibraryError> {
        Result { () throws(DynamicLibraryError) in
            try make(Functions(library: DynamicLibrary(library), prefix: prefix))
        }
    }
}

/// Why a shared library is not there as it is needed.
public enum DynamicLibraryError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(file: String, package: String)
    case tooOld(file: String, package: String, function: String)

    public var description: String {
        switch self {
        case .missing(let file, let package): "\(file) is not installed; install it: apt install \(package)"
        case .tooOld(let file, let package, let function):
            "\(file) has no function '\(function)'; install a newer one: apt install \(package)"
        }
    }
}
