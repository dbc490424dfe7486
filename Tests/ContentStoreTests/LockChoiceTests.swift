import ContentStore
import Diagnostics
import Glibc
import Testing

@testable import Platform

@Suite struct LockChoiceTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/sluice-choice-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(path)
        defer { try? Files.remove(path) }
        try body(path)
    }

    @Test func aFolderThatHasLeasesKeepsThem() throws {
        try withFolder { folder in
            let system = try #require(FileSystem(of: folder))
            #expect(!system.isNetwork && system.freeBytes > 0)
            #expect(LockChoice.locks(of: folder).notice == nil)
            try Files.makeDirectories(folder + "/leases")
            #expect(LockChoice.locks(of: folder).notice == .leases(folder: folder, .usedBefore))
        }
    }

    @Test func aNoticeSaysWhatWasFoundAndWhatToDo() {
        let network = StoreFinding.leases(folder: "/n/.sluice", .network("nfs"))
        #expect(network.severity == .warning)
        #expect(
            network.message
                == "'/n/.sluice' lies on a network file system, nfs: it is locked with lease files")
        #expect(
            network.notes == [
                .init(
                    "means",
                    "stages start and end a little later, and after a run that dies on one machine others wait up to 30 s for what it held"
                )
            ])
        #expect(
            network.fix
                == "keep the store on a local disk with SLUICE_STORE, or say SLUICE_LOCKS=flock where no other machine uses it"
        )
        let before = StoreFinding.leases(folder: "/n/.sluice", .usedBefore)
        #expect(
            before.message
                == "'/n/.sluice' is locked with lease files, as there are some from where it is a network file system"
        )
        #expect(before.fix == "where no other machine uses it, remove '/n/.sluice/leases' while nothing runs")
    }
}

@Suite struct FileSystemTests {
    /// Held against the header of the system this is built on.
    @Test func networkFileSystemsAreThoseOfTheHeader() throws {
        let header = String(decoding: try Files.read("/usr/include/linux/magic.h"), as: UTF8.self)
        var numbers: [String: UInt32] = [:]
        for line in header.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, words[0] == "#define", words[2].hasPrefix("0x") else { continue }
            numbers[String(words[1])] = UInt32(words[2].dropFirst(2), radix: 16)
        }
        func check(_ macro: String, _ name: String, isNetwork: Bool) throws {
            let number = try #require(numbers[macro], "\(macro)")
            let system = FileSystem(type: number, freeBytes: 1)
            #expect(system.name == name && system.isNetwork == isNetwork, "\(macro)")
        }
        for (macro, name) in [
            ("NFS", "nfs"), ("SMB", "smb"), ("SMB2", "smb2"), ("CIFS", "cifs"), ("FUSE", "fuse"),
            ("CEPH", "ceph"), ("AFS", "afs"), ("CODA", "coda"), ("OCFS2", "ocfs2"), ("NCP", "ncp"),
        ] { try check(macro + "_SUPER_MAGIC", name, isNetwork: true) }
        try check("V9FS_MAGIC", "9p", isNetwork: true)
        try check("AFS_FS_MAGIC", "afs", isNetwork: true)
        for (macro, name) in [
            ("EXT4", "ext4"), ("XFS", "xfs"), ("BTRFS", "btrfs"), ("OVERLAYFS", "overlay"), ("F2FS", "f2fs"),
            ("MSDOS", "vfat"), ("EXFAT", "exfat"),
        ] { try check(macro + "_SUPER_MAGIC", name, isNetwork: false) }
        try check("TMPFS_MAGIC", "tmpfs", isNetwork: false)
        try check("PROC_SUPER_MAGIC", "of type 0x9fa0", isNetwork: false)
        #expect(FileSystem(of: "/proc")?.name == "of type 0x9fa0")
        #expect(FileSystem(of: "/not/there") == nil)
    }
}
