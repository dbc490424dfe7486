import CanonicalJSON
import ContentStore
import Glibc
import Platform
import Testing

@testable import Executor

@Suite struct ProjectOutputsTests {
    private static let quick: LeaseTiming = {
        var timing = LeaseTiming()
        (timing.renewal, timing.patience, timing.look) = (0.1, 0.6, 0.005)
        return timing
    }()

    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/sluice-outputs-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(path + "/intents")
        defer { try? Files.remove(path) }
        try body(path)
    }

    private func text(_ path: String) -> String? {
        (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [false, true]) func whatWasSetAsideComesBack(_ withLeases: Bool) throws {
        try withFolder { folder in
            let locks: any Locks =
                withLeases
                ? LeaseLocks(in: folder, timing: Self.quick) : LockChoice.locks(of: folder)
            try Files.write(Array("old".utf8), to: folder + "/a")
            var aside = try ProjectOutputs(record: folder + "/intents/1", locks: locks)
            try aside.setAside(folder + "/a", as: 0)
            try aside.setAside(folder + "/b", as: 1)
            #expect(!Files.exists(folder + "/a"))
            try Files.write(Array("new".utf8), to: folder + "/a")
            try Files.write(Array("new".utf8), to: folder + "/b")
            // Its maker lives.
            #expect(ProjectOutputs.recover(in: folder + "/intents", locks: locks) { _ in }.isEmpty)
            #expect(text(folder + "/a") == "new")
            #expect(aside.restore().isEmpty)
            #expect(text(folder + "/a") == "old" && !Files.exists(folder + "/b"))
            #expect(try Files.list(folder + "/intents").isEmpty)
        }
    }

    @Test func whatComesBackMakesTheFoldersAboveItAnew() throws {
        try withFolder { folder in
            let locks = LockChoice.locks(of: folder)
            try Files.makeDirectories(folder + "/out/deep")
            try Files.write(Array("old".utf8), to: folder + "/out/deep/a")
            #expect(symlink("nowhere", folder + "/link") == 0)
            var aside = try ProjectOutputs(record: folder + "/intents/1", locks: locks)
            try aside.setAside(folder + "/out/deep/a", as: 0)
            try aside.setAside(folder + "/link", as: 1)
            try Files.remove(folder + "/out")
            #expect(aside.restore().isEmpty)
            #expect(text(folder + "/out/deep/a") == "old")
            #expect(try Files.status(folder + "/link", followLinks: false)?.kind == .symlink)
            #expect(try Files.list(folder + "/intents").isEmpty)
        }
    }

    @Test(arguments: [false, true]) func whatCannotComeBackWaitsForTheNextRun(_ withLeases: Bool) throws {
        try withFolder { folder in
            let locks: any Locks =
                withLeases
                ? LeaseLocks(in: folder, timing: Self.quick) : LockChoice.locks(of: folder)
            try Files.makeDirectories(folder + "/out")
            try Files.write(Array("old".utf8), to: folder + "/out/a")
            do {
                var aside = try ProjectOutputs(record: folder + "/intents/1", locks: locks)
                try aside.setAside(folder + "/out/a", as: 0)
                try Files.remove(folder + "/out")
                // A file where its folder was.
                try Files.write([], to: folder + "/out")
                let kept = aside.restore()
                try #require(kept.count == 1)
                #expect(kept[0].path == folder + "/out/a" && text(kept[0].aside) == "old")
            }
            #expect(ProjectOutputs.recover(in: folder + "/intents", locks: locks) { _ in }.count == 1)
            try Files.remove(folder + "/out")
            #expect(ProjectOutputs.recover(in: folder + "/intents", locks: locks) { _ in }.isEmpty)
            #expect(text(folder + "/out/a") == "old")
            #expect(try Files.list(folder + "/intents").isEmpty)
        }
    }

    /// As a kill leaves it that comes when all went well and tidying has begun.
    @Test func whatWasMadeStaysWhenTheRecordIsGone() throws {
        try withFolder { folder in
            let intents = folder + "/intents"
            try Files.makeDirectories(intents + "/1.aside")
            try Files.write(Array("old".utf8), to: intents + "/1.aside/0")
            try Files.write([], to: intents + "/1.lock")
            try Files.write(Array("new".utf8), to: folder + "/a")
            #expect(ProjectOutputs.recover(in: intents, locks: LockChoice.locks(of: folder)) { _ in }.isEmpty)
            #expect(text(folder + "/a") == "new")
            #expect(try Files.list(intents).isEmpty)
        }
    }

    /// Nothing may be put back once this run has begun, so it waits to see.
    @Test func whatARunOnAnotherMachineHadSetAsideComesBackWhenItsHeartIsStill() throws {
        try withFolder { folder in
            let locks = LeaseLocks(in: folder, timing: Self.quick)
            let intents = folder + "/intents"
            try Files.makeDirectories(intents + "/1.aside")
            try Files.write(Array("old".utf8), to: intents + "/1.aside/0")
            try Files.write(Array("half".utf8), to: folder + "/a")
            let record = JSONValue.strings([folder + "/a", intents + "/1.aside/0"])
            try Files.write(record.canonicalBytes + [10], to: intents + "/1")
            try Files.write(
                Array(
                    "{\"beat\":\"000000000004\",\"boot\":\"b\",\"host\":\"h\",\"namespace\":\"n\",\"pid\":1,\"started\":5}\n"
                        .utf8), to: intents + "/1.lock")
            var told: [String] = []
            let start = monotonicSeconds()
            withoutActuallyEscaping({ told.append($0) }) { note in
                _ = ProjectOutputs.recover(in: intents, locks: locks, waits: note)
            }
            #expect(monotonicSeconds() - start >= Self.quick.patience)
            #expect(told == [intents + "/1.lock"])
            #expect(text(folder + "/a") == "old")
            #expect(try Files.list(intents).isEmpty)
        }
    }
}
