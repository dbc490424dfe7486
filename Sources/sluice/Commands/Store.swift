import ArgumentParser
import Charts
import ContentStore
import Diagnostics
import Executor
import Glibc
import Platform
import Projects

/// `sluice store`: looks after what runs have kept.
struct Store: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look after the store of artifacts.", subcommands: [Collect.self, Verify.self, Size.self])

    struct Collect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc", abstract: "Remove what nobody needs any more.",
            discussion: """
                Kept is what is reachable from the locks of each checkout that uses the store (work tree, \
                branches, tags), what its last ten runs gave, and anything younger than a day.
                """)

        @Flag(name: [.customShort("n"), .long], help: "Say how much would go, and remove nothing.")
        var dryRun = false

        @Flag(help: "Forget checkouts that are not there any more.")
        var forget = false

        @OptionGroup var folder: FolderArguments

        func run() throws {
            try folder.enter()
            let project = Project(containing: ".")
            let store = try BlobStore(root: project.workspace.store)
            let hold = try StoreGuard(.collection, of: store) {
                Terminal.message("waiting for runs to end\n")
            }
            defer { withExtendedLifetime(hold) {} }
            let collection = StoreCollection(store)
            if forget, !dryRun {
                for root in try collection.forget(nil) { Terminal.message("forgotten: \(root)\n") }
            }
            let outcome = try collection.run(
                isDry: dryRun, from: project.root, now: try StatCache.now(in: store.root))
            for root in outcome.unreachable {
                Terminal.message("not there, kept as last seen: \(root) (--forget lets go of it)\n")
            }
            let verb = dryRun ? "would remove" : "removed"
            Terminal.data(
                "\(verb) \(Store.count(outcome.removedBlobs, "blob")), \(NumberText.bytes(outcome.removedBytes)); "
                    + "kept \(Store.count(outcome.keptBlobs, "blob")), \(NumberText.bytes(outcome.keptBytes))\n"
            )
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Read every blob, and drop those whose bytes are not what they should be.",
            discussion: "Exits with 1 when there were any; the stages that gave them run again.")

        @OptionGroup var folder: FolderArguments

        func run() throws {
            try folder.enter()
            let store = try BlobStore(root: Project(containing: ".").workspace.store)
            var shown = monotonicSeconds()
            let bad = try store.verify { done, all in
                guard Terminal.isLive, monotonicSeconds() - shown > 0.2 || done == all else { return }
                shown = monotonicSeconds()
                Terminal.message("\r\u{1B}[2K\(done) of \(all) blobs" + (done == all ? "\r\u{1B}[2K" : ""))
            }
            for digest in bad {
                Terminal.data("damaged: \(digest.hex)\n")
                try store.drop(digest)
            }
            Terminal.message(
                bad.isEmpty
                    ? "every blob is what it should be\n"
                    : "\(Store.count(bad.count, "damaged blob")) dropped; 'sluice run' makes them again\n")
            if !bad.isEmpty { throw ExitCode(1) }
        }
    }

    struct Size: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "size", abstract: "Say how much the store holds.")

        @OptionGroup var folder: FolderArguments

        func run() throws {
            try folder.enter()
            let store = try BlobStore(root: Project(containing: ".").workspace.store)
            let blobs = try store.blobs()
            let bytes = blobs.reduce(0) { $0 + $1.size }
            let index = try Files.status(store.root + "/actions")?.size ?? 0
            Terminal.data(
                "\(Store.count(blobs.count, "blob"))  \(NumberText.bytes(bytes))\n"
                    + "action index  \(NumberText.bytes(index))\n\(Project.shown(store.root))\n")
        }
    }

    fileprivate static func count(_ number: Int, _ noun: String) -> String {
        "\(NumberText.count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
