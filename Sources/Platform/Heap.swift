import CPlatform
import Glibc

/// The memory that `malloc` hands out.
public enum Heap {
    private static let hugePage = 2 << 20

    /// Says that about so many bytes will be wanted in small pieces, and soon.
    ///
    /// They come from the system at once and, where it can, in pages of 2 MB. A
    /// page of 4 KB costs a fault of up to 1.5 microseconds on a virtual machine;
    /// without 1,500 of them an edit among a thousand stages takes a twentieth
    /// less. Below two huge pages nothing is done.
    public static func expect(_ bytes: Int) {
        guard bytes >= 2 * hugePage else { return }
        let end = UInt(bitPattern: sluice_grow_heap(Int32(clamping: bytes)))
        let start = (end - min(end, UInt(bytes)) + UInt(hugePage) - 1) & ~(UInt(hugePage) - 1)
        guard start < end, let place = UnsafeMutableRawPointer(bitPattern: start) else { return }
        madvise(place, Int(end - start), MADV_HUGEPAGE)
    }
}
