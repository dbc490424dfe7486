import Executor
import Testing

@Suite struct ScheduleTests {
    /// 0 → 1, 2 → 3, and 4 apart.
    func diamond(slots: Int, cores: [Int] = [1, 1, 1, 1, 1], keepsGoing: Bool = false) -> Schedule {
        Schedule(
            dependencies: [[], [0], [0], [1, 2], []], cores: cores, slots: slots, keepsGoing: keepsGoing)
    }

    @Test func stagesStartInDeclaredOrderAsSlotsAllow() {
        var schedule = diamond(slots: 2)
        #expect(schedule.start() == 0)
        #expect(schedule.start() == 4)
        #expect(schedule.start() == nil)
        schedule.finish(4)
        #expect(schedule.start() == nil)
        schedule.finish(0)
        #expect(schedule.start() == 1)
        #expect(schedule.start() == 2)
        schedule.finish(2)
        #expect(schedule.start() == nil)
        schedule.finish(1)
        #expect(schedule.start() == 3)
        schedule.finish(3)
        #expect(schedule.isOver)
    }

    @Test func aFailureWithoutKeepGoingSkipsAllThatHasNotStarted() {
        var schedule = diamond(slots: 1)
        #expect(schedule.start() == 0)
        schedule.fail(0)
        #expect(
            schedule.states == [
                .failed, .skipped(cause: 0), .skipped(cause: 0), .skipped(cause: 0), .skipped(cause: 0),
            ])
        #expect(schedule.isOver)
    }

    @Test func withKeepGoingOtherBranchesGoOn() {
        var schedule = diamond(slots: 2, keepsGoing: true)
        #expect(schedule.start() == 0)
        schedule.finish(0)
        #expect(schedule.start() == 1)
        schedule.fail(1)
        #expect(schedule.states[3] == .skipped(cause: 1))
        #expect(schedule.start() == 2)
        #expect(schedule.start() == 4)
        schedule.finish(2)
        schedule.finish(4)
        #expect(schedule.isOver)
    }

    @Test func aWideStageRunsAloneAndIsNotStarved() {
        var schedule = Schedule(
            dependencies: [[], [], []], cores: [1, 64, 1], slots: 2, keepsGoing: false)
        #expect(schedule.start() == 0)
        #expect(schedule.start() == nil)
        schedule.finish(0)
        #expect(schedule.start() == 1)
        #expect(schedule.start() == nil)
        schedule.finish(1)
        #expect(schedule.start() == 2)
    }

    @Test func stoppingLetsRunningStagesEnd() {
        var schedule = diamond(slots: 2)
        _ = schedule.start()
        schedule.stop()
        #expect(!schedule.isOver)
        schedule.finish(0)
        #expect(schedule.isOver && schedule.states[0] == .done && schedule.states[3] == .skipped(cause: nil))
    }

    /// Every order in which running stages of small random graphs can end
    /// respects the dependencies and the slots, and ends with all of them done.
    @Test func everyOrderOfEndingsRespectsTheGraph() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let count = Int.random(in: 1...12, using: &random)
            let slots = Int.random(in: 1...4, using: &random)
            let dependencies = (0..<count).map { stage in
                (0..<stage).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            }
            var schedule = Schedule(
                dependencies: dependencies, cores: Array(repeating: 1, count: count), slots: slots,
                keepsGoing: false)
            var running: [Int] = []
            var done: Set<Int> = []
            while !schedule.isOver {
                while let stage = schedule.start() {
                    #expect(dependencies[stage].allSatisfy(done.contains))
                    running.append(stage)
                }
                #expect(!running.isEmpty && running.count <= slots)
                let ended = running.remove(at: Int.random(in: 0..<running.count, using: &random))
                schedule.finish(ended)
                done.insert(ended)
            }
            #expect(done.count == count)
        }
    }

    @Test func coresAreFreeWhileOutputsAreTakenInAndTakenAgainForARetry() {
        var schedule = Schedule(dependencies: [[], [], []], cores: [1, 1, 1], slots: 1, keepsGoing: false)
        #expect(schedule.start() == 0 && schedule.start() == nil)
        schedule.freeCores(of: 0)
        #expect(schedule.start() == 1)
        // 0 runs once more, beside 1: nothing else may start until both are done.
        schedule.takeCores(of: 0)
        schedule.finish(1)
        #expect(schedule.start() == nil)
        schedule.finish(0)
        #expect(schedule.start() == 2)
        schedule.finish(2)
        #expect(schedule.isOver)
    }
}
