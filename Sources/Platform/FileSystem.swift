import CPlatform

/// The file system that a path lies on, as statfs(2) tells.
public struct FileSystem: Sendable, Hashable {
    /// Such as `ext4`; `of type 0x…` for one that is not in the table.
    public let name: String
    /// Whether other machines may use it at the same time, so that what the
    /// kernel here knows of locks need not be all there is.
    public let isNetwork: Bool
    /// Bytes that can still be written.
    public let freeBytes: Int64

    /// - Returns: Nil when the path cannot be asked about.
    /// - Complexity: One system call.
    public init?(of path: String) {
        let info = sluice_file_system(path)
        guard info.type != 0 else { return nil }
        self.init(type: UInt32(truncatingIfNeeded: info.type), freeBytes: Int64(clamping: info.freeBytes))
    }

    init(type: UInt32, freeBytes: Int64) {
        self.freeBytes = freeBytes
        if let name = Self.network(type) {
            (self.name, isNetwork) = (name, true)
        } else {
            (name, isNetwork) = (Self.local(type) ?? "of type 0x" + String(type, radix: 16), false)
        }
    }

    /// Source: linux/magic.h; below the line statfs(2) and the headers of the
    /// file systems' own sources.
    ///
    /// A fuse may be anything, sshfs and virtiofs included, and says no more; so
    /// it counts as a network.
    private static func network(_ type: UInt32) -> String? {
        switch type {
        case 0x6969: "nfs"
        case 0x517B: "smb"
        case 0xFE53_4D42: "smb2"
        case 0xFF53_4D42: "cifs"
        case 0x0102_1997: "9p"
        case 0x6573_5546: "fuse"
        case 0x00C3_6400: "ceph"
        case 0x5346_414F, 0x6B41_4653: "afs"
        case 0x7375_7245: "coda"
        case 0x7461_636F: "ocfs2"
        case 0x564C: "ncp"
        // ----
        case 0x0BD0_0BD0: "lustre"
        case 0x4750_4653: "gpfs"
        case 0x0116_1970: "gfs2"
        case 0x1983_0326: "beegfs"
        case 0xAAD7_AAEA: "panfs"
        case 0x2003_0528: "orangefs"
        case 0x786F_4256: "vboxsf"
        case 0xBACB_ACBC: "vmhgfs"
        case 0x7C7C_6673: "prl_fs"
        default: nil
        }
    }

    private static func local(_ type: UInt32) -> String? {
        switch type {
        case 0xEF53: "ext4"
        case 0x5846_5342: "xfs"
        case 0x9123_683E: "btrfs"
        case 0x0102_1994: "tmpfs"
        case 0x794C_7630: "overlay"
        case 0xF2F5_2010: "f2fs"
        case 0x4D44: "vfat"
        case 0x2011_BAB0: "exfat"
        // ----
        case 0x2FC1_2FC1: "zfs"
        case 0xCA45_1A4E: "bcachefs"
        default: nil
        }
    }
}
