public import CTensorKernels
import Glibc
import TensorKernelsPlain
import TensorKernelsV3
import TensorKernelsV4

/// The three builds of the kernels; all give the same bits.
public enum KernelLevel: Int, CaseIterable, Sendable, Comparable {
    case plain = 0
    case v3 = 3
    case v4 = 4

    public static func < (lhs: KernelLevel, rhs: KernelLevel) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The best level that this processor and system offer.
    public static let best = KernelLevel(rawValue: sluice_simd_level()) ?? .plain

    /// The level in force: `SLUICE_SIMD` when it names one the processor can
    /// run, else the best. Read once.
    public static let current: KernelLevel = {
        guard let text = getenv("SLUICE_SIMD") else { return best }
        let wanted = String(cString: text)
        guard let level = allCases.first(where: { "\($0)" == wanted }) else { return best }
        return level < best ? level : best
    }()

    /// The table of a level.
    /// - Precondition: `self <= .best`.
    public var kernels: SluiceKernels {
        precondition(self <= .best, "this processor cannot run the kernels of level \(self)")
        return switch self {
        case .plain: TensorKernelsPlain.kernelTable()
        case .v3: TensorKernelsV3.kernelTable()
        case .v4: TensorKernelsV4.kernelTable()
        }
    }
}
