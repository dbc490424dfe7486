import BenchLoop
import CTensorKernels
import Probes
import TensorKernels

extension Case {
    /// Functions of each element, rows, and long streams.
    static var vectors: [Case] {
        [
            map("exp 1M", 1 << 20) { $0.exp },
            map("tanh 1M", 1 << 20) { $0.tanh },
            map("gelu 1M", 1 << 20) { $0.gelu },
            map("gelu-tanh 1M", 1 << 20) { $0.geluTanh },
            softmax("softmax 4096x1024", 4096, 1024), softmax("softmax 128x128", 128, 128),
            layerNorm("layer norm 4096x1024", 4096, 1024), layerNorm("layer norm 128x1024", 128, 1024),
            layerNorm("layer norm 128x128", 128, 128),
            Case(name: "add 64 MB") {
                let kernels = KernelLevel.current.kernels
                let (a, b, c) = (floats(1 << 24), floats(1 << 24), floats(1 << 24))
                return { kernels.add(c, a, b, 1 << 24) }
            },
            Case(name: "sum 64 MB") {
                let kernels = KernelLevel.current.kernels
                let x = floats(1 << 24)
                return { _ = kernels.sum(x, 1 << 24) }
            },
            Case(name: "C loop add 64 MB") {
                let (a, b, c) = (floats(1 << 24), floats(1 << 24), floats(1 << 24))
                return { sluice_probe_add(c, a, b, 1 << 24) }
            },
            Case(name: "C loop sum 64 MB") {
                let x = floats(1 << 24)
                return { _ = sluice_probe_sum(x, 1 << 24) }
            },
        ]
    }

    private typealias Map = @convention(c) (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void

    private static func map(_ name: String, _ count: Int, _ kernel: @escaping (SluiceKernels) -> Map) -> Case
    {
        Case(name: name) {
            let work = kernel(KernelLevel.current.kernels)
            let (x, y) = (floats(count), floats(count))
            return { work(y, x, count) }
        }
    }

    private static func softmax(_ name: String, _ rows: Int, _ columns: Int) -> Case {
        Case(name: name) {
            let kernels = KernelLevel.current.kernels
            let (x, y) = (floats(rows * columns), floats(rows * columns))
            return { kernels.softmax(y, x, rows, columns) }
        }
    }

    private static func layerNorm(_ name: String, _ rows: Int, _ columns: Int) -> Case {
        Case(name: name) {
            let kernels = KernelLevel.current.kernels
            let (x, y) = (floats(rows * columns), floats(rows * columns))
            let (gamma, beta, means, reciprocals) = (
                floats(columns), floats(columns), floats(rows), floats(rows)
            )
            return { kernels.layerNorm(y, means, reciprocals, x, gamma, beta, rows, columns, 1e-5) }
        }
    }
}
