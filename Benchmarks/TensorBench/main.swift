import CTensorKernels
import Glibc
import TensorKernels

func now() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
}
func buffer(_ n: Int) -> UnsafeMutablePointer<Float> {
    let p = UnsafeMutableRawPointer.allocate(byteCount: 4 * n + 64, alignment: 64).bindMemory(
        to: Float.self, capacity: n)
    for i in 0..<n { p[i] = Float(i % 17) * 0.1 - 0.8 }
    return p
}
let kernels = KernelLevel.current.kernels
nonisolated(unsafe) let workspace = buffer(kernels.gemmWorkspace)
func gemm(_ layout: String, _ m: Int, _ n: Int, _ k: Int, z: Int = 1) -> (() -> Void, Double) {
    let (a, b, c) = (buffer(z * m * k), buffer(z * k * n), buffer(z * m * n))
    return (
        {
            var p = SluiceProduct(
                m: m, n: n, k: k, a: a, aRow: layout == "TN" ? 1 : k, aColumn: layout == "TN" ? m : 1, b: b,
                bRow: layout == "NT" ? 1 : n, bColumn: layout == "NT" ? k : 1, c: c, cRow: n, accumulates: 0,
                block: 0, bias: nil, activation: 0, workspace: workspace)
            kernels.gemm(&p, z, m * k, k * n, m * n)
        }, 2 * Double(m * n * k * z)
    )
}
let probe = gemm("NN", 8, 32, 256)
func slice(_ f: () -> Void, _ seconds: Double) -> Double {
    let start = now()
    var n = 0
    repeat {
        f()
        n += 1
    } while now() - start < seconds
    return (now() - start) / Double(n)
}
var cases: [(String, () -> Void, Double)] = []
for n in [64, 128, 256, 512, 1024, 2048] {
    for layout in n <= 1024 ? ["NN", "NT", "TN"] : ["NN"] {
        let (f, w) = gemm(layout, n, n, n)
        cases.append(("\(layout) \(n)", f, w))
    }
}
let tall = gemm("NN", 8192, 256, 64)
cases.append(("NN 8192x64x256", tall.0, tall.1))
let many = gemm("NN", 64, 64, 64, z: 256)
cases.append(("256 x 64", many.0, many.1))
let tiny = gemm("NN", 16, 16, 16, z: 1024)
cases.append(("1024 x 16", tiny.0, tiny.1))
for (name, f, w) in cases {
    if CommandLine.arguments.count > 1, !name.contains(CommandLine.arguments[1]) { continue }
    f()
    var ratios: [Double] = []
    var rates: [Double] = []
    for _ in 0..<11 {
        let before = probe.1 / slice(probe.0, 0.003)
        let rate = w / slice(f, 0.01)
        let after = probe.1 / slice(probe.0, 0.003)
        ratios.append(rate / ((before + after) / 2))
        rates.append(rate * 1e-9)
    }
    ratios.sort()
    rates.sort()
    print(
        name, "GF/s max", (rates[10] * 10).rounded() / 10, "of the probe, median",
        (ratios[5] * 1000).rounded() / 10, "%")
}
print("probe", probe.1 / slice(probe.0, 0.05) * 1e-9)
