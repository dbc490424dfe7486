import ContentStore
import Glibc
import Platform
import Testing

@testable import Executor

/// What may be replaced where people look, and what not.
@Suite struct PublisherTests {
    private final class Place {
        let workspace: Workspace
        let store: BlobStore

        init() throws {
            let folder = "/tmp/sluice-publisher-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            workspace = Workspace(root: folder)
            try Files.makeDirectories(workspace.local)
            store = try BlobStore(root: workspace.store)
        }

        deinit { try? Files.remove(workspace.root) }

        var target: String { workspace.root + "/out.txt" }
        var text: String { String(decoding: (try? Files.read(target)) ?? [], as: UTF8.self) }
        var publisher: Publisher { Publisher(workspace, store: store, locks: store.locks) }

        /// - Parameter isThere: Whether the blob is in the store.
        func output(_ text: String, isThere: Bool = true) throws -> ActionRecord.Output {
            let bytes = Array(text.utf8)
            if isThere {
                let path = workspace.root + "/made"
                try Files.write(bytes, to: path)
                _ = try store.adopt(path)
            }
            return ActionRecord.Output(
                port: "o", type: "file", digest: Digest.of(bytes), size: Int64(bytes.count))
        }

        func publish(
            _ text: String, by publisher: inout Publisher, isThere: Bool = true
        ) throws -> Publisher.Outcome {
            try publisher.publish(
                try output(text, isThere: isThere), at: "out.txt", absolute: target, overwrites: false,
                scratch: { workspace.local + "/scratch" },
                present: { path, _ in try Digest.ofFile(path).digest })
        }
    }

    @Test func onlyTheBytesThatWerePutThereLastAreReplaced() throws {
        let place = try Place()
        var publisher = place.publisher
        #expect(try place.publish("a", by: &publisher) == .written)
        #expect(try place.publish("b", by: &publisher) == .written)
        #expect(try place.publish("b", by: &publisher) == .unchanged)
        for _ in 0..<2 {
            try Files.write(Array("a".utf8), to: place.target)
            #expect(try place.publish("c", by: &publisher) == .editedByHand)
            #expect(place.text == "a")
            // And by a run that reads it all anew.
            publisher = place.publisher
        }
        try Files.write(Array("b".utf8), to: place.target)
        #expect(try place.publish("c", by: &publisher) == .written)
    }

    @Test func whatAnotherRunHasPutThereMeanwhileCounts() throws {
        let place = try Place()
        var (first, second) = (place.publisher, place.publisher)
        #expect(try place.publish("a", by: &first) == .written)
        #expect(try place.publish("b", by: &second) == .written)
        #expect(try place.publish("c", by: &first) == .written)
        // What was put there before the other's is no longer ours.
        #expect(try place.publish("d", by: &second) == .written)
        try Files.write(Array("c".utf8), to: place.target)
        #expect(try place.publish("e", by: &first) == .editedByHand)
    }

    @Test func whatIsThereAlreadyIsOursFromNowOn() throws {
        let place = try Place()
        var publisher = place.publisher
        try Files.write(Array("a".utf8), to: place.target)
        #expect(try place.publish("b", by: &publisher) == .editedByHand)
        #expect(try place.publish("a", by: &publisher) == .unchanged)
        #expect(try place.publish("b", by: &publisher) == .written)
    }

    /// As a full disk or a kill would end it: noted, and then not done.
    @Test func whatCouldNotBePutThereLeavesTheOldOneOurs() throws {
        let place = try Place()
        var publisher = place.publisher
        #expect(try place.publish("a", by: &publisher) == .written)
        #expect(throws: (any Error).self) { try place.publish("b", by: &publisher, isThere: false) }
        #expect(place.text == "a")
        var next = place.publisher
        #expect(try place.publish("c", by: &next) == .written)
        // Or done, and then not noted.
        #expect(throws: (any Error).self) { try place.publish("d", by: &next, isThere: false) }
        try Files.write(Array("d".utf8), to: place.target)
        var last = place.publisher
        #expect(try place.publish("e", by: &last) == .written)
        try Files.write(Array("c".utf8), to: place.target)
        #expect(try place.publish("f", by: &last) == .editedByHand)
    }

    @Test func whatSaysNothingAnyMoreIsLeftOutWhenARunReadsIt() throws {
        let place = try Place()
        var before = place.publisher
        #expect(try place.publish("a", by: &before) == .written)
        let old = (0..<2000).map { "\n\(Digest.of(Array("\($0)".utf8)).hex) out.txt\n" }.joined()
        let last = try Files.read(place.workspace.published)
        try Files.write(Array(old.utf8) + last, to: place.workspace.published)
        var after = place.publisher
        #expect(try place.publish("b", by: &after) == .written)
        #expect(try Files.read(place.workspace.published).count < 1000)
        #expect(place.text == "b")
        // Who read the long file goes on with the short one.
        #expect(try place.publish("c", by: &before) == .written)
        #expect(try place.publish("d", by: &after) == .written)
        try Files.write(Array("1999".utf8), to: place.target)
        for publisher in [before, after, place.publisher] {
            var publisher = publisher
            #expect(try place.publish("e", by: &publisher) == .editedByHand)
        }
    }

    @Test func aLineThatWasCutShortCountsForNothing() throws {
        let place = try Place()
        var publisher = place.publisher
        #expect(try place.publish("a", by: &publisher) == .written)
        // Of a longer path, cut where this one ends; another run goes on behind it.
        let (x, y) = (Digest.of(Array("x".utf8)).hex, Digest.of(Array("y".utf8)).hex)
        let more = Array("\n\(x) out.txt\n\(y) other.txt\n".utf8)
        try Files.write(try Files.read(place.workspace.published) + more, to: place.workspace.published)
        var next = place.publisher
        #expect(try place.publish("b", by: &next) == .written)
        #expect(place.text == "b")
    }
}
