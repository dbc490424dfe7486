import Platform

/// Why an archive is not unpacked. Names are the archive's own.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Neither ZIP nor tar; `form` is what the first bytes tell, if anything.
    case noArchive(form: String?)
    /// What is damaged, and how.
    case damaged(String, String)
    case cut
    /// A part of the archive's form that is not read.
    case unread(name: String, what: String)
    /// Neither a file nor a folder.
    case notAFile(name: String, kind: String)
    case badName(name: String, why: String)
    /// The same path, or a file where a folder is.
    case twice(name: String)
    case tooLarge(limit: Int)
    case packing(PackingError)
    case library(DynamicLibraryError)
    case system(SystemError)

    public var description: String {
        switch self {
        case .noArchive(nil): "it is no ZIP file and no tar file, packed with gzip or zstd or not"
        case .noArchive(let form?):
            "it is \(form), which is not read; ZIP is, and tar, packed with gzip or zstd or not"
        case .damaged(let what, let how): "\(what) is damaged: \(how)"
        case .cut: "it ends too early; copy or fetch it again"
        case .unread(let name, let what): "'\(Self.shortened(name))' \(what), which is not read"
        case .notAFile(let name, let kind):
            "'\(Self.shortened(name))' is \(kind), neither a file nor a folder"
        case .badName(let name, let why): "'\(Self.shortened(name))' would not lie in the folder: \(why)"
        case .twice(let name): "'\(Self.shortened(name))' is there twice, or is a file and a folder at once"
        case .tooLarge(let limit):
            "it unfolds to more than \(limit) bytes, 1024 times the file; unpack it yourself if it is what it should be"
        case .packing(let error): "\(error)"
        case .library(let error): error.description
        case .system(let error): "\(error)"
        }
    }

    /// What to do, where it is not said already.
    public var fix: String? {
        switch self {
        case .notAFile:
            "write links: skip to leave out what is neither, or match: to say which files are wanted"
        case .badName: "have it packed again, with names that lie below one folder"
        case .twice: "write match: to say which files are wanted"
        default: nil
        }
    }

    /// A name may be of any length; what moves a terminal's cursor in it is left to whoever shows it.
    static func shortened(_ name: String) -> String {
        name.unicodeScalars.count > 200 ? String(name.unicodeScalars.prefix(200)) + "..." : name
    }
}

extension ArchiveError {
    /// What reading and writing throw, as one of these.
    init(_ error: any Error) {
        switch error {
        case let error as ArchiveError: self = error
        case let error as PackingError: self = .packing(error)
        case let error as DynamicLibraryError: self = .library(error)
        case let error as SystemError: self = .system(error)
        default: preconditionFailure("an archive is not read by what throws '\(error)'")
        }
    }
}
