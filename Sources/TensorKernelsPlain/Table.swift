public import CTensorKernels

/// This level's kernels. Concrete C functions only: nothing of this level can
/// be specialised into a caller built for a lesser processor.
@inline(never)
public func kernelTable() -> SluiceKernels {
    SluiceKernels(
        gemm: matrixProducts, gemmWorkspace: productWorkspace, matrixVector: matrixVector,
        biasActivation: addBiasAndActivate, exp: exponentials, log: logarithms, sigmoid: sigmoids,
        softmax: softmaxRows, logSoftmax: logSoftmaxRows, sum: sumOf, dot: dotOf, axpy: addScaled,
        adamW: adamWStep)
}
