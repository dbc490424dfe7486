import CanonicalJSON
import Dispatch
import Glibc
import Platform
import Synchronization
import Testing

@testable import ContentStore

/// Fifty times as fast as it is meant to be, and no faster on a busy machine.
private let quick: LeaseTiming = {
    var timing = LeaseTiming()
    (timing.renewal, timing.patience, timing.look) = (0.1, 0.6, 0.002)
    return timing
}()

private let key = Digest.of([7])

/// A folder of its own, and what is put into it as other processes would.
private final class Scene: Sendable {
    let path = "/tmp/sluice-lease-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let holder = LeaseHolder.current

    init() throws { try Files.makeDirectories(path) }
    deinit { try? Files.remove(path) }

    func locks() -> LeaseLocks { LeaseLocks(in: path, timing: quick) }

    /// Where the lease of an action lies.
    var room: String { path + "/leases/action-" + key.hex.prefix(16) }

    /// Puts the lease of the action in place for another process.
    @discardableResult
    func put(_ holder: LeaseHolder, beat: Int = 0) throws -> String {
        try Files.makeDirectories(room)
        let file = room + "/" + Lease.token()
        try Files.write(holder.bytes(beat: beat), to: file)
        return file
    }

    var foreign: LeaseHolder {
        var holder = holder
        holder.host = "far-away"
        return holder
    }

