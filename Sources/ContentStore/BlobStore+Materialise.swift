import CPlatform
import Glibc
import Platform

extension BlobStore {
    /// Copies a blob to a path, whole or not at all.
    ///
    /// - Throws: `StoreFinding.damagedBlob` when the bytes written are not
    ///   those of the digest; the path is then left as it was.
    public func materialise(_ digest: Digest, at path: String, isExecutable: Bool = false) throws {
        let temporary = "\(path).tmp-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        guard Files.exists(self.path(of: digest)) else { throw StoreFinding.damagedBlob(digest: digest.hex) }
        do {
            // The copy is judged, not the blob: what lies there afterwards is
            // what was asked for.
            try Files.copy(self.path(of: digest), to: temporary, mode: isExecutable ? 0o755 : 0o644)
            guard try Digest.ofFile(temporary).digest == digest else {
                throw StoreFinding.damagedBlob(digest: digest.hex)
            }
            try Files.rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
