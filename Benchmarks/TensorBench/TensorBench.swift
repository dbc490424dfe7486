import Glibc
import TensorCore

/// Our side of the suite `tensor`: does what it is told on its standard input,
/// so that a peer can be measured in turn with it.
///
/// `list` prints the cases in a line; `CASE<TAB>SECONDS` runs a case again and
/// again for at least that long and prints the seconds of one;
/// `CASE<TAB>peak` prints the bytes it has at most (Memory.swift).
@main
struct TensorBench {
    static func main() {
        let cases =
            Case.products + Case.convolutions + Case.vectors + Case.pools + Case.attention + Case.shared
            + Case.steps + Case.inference + Case.probes
        var made: [String: () -> Void] = [:]
        while let line = readLine() {
            if line == "list" {
                answer(cases.map(\.name).joined(separator: "\t"))
                continue
            }
            let words = line.split(separator: "\t").map(String.init)
            guard words.count == 2, let one = cases.first(where: { $0.name == words[0] }) else {
                answer("error: no case '\(line)'")
                continue
            }
            if words[1] == "peak" {
                answer("\(Memory.peak(of: one))")
                continue
            }
            guard let seconds = Double(words[1]) else {
                answer("error: no seconds '\(line)'")
                continue
            }
            // Put in once: a function that is taken out of a dictionary and put back is wrapped once more each time.
            if made[one.name] == nil { made[one.name] = one.make() }
            guard let work = made[one.name] else { fatalError("'\(one.name)' was just put in") }
            answer("\(secondsOfOne(work, for: seconds))")
        }
    }

    /// A line that whoever asked is waiting for.
    private static func answer(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func secondsOfOne(_ work: () -> Void, for seconds: Double) -> Double {
        var count = 0
        let start = now()
        repeat {
            work()
            count += 1
        } while now() - start < seconds
        return (now() - start) / Double(count)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// Something to be measured. Its memory is made at first use and kept.
struct Case {
    var name: String
    var make: () -> () -> Void

    /// Memory as tensors have it.
    private static let pool = StoragePool()

    /// Floats of mixed sign that no product of them overflows.
    static func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        let memory = pool.take(4 * max(count, 1))
        let floats = memory.bindMemory(to: Float.self, capacity: count)
        for index in 0..<count { floats[index] = Float(index % 17) * 0.1 - 0.8 }
        return floats
    }

    /// Of two threads a case has its name with that at the end.
    static func name(_ name: String, threads: Int) -> String {
        threads == 1 ? name : "\(name) \(threads) threads"
    }

    /// The same numbers as a tensor.
    static func input(_ shape: Shape, _ context: TensorContext) throws(TensorError) -> Tensor {
        try Tensor((0..<shape.count).map { Float($0 % 17) * 0.1 - 0.8 }, shape, in: context)
    }

    /// A case that cannot be made is a mistake of ours.
    static func orStop<Result>(_ body: () throws(TensorError) -> Result) -> Result {
        do { return try body() } catch { fatalError("\(error)") }
    }
}
