import ContentStore
import Platform

/// What git ignores below a folder: asked of git itself, whose rules nest.
public struct GitIgnore: Sendable {
    /// As git said it.
    private let answer: [UInt8]

    /// - Complexity: git looks through the folder.
    public init(below folder: String) {
        let output = try? Subprocess.output(
            of: [
                "git", "-C", folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory",
                "-z",
            ])
        answer = output ?? []
    }

    /// Relative to the folder; a folder stands for all below it. Empty where
    /// there is no git or no repository.
    var paths: Set<String> {
        Set(
            answer.split(separator: 0).map { entry in
                let path = entry.last == UInt8(ascii: "/") ? entry.dropLast() : entry
                return String(decoding: path, as: UTF8.self)
            })
    }

    /// The same for the same answer.
    public var digest: Digest { Digest.of(answer) }
}