    /// Starts a process and gives it as a holder.
    func process(_ script: String) throws -> (pid: pid_t, holder: LeaseHolder) {
        var pid: pid_t = 0
        let words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sh"), strdup("-c"), strdup(script), nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawn(&pid, "/bin/sh", nil, nil, words, [nil]) == 0)
        let fields = String(decoding: try Files.read("/proc/\(pid)/stat"), as: UTF8.self).split(
            separator: " ")
        var holder = holder
        (holder.pid, holder.started) = (pid, try #require(Int64(fields[21])))
        return (pid, holder)
    }
}

private func holds(within seconds: Double, _ condition: () -> Bool) -> Bool {
    let end = monotonicSeconds() + seconds
    while monotonicSeconds() < end {
        if condition() { return true }
        usleep(1000)
    }
    return condition()
}

@Suite struct LeaseTests {
    @Test func aLeaseSaysWhoHoldsItAndThatItStillDoes() throws {
        let scene = try Scene()
        let lease = try #require(try scene.locks().action(key))
        let names = try Files.list(scene.room)
        let file = scene.room + "/" + names[0]
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let json = try JSONValue(parsing: text)
        #expect(text == json.canonicalText + "\n" && names.count == 1)
        #expect(json["beat"] == "000000000000" && json["pid"] == .integer(Int64(getpid())))
        #expect(json["boot"] == .string(BootRecord.current))
        #expect(
            json.object?.keys.sorted() == ["beat", "boot", "host", "namespace", "pid", "started"])
        #expect(LeaseHolder(bytes: Array(text.utf8)) == scene.holder)
        #expect(
            holds(within: 30) {
                let json = (try? Files.read(file)).flatMap { try? JSONValue(parsing: $0) }
                return json?["beat"]?.string.flatMap { Int($0) } ?? 0 >= 2
            })
        #expect(!lease.isLost)
        lease.release()
        #expect(try Files.list(scene.path + "/leases").isEmpty)
        lease.release()
    }

    @Test func oneAtATimeHasAnAction() throws {
        let scene = try Scene()
        let inside = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            let locks = scene.locks()
            for _ in 0..<40 {
                do {
                    var lease = try locks.action(key)
                    while lease == nil {
                        usleep(300)
                        lease = try locks.action(key)
                    }
                    #expect(inside.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                    usleep(100)
                    inside.subtract(1, ordering: .sequentiallyConsistent)
                    lease?.release()
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try Files.list(scene.path + "/leases").isEmpty)
    }

    @Test func theLeaseOfADeadProcessIsTakenAtOnce() throws {
        let scene = try Scene()
        let (pid, holder) = try scene.process("exec sleep 60")
        let file = try scene.put(holder)
        #expect(try scene.locks().action(key) == nil)
        kill(pid, SIGKILL)
        // It is dead before anyone has waited for it.
        #expect(holds(within: 30) { holder.isGone })
        try #require(try scene.locks().action(key)).release()
        #expect(!Files.exists(file))
        waitpid(pid, nil, 0)
        try scene.put(holder)
        try #require(try scene.locks().action(key)).release()
    }

    @Test func aNumberGivenOutAgainIsAnotherProcess() throws {
        let scene = try Scene()
        var holder = scene.holder
        holder.started -= 1
        try scene.put(holder)
        #expect(try scene.locks().action(key) != nil)
    }

    /// Its heart need not beat: a process that is stopped still has its locks.
    @Test func aProcessOfThisMachineHasItsLeaseAsLongAsItLives() throws {
        let scene = try Scene()
        let (pid, holder) = try scene.process("exec sleep 60")
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        kill(pid, SIGSTOP)
        try scene.put(holder)
        let locks = scene.locks()
        #expect(!holds(within: 3 * quick.patience) { (try? locks.action(key)) != nil })
        #expect(try Files.list(scene.room).count == 1)
    }

    @Test(arguments: ["host", "boot", "namespace"]) func aForeignLeaseIsTakenWhenItsHeartIsStill(
        _ part: String
    ) throws {
        let scene = try Scene()
        // Numbers and starts of processes say nothing elsewhere.
        var holder = scene.holder
        holder.started -= 1
        switch part {
        case "host": holder.host += "-2"
        case "boot": holder.boot += "-2"
        default: holder.namespace += "-2"
        }
        try scene.put(holder)
        let locks = scene.locks()
        let start = monotonicSeconds()
        #expect(holds(within: 30) { (try? locks.action(key)) != nil })
        #expect(monotonicSeconds() - start >= quick.patience)
    }

    @Test func aForeignLeaseWhoseHeartBeatsIsRespected() throws {
        let scene = try Scene()
        let file = try scene.put(scene.foreign)
        let locks = scene.locks()
        var beat = 0
        let end = monotonicSeconds() + 4 * quick.patience
        while monotonicSeconds() < end {
            beat += 1
            try Files.write(scene.foreign.bytes(beat: beat), to: file)
            let next = monotonicSeconds() + quick.renewal
            while monotonicSeconds() < next {
                try #require(try locks.action(key) == nil)
                usleep(3000)
            }
        }
        #expect(holds(within: 30) { (try? locks.action(key)) != nil })
    }

    /// A server that stood still kept the holder from beating too.
    @Test func timeInWhichNobodyLookedDoesNotCount() throws {
        let scene = try Scene()
        let file = try scene.put(scene.foreign)
        let watch = LeaseWatch(quick)
        for _ in 0..<3 {
            #expect(watch.verdict(file) == .unknown)
            usleep(UInt32(2 * quick.patience * 1e6))
        }
        #expect(holds(within: 30) { watch.verdict(file) == .stale })
    }

    @Test func halfALeaseIsWatchedAsAForeignOneIs() throws {
        let scene = try Scene()
        let file = try scene.put(scene.holder)
        try Files.write(scene.holder.bytes(beat: 0).prefix(20), to: file)
        let locks = scene.locks()
        #expect(try locks.action(key) == nil)
        #expect(holds(within: 30) { (try? locks.action(key)) != nil })
    }

    @Test func ofManyWhoFindAStaleLeaseOneGetsIt() throws {
        let scene = try Scene()
        var dead = scene.holder
        dead.started -= 1
        for round in 0..<150 {
            try scene.put(dead)
            let winners = Mutex<[any Hold]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                let locks = scene.locks()
                // Long enough for one that comes late to break what was just taken.
                for _ in 0..<4 {
                    if let lease = try? locks.action(key) { winners.withLock { $0.append(lease) } }
                    usleep(2500)
                }
            }
            let count = winners.withLock { $0.count }
            try #require(count == 1, "round \(round)")
            try #require(try Files.list(scene.room).count == 1)
            winners.withLock { for winner in $0 { winner.release() } }
        }
    }

    /// A folder stands for a file of another user: root can read all of those.
    @Test func aLeaseThatCannotBeReadIsHeldAndNobodyWaitsForIt() throws {
        let scene = try Scene()
        try Files.makeDirectories(scene.path + "/1.lock")
        var hasWaited = false
        let hold = scene.locks().abandonedFile(scene.path + "/1.lock", waits: { hasWaited = true })
        #expect(hold == nil)
        #expect(!hasWaited)
    }

    @Test func aLeaseTakenAwayIsKnownToBeLost() throws {
        let scene = try Scene()
        let lease = try #require(try scene.locks().action(key))
        let name = try Files.list(scene.room)[0]
        unlink(scene.room + "/" + name)
        let next = try #require(try scene.locks().action(key))
        #expect(holds(within: 30) { lease.isLost })
        // What it gives back then is not the other's.
        lease.release()
        #expect(try Files.list(scene.room).count == 1 && !next.isLost)
    }

    @Test func recordsOfManyAreAllInTheIndex() throws {
        let scene = try Scene()
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            do {
                var index = try ActionIndex(root: scene.path, locks: scene.locks())
                for number in 0..<25 {
                    try index.append(
                        ActionRecord(key: Digest.of([UInt8(worker), UInt8(number)]), outputs: []))
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try ActionIndex(root: scene.path).count == 100)
    }
}

