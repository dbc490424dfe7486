import BenchLoop
import CTensorKernels
import TensorKernels

extension Case {
    /// Attention of 16 heads of 512 queries and keys with 64 elements, forward and backward.
    static var attention: [Case] {
        [
            attention("attention 16x512x64") { kernels, it in kernels.attention(&it, 0, 512) },
            attention("attention gradient 16x512x64") { kernels, it in kernels.attentionGradients(&it) },
        ]
    }

    private static func attention(
        _ name: String, _ work: @escaping (SluiceKernels, inout SluiceAttention) -> Void
    ) -> Case {
        Case(name: name) {
            let kernels = KernelLevel.current.kernels
            let length = 512 * 64
            func operand() -> UnsafeMutablePointer<Float> { floats(16 * length) }
            let (q, k, v, y, dy) = (operand(), operand(), operand(), operand(), operand())
            let (dq, dk, dv) = (operand(), operand(), operand())
            let (logSums, dots) = (floats(16 * 512), floats(16 * 512))
            let workspace = floats(kernels.attentionWorkspace)
            func head(_ number: Int) -> SluiceAttention {
                let start = number * length
                return SluiceAttention(
                    queries: 512, keys: 512, depth: 64, q: q + start, qRow: 64, k: k + start, kRow: 64,
                    v: v + start, vRow: 64, y: y + start, yRow: 64, logSums: logSums + 512 * number,
                    scale: 0.125, causal: 0, mask: nil, dy: dy + start, dyRow: 64, dots: dots + 512 * number,
                    dq: dq + start, dqRow: 64, dk: dk + start, dkRow: 64, dv: dv + start, dvRow: 64,
                    workspace: workspace)
            }
            for number in 0..<16 {
                var it = head(number)
                kernels.attention(&it, 0, 512)
            }
            return {
                for number in 0..<16 {
                    var it = head(number)
                    work(kernels, &it)
                }
            }
        }
    }
}
