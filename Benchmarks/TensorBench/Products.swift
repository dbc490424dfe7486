import BenchLoop
import CTensorKernels
import TensorKernels

extension Case {
    /// Square ones, a tall one, and batches of small ones; rows of A and B lie together.
    static var products: [Case] {
        [64, 128, 256, 512, 1024, 2048].map { product("gemm \($0)", m: $0, n: $0, k: $0) } + [
            product("gemm 8192x64x256", m: 8192, n: 256, k: 64),
            product("gemm batch 256x64", m: 64, n: 64, k: 64, count: 256),
            product("gemm batch 1024x16", m: 16, n: 16, k: 16, count: 1024),
        ]
    }

    private static func product(_ name: String, m: Int, n: Int, k: Int, count: Int = 1) -> Case {
        Case(name: name) {
            let kernels = KernelLevel.current.kernels
            var product = SluiceProduct(
                m: m, n: n, k: k, a: floats(count * m * k), aRow: k, aColumn: 1, b: floats(count * k * n),
                bRow: n, bColumn: 1, c: floats(count * m * n), cRow: n, accumulates: 0, block: 0, bias: nil,
                activation: 0, workspace: floats(kernels.gemmWorkspace))
            return { kernels.gemm(&product, count, m * k, k * n, m * n) }
        }
    }
}
