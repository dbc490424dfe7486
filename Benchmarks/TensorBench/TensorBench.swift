import BenchLoop
import TensorCore

/// Our side of the suite `tensor`.
@main
struct TensorBench {
    static func main() {
        BenchLoop.run(
            Case.products + Case.convolutions + Case.vectors + Case.pools + Case.attention + Case.shared
                + Case.steps + Case.inference + Case.probes)
    }
}

extension Case {
    /// Memory as tensors have it.
    private static let pool = StoragePool()

    /// Floats of mixed sign that no product of them overflows.
    static func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        let memory = pool.take(4 * max(count, 1))
        let floats = memory.bindMemory(to: Float.self, capacity: count)
        for index in 0..<count { floats[index] = Float(index % 17) * 0.1 - 0.8 }
        return floats
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
