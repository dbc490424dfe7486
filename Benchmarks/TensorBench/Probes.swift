import TensorProbes

extension Case {
    /// What the machine itself can do.
    static var probes: [Case] {
        [
            // 2^30 floating-point operations of sixteen lanes.
            Case(name: "probe fma") {
                return {
                    var lanes = 0
                    let steps = (1 << 30) / (2 * 16 * 16)
                    _ = sluice_probe_fma(steps, &lanes)
                    // Of narrower vectors it takes more steps to do as much.
                    if lanes < 16 { _ = sluice_probe_fma(steps * (16 / lanes - 1), &lanes) }
                }
            },
            // 64 MB read and 64 MB written.
            Case(name: "probe copy") {
                let (from, to) = (floats(1 << 24), floats(1 << 24))
                return { sluice_probe_copy(to, from, 1 << 24) }
            },
        ]
    }
}
