import BenchLoop
import Probes

extension Case {
    /// What the machine itself can do.
    static var probes: [Case] {
        [
            // 2^30 floating-point operations.
            Case(name: "probe fma") { return { _ = sluice_probe_fma((1 << 30) / (2 * 16 * 16)) } },
            // 12 x 1024 x 256, a hundred and twenty-eight times.
            Case(name: "probe tiles") {
                let (a, b) = (floats(12 * 272), floats(256 * 1024))
                return { _ = sluice_probe_tiles(128, a, b) }
            },
            // 64 MB read and 64 MB written.
            Case(name: "probe copy") {
                let (from, to) = (floats(1 << 24), floats(1 << 24))
                return { sluice_probe_copy(to, from, 1 << 24) }
            },
        ] + streams("1M", 1 << 20) + streams("4096x1024", 4096 * 1024)
            + streams("32x56x56x128", 32 * 56 * 56 * 128)
    }

    /// C loops that read so many floats once and write as many: as they come, and past the caches.
    private static func streams(_ shape: String, _ count: Int) -> [Case] {
        [
            ("C loop stream \(shape)", sluice_probe_stream),
            ("C loop stream \(shape) past the caches", sluice_probe_stream_past),
        ]
        .map { name, loop in
            Case(name: name) {
                let (from, to) = (floats(count), floats(count))
                return { loop(to, from, count) }
            }
        }
    }
}
