/// Frames of LZ4 (lz4_Frame_format.md of lz4/lz4), by liblz4 (lz4frame.h 1.8 and later).
public enum Lz4 {
    private typealias New = @convention(c) (UnsafeMutablePointer<OpaquePointer?>, UInt32) -> Int
    private typealias Free = @convention(c) (OpaquePointer) -> Int
    private typealias Step =
        @convention(c) (
            OpaquePointer, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>, UnsafeRawPointer?,
            UnsafeMutablePointer<Int>, UnsafeRawPointer?
        ) -> Int

    private static let library = DynamicLibrary(.lz4)

    /// - Returns: Whether the source is one frame of exactly `target.count` bytes.
    public static func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        let new = try library.function("LZ4F_createDecompressionContext", as: New.self)
        let step = try library.function("LZ4F_decompress", as: Step.self)
        let free = try library.function("LZ4F_freeDecompressionContext", as: Free.self)
        var context: OpaquePointer?
        // LZ4F_VERSION is 100.
        guard new(&context, 100) == 0, let context else { return false }
        defer { _ = free(context) }
        var (taken, given) = (0, 0)
        while true {
            var (input, output) = (source.count - taken, target.count - given)
            let state = step(
                context, target.baseAddress.map { $0 + given }, &output,
                source.baseAddress.map { $0 + taken },
                &input, nil)
            taken += input
            given += output
            // Nought behind the last byte of the frame, a hint of what is missing before it, a negative number for an error.
            if state == 0 { return taken == source.count && given == target.count }
            guard state > 0, input > 0 || output > 0 else { return false }
        }
    }
}
