import CPlatform
import Glibc

/// The memory that `malloc` hands out.
public enum Heap {
    private static let hugePage = 2 << 20

    /// Memory for arrays that are read and written as a whole, given back by `deallocate()`: behind its
    /// first `smallBytes` in pages of 2 MB, where the system has them.
    ///
    /// Rows of a matrix of 1,000 columns lie on a page of 4 KB each, and whoever goes down them waits for
    /// the tables of pages: a depthwise convolution over 51 MB takes a tenth less in huge pages, `exp` of 4 MB a
    /// twentieth. What is not touched is no memory still, but in steps of 2 MB.
    public static func allocateHugePages(_ bytes: Int, smallBytes: Int = 0) -> UnsafeMutableRawPointer {
        precondition(smallBytes % 4096 == 0, "small pages are whole ones")
        let size = (max(bytes, 1) + hugePage - 1) & ~(hugePage - 1)
        let place = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: hugePage)
        if smallBytes < size { madvise(place + smallBytes, size - smallBytes, MADV_HUGEPAGE) }
        return place
    }

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
