import Platform

/// How the buffers of a body are packed, each for itself (BodyCompression of Message.fbs).
enum BodyCodec: Int8 {
    case lz4 = 0
    case zstd = 1
}

/// The buffers of a packed batch that were asked for, kept as long as the batch is.
///
/// A packed buffer begins with its length when unpacked, in 64 bits; -1 says that the rest lies there as it is.
final class UnpackedBuffers {
    private let codec: BodyCodec
    private let place: String
    private var memory: [Int: UnsafeMutableRawBufferPointer] = [:]
    private var pieces: ZstdPieces?

    init(_ codec: BodyCodec, place: String) {
        self.codec = codec
        self.place = place
    }

    deinit { for buffer in memory.values { buffer.deallocate() } }

    /// Bytes a buffer says it unfolds to.
    static func count(_ packed: UnsafeRawBufferPointer) -> Int64? {
        if packed.isEmpty { return 0 }
        guard packed.count >= 8 else { return nil }
        let count = Int64(littleEndian: packed.loadUnaligned(as: Int64.self))
        return count == -1 ? Int64(packed.count - 8) : count >= 0 ? count : nil
    }

    /// - Parameter number: Which buffer of the batch it is.
    func unpacked(
        _ packed: UnsafeRawBufferPointer, number: Int
    ) throws(ArrowError) -> UnsafeRawBufferPointer {
        guard packed.count >= 8 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if let known = memory[number] { return UnsafeRawBufferPointer(known) }
        let rest = UnsafeRawBufferPointer(rebasing: packed[8...])
        let count = Int64(littleEndian: packed.loadUnaligned(as: Int64.self))
        if count == -1 { return rest }
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(count), alignment: 64)
        memory[number] = target
        let isWhole: Bool
        do throws(DynamicLibraryError) {
            switch codec {
            case .lz4: isWhole = try Lz4.unpack(rest, into: target)
            case .zstd:
                if pieces == nil { pieces = try ZstdPieces() }
                isWhole = pieces!.unpack(rest, into: target)
            }
        } catch {
            throw ArrowError(.unreadable(error.description))
        }
        guard isWhole else {
            throw ArrowError(
                .damaged(place: place, what: "buffer \(number + 1) does not unfold to its \(count) bytes"))
        }
        return UnsafeRawBufferPointer(target)
    }
}