/// The store's guard, runs and collections.
@Suite struct LeaseGuardTests {
    @Test func runsHoldTogetherAndACollectionAlone() throws {
        let scene = try Scene()
        let running = Atomic<Int>(0)
        let collecting = Atomic<Int>(0)
        let two = try (0..<2).map { _ in
            try #require(try scene.locks().hold(.run) { Issue.record("nothing to wait for") })
        }
        for hold in two { hold.release() }
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            let locks = scene.locks()
            do {
                for _ in 0..<(worker < 6 ? 30 : 10) {
                    let isRun = worker < 6
                    let hold = try #require(try locks.hold(isRun ? .run : .collection) {})
                    if isRun {
                        running.add(1, ordering: .sequentiallyConsistent)
                        #expect(collecting.load(ordering: .sequentiallyConsistent) == 0)
                        usleep(500)
                        #expect(collecting.load(ordering: .sequentiallyConsistent) == 0)
                        running.subtract(1, ordering: .sequentiallyConsistent)
                    } else {
                        #expect(collecting.add(1, ordering: .sequentiallyConsistent).newValue == 1)
                        #expect(running.load(ordering: .sequentiallyConsistent) == 0)
                        usleep(500)
                        #expect(running.load(ordering: .sequentiallyConsistent) == 0)
                        collecting.subtract(1, ordering: .sequentiallyConsistent)
                    }
                    hold.release()
                    usleep(UInt32.random(in: 0...1000))
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(try Files.list(scene.path + "/leases/guard").isEmpty)
    }

    @Test func aCollectionWaitsForRunsAndRunsForIt() throws {
        let scene = try Scene()
        let locks = scene.locks()
        var run = try locks.hold(.run) { Issue.record("nothing to wait for") }
        let told = Atomic<Int>(0)
        let order = Mutex<[String]>([])
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            let hold = try? scene.locks().hold(.collection) {
                told.add(1, ordering: .sequentiallyConsistent)
            }
            order.withLock { $0.append("collection") }
            usleep(50_000)
            order.withLock { $0.append("end") }
            hold?.release()
        }
        #expect(holds(within: 30) { told.load(ordering: .sequentiallyConsistent) == 1 })
        DispatchQueue.global().async(group: group) {
            // It comes while the collection waits, and gives way to it.
            let hold = try? scene.locks().hold(.run) { told.add(1, ordering: .sequentiallyConsistent) }
            order.withLock { $0.append("run") }
            hold?.release()
        }
        #expect(holds(within: 30) { told.load(ordering: .sequentiallyConsistent) == 2 })
        #expect(order.withLock { $0.isEmpty })
        withExtendedLifetime(run) { run = nil }
        group.wait()
        #expect(order.withLock { $0 } == ["collection", "end", "run"])
        #expect(told.load(ordering: .sequentiallyConsistent) == 2)
    }

    @Test func whatKilledProcessesHeldIsNobodys() throws {
        let scene = try Scene()
        var dead = scene.holder
        dead.started -= 1
        let room = scene.path + "/leases/guard"
        try Files.makeDirectories(room + "/collection")
        try Files.write(dead.bytes(beat: 3), to: room + "/collection/" + Lease.token())
        try Files.write(dead.bytes(beat: 3), to: room + "/run-" + Lease.token())
        // One was asked for by nobody since, two were not in place yet.
        try scene.put(dead)
        try Files.write(dead.bytes(beat: 0), to: room + "/.run-1")
        try Files.makeDirectories(scene.path + "/leases/.2")
        try Files.write(dead.bytes(beat: 0), to: scene.path + "/leases/.2/2")
        let others = try scene.put(scene.foreign)
        let locks = scene.locks()
        for use in [StoreGuard.Use.run, .collection, .run] {
            try #require(try locks.hold(use) { Issue.record("nothing to wait for") }).release()
        }
        #expect(try Files.list(room).isEmpty)
        #expect(try Files.list(scene.path + "/leases").count == 2 && Files.exists(others))
        unlink(others)
        try #require(try locks.hold(.run) {}).release()
        #expect(try Files.list(scene.path + "/leases") == ["guard"])
    }

    @Test func aCollectionSweepsWhatIsOldAndLeavesTheRest() throws {
        let scene = try Scene()
        let locks = scene.locks()
        let hold = try #require(try locks.hold(.collection) {})
        var dead = scene.holder
        dead.started -= 1
        try scene.put(dead)
        try Files.makeDirectories(scene.path + "/leases/.half")
        let old = try StatCache.now(in: scene.path)
        locks.sweep(before: old - 1_000_000_000)
        #expect(Files.exists(scene.room))
        locks.sweep(before: old + 1_000_000_000)
        #expect(try Files.list(scene.path + "/leases") == ["guard"])
        #expect(try Files.list(scene.path + "/leases/guard") == ["collection"])
        hold.release()
    }
}

/// Files that say their maker lives.
@Suite struct LeasedFileTests {
    @Test func aFileIsAbandonedWhenItsMakerIsGone() throws {
        let scene = try Scene()
        let locks = scene.locks()
        let path = scene.path + "/run.lock"
        let hold = try locks.heldFile(path)
        #expect(scene.locks().abandonedFile(path, waits: {}) == nil)
        hold.release()
        #expect(!Files.exists(path))
        #expect(locks.abandonedFile(path, waits: {}) == nil)
        var dead = scene.holder
        dead.started -= 1
        for round in 0..<50 {
            try Files.write(dead.bytes(beat: 1), to: path)
            let winners = Atomic<Int>(0)
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                guard let hold = scene.locks().abandonedFile(path, waits: nil) else { return }
                winners.add(1, ordering: .sequentiallyConsistent)
                usleep(200)
                hold.release()
            }
            try #require(winners.load(ordering: .sequentiallyConsistent) == 1, "round \(round)")
            #expect(!Files.exists(path))
        }
    }

