import TensorKernels

extension StageLibrary {
    /// The processor level that kernels run at, as people name it.
    public static var kernels: String {
        switch KernelLevel.current {
        case .plain: "any x86-64 (no AVX2)"
        case .v3: "x86-64-v3 (AVX2)"
        case .v4: "x86-64-v4 (AVX-512)"
        }
    }
}
