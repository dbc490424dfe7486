import ContentStore
import Platform

/// The console log of an action, kept by its key for as long as the checkout.
public enum StageLog {
    public static func path(_ key: Digest, in workspace: Workspace) -> String {
        "\(workspace.logs)/\(key.hex.prefix(2))/\(key.hex.dropFirst(2)).log"
    }

    /// The last lines, for a message.
    static func tail(_ path: String, lines: Int = 10) -> String {
        guard let bytes = try? Files.read(path) else { return "" }
        let text = String(decoding: bytes.suffix(8192), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
