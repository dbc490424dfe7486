import CTensorKernels
import Glibc
import TensorKernels

func now() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
}

func best(_ f: () -> Void) -> Double {
    f()
    var best = Double.infinity
    for _ in 0..<7 {
        let start = now()
        var n = 0
        while now() - start < 0.05 {
            f()
            n += 1
        }
        best = min(best, (now() - start) / Double(n))
    }
    return best
}

let kernels = KernelLevel.current.kernels
func buffer(_ n: Int) -> UnsafeMutablePointer<Float> {
    let p = UnsafeMutableRawPointer.allocate(byteCount: 4 * n + 64, alignment: 64).bindMemory(
        to: Float.self, capacity: n)
    for i in 0..<n { p[i] = Float(i % 17) * 0.1 - 0.8 }
    return p
}
let workspace = buffer(kernels.gemmWorkspace)
for (m, n, k) in [
    (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
    (8192, 256, 64),
] {
    let (a, b, c) = (buffer(m * k), buffer(k * n), buffer(m * n))
    for layout in ["NN", "NT", "TN"] {
        var p = SluiceProduct(
            m: m, n: n, k: k, a: a, aRow: layout == "TN" ? 1 : k, aColumn: layout == "TN" ? m : 1, b: b,
            bRow: layout == "NT" ? 1 : n, bColumn: layout == "NT" ? k : 1, c: c, cRow: n, accumulates: 0,
            block: 0, bias: nil, activation: 0, workspace: workspace)
        let s = best { kernels.gemm(&p) }
        print(
            layout, m, n, k,
            "\((s * 1e7).rounded() / 10) us \((2e-9 * Double(m * n * k) / s * 10).rounded() / 10) GF/s")
    }
}
for (z, m) in [(256, 64), (1024, 16)] {
    let (a, b, c) = (buffer(z * m * m), buffer(z * m * m), buffer(z * m * m))
    let s = best {
        for i in 0..<z {
            var p = SluiceProduct(
                m: m, n: m, k: m, a: a + i * m * m, aRow: m, aColumn: 1, b: b + i * m * m, bRow: m,
                bColumn: 1,
                c: c + i * m * m, cRow: m, accumulates: 0, block: 0, bias: nil, activation: 0,
                workspace: workspace)
            kernels.gemm(&p)
        }
    }
    print(
        z, m, "\((s * 1e7).rounded() / 10) us \((2e-9 * Double(z * m * m * m) / s * 10).rounded() / 10) GF/s")
}
