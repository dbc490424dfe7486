import Glibc
import Platform

/// Files of the user's in which clients of databases keep where servers are and who asks them.
enum Profiles {
    /// Far more than anybody writes.
    private static let longest = 1 << 20

    /// - Returns: Nil where there is none.
    static func text(_ path: String) throws(SQLError) -> String? {
        do {
            guard let status = try Files.status(path) else { return nil }
            guard status.kind == .file, status.size <= longest else {
                throw SQLError.credentials("'\(path)' is no profile", fix: "write one there, or take it away")
            }
            return String(decoding: try Files.read(path), as: UTF8.self)
        } catch let error as SQLError {
            throw error
        } catch {
            throw .credentials(
                "a profile cannot be read: \(error)", fix: "make it readable to you, or take it away")
        }
    }

    /// Where libpq looks for the user's files: HOME, else what the system knows of who runs this.
    static func home(_ environment: [String: String]) -> String? {
        environment.text("HOME") ?? homeOfUser()
    }

    private static func homeOfUser() -> String? {
        // Far longer than what is known of anybody.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 14) { texts in
            var user = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let error = getpwuid_r(geteuid(), &user, texts.baseAddress!, texts.count, &found)
            guard error == 0, found != nil, let home = user.pw_dir else { return nil }
            return String(cString: home)
        }
    }

    /// Without blanks at both ends.
    static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
