import ContentStore
import Glibc
import Platform
import Testing

/// Runs that lock with lease files, as on a network file system.
@Suite struct LeaseTests {
    private static let pipeline = """
        stages:
          a: { run: "echo 1 > ${out.o}", out: { o: o } }

        """

    @Test func aRunSaysOnceWhatItLocksWith() throws {
        let place = try Workplace(Self.pipeline)
        place.environment["SLUICE_LOCKS"] = "lease"
        let expected = """
            warning: '\(place.folder)/.sluice' is locked with lease files, as SLUICE_LOCKS asks
              means: stages start and end a little later, and after a run that dies on one machine others wait up to 30 s for what it held

            """
        for isVerbose in [false, true] {
            let result = try isVerbose ? place.sluice("run", "-v") : place.sluice("run")
            #expect(result.status == 0 && result.err.hasPrefix(expected), "\(result)")
            #expect(result.err.components(separatedBy: "lease files").count == 2, "\(result)")
        }
        let json = try place.run()
        #expect(json.result.out.components(separatedBy: "\"code\":\"leases\"").count == 2)
        #expect(json.counts == .init(hits: 1, ran: 0))
        // From now on this store is locked so, whatever the file system is.
        place.environment = [:]
        let later = try place.sluice("run", "-v")
        #expect(
            later.status == 0
                && later.err.hasPrefix(
                    "warning: '\(place.folder)/.sluice' is locked with lease files, as there are some from where it is a network file system\n"
                ), "\(later)")
        #expect(
            later.err.contains(
                "  fix: where no other machine uses it, remove '\(place.folder)/.sluice/leases' while nothing runs\n"
            ))
        #expect(try place.sluice("doctor").out.contains("is locked with lease files"))
        try Files.remove(place.folder + "/.sluice/leases")
        #expect(try !place.sluice("run", "-v").err.contains("lease"))
    }

    @Test func onAnOrdinaryDiskNothingIsSaidOfLocks() throws {
        let place = try Workplace(Self.pipeline)
        let result = try place.sluice("run")
        #expect(result.status == 0 && !result.err.contains("lock"), "\(result)")
        #expect(!place.exists(".sluice/leases"))
        place.environment["SLUICE_LOCKS"] = "flock"
        #expect(try !place.sluice("run", "-v").err.contains("lock"))
    }

    @Test(arguments: [["run"], ["status"], ["store", "gc"], ["doctor"]]) func aMisspeltWordIsAnError(
        _ command: [String]
    ) throws {
        let place = try Workplace(Self.pipeline)
        place.environment["SLUICE_LOCKS"] = "leases"
        let result = try command.count == 1 ? place.sluice(command[0]) : place.sluice(command[0], command[1])
        #expect(result.status == 2)
        #expect(
            result.err == """
                error: SLUICE_LOCKS is 'leases'
                  expected: 'lease' (files with a heartbeat) or 'flock' (locks of the kernel); unset, the file system decides
                  fix: correct or unset it

                """)
        #expect(!place.exists(".sluice"))
    }

    /// What a machine that slept comes to: its lease was taken for a dead one's.
    @Test func aRunWhoseLeaseWasTakenAwayFails() throws {
        let place = try Workplace(
            """
            stages:
              a: { run: "sleep 7; echo 1 > ${out.o}", out: { o: o } }

            """)
        place.environment["SLUICE_LOCKS"] = "lease"
        let child = try place.start("run")
        let room = place.folder + "/.sluice/leases/guard"
        #expect(holds(within: 5) { ((try? Files.list(room)) ?? []).contains { $0.hasPrefix("run-") } })
        for name in try Files.list(room) { try Files.remove(room + "/" + name) }
        let result = try child.wait()
        #expect(result.status == 1)
        #expect(
            result.err.contains(
                "error: the lease of this run was taken away: another machine saw no heartbeat of it and took it for dead\n"
            ) && result.err.contains("fix: run again; a machine that sleeps in mid-run comes to this\n"),
            "\(result)")
        // Nothing was recorded.
        #expect(try place.sluice("store", "size").out.contains("action index  0 B"))
    }

    /// A run that waits for a collection says so; one that was interrupted, or
    /// failed, has given back what it held.
    @Test func aRunWaitsForACollectionAndSaysSo() throws {
        let place = try Workplace(Self.pipeline)
        place.environment["SLUICE_LOCKS"] = "lease"
        let root = place.folder + "/.sluice"
        let store = try BlobStore(root: root, locks: LeaseLocks(in: root))
        var hold = try StoreGuard(.collection, of: store)
        let child = try place.start("run", "--json")
        usleep(500_000)
        #expect(try Files.list(root + "/leases/guard") == ["collection"])
        withExtendedLifetime(hold) { hold = nil }
        let result = try child.wait()
        #expect(result.status == 0, "\(result)")
        #expect(
            result.out.contains(
                "{\"code\":\"collected\",\"event\":\"finding\",\"message\":\"waiting for 'sluice store gc' to end\",\"severity\":\"note\"}\n"
            ), "\(result)")
    }

    @Test func aStoppedRunGivesBackWhatItHeld() throws {
        let place = try Workplace(
            """
            stages:
              a: { run: "sleep 60", out: { o: o } }

            """)
        place.environment["SLUICE_LOCKS"] = "lease"
        let child = try place.start("run")
        #expect(holds(within: 5) { !place.processes.isEmpty })
        #expect(try place.leases().contains { $0.hasPrefix("action-") })
        child.kill(SIGINT)
        #expect(try child.wait().status == 130)
        #expect(try place.leases() == ["guard"])
        #expect(try Files.list(place.folder + "/.sluice/leases/guard").isEmpty)
        #expect(try Files.list(place.folder + "/.sluice/tmp").isEmpty)
    }
}