    @Test func aForeignFileIsWatchedByThoseWhoHaveThePatience() throws {
        let scene = try Scene()
        var patient = quick
        patient.patience = 30
        let locks = LeaseLocks(in: scene.path, timing: patient)
        let path = scene.path + "/run.lock"
        try Files.write(scene.foreign.bytes(beat: 1), to: path)
        #expect(locks.abandonedFile(path, waits: nil) == nil)
        // Its maker lives.
        let end = Atomic<Bool>(false)
        let told = Atomic<Int>(0)
        let group = DispatchGroup()
        let foreign = scene.foreign
        DispatchQueue.global().async(group: group) {
            var beat = 1
            while !end.load(ordering: .sequentiallyConsistent) {
                usleep(UInt32(quick.renewal * 1e6))
                beat += 1
                try? Files.write(foreign.bytes(beat: beat), to: path)
            }
        }
        #expect(locks.abandonedFile(path, waits: { told.add(1, ordering: .sequentiallyConsistent) }) == nil)
        #expect(told.load(ordering: .sequentiallyConsistent) == 1)
        end.store(true, ordering: .sequentiallyConsistent)
        group.wait()
        // Its maker is gone.
        let other = scene.locks()
        let start = monotonicSeconds()
        let hold = try #require(other.abandonedFile(path, waits: {}))
        #expect(monotonicSeconds() - start >= quick.patience)
        hold.release()
        #expect(!Files.exists(path))
    }

    /// One that goes with an error leaves what the file stands for.
    @Test func aFileIsLeftWhenItIsNotReleased() throws {
        let scene = try Scene()
        let path = scene.path + "/run.lock"
        do { _ = try scene.locks().heldFile(path) }
        #expect(Files.exists(path))
    }
}
