public import CTensorKernels

/// This level's kernels. Concrete C functions only: nothing of this level can
/// be specialised into a caller built for a lesser processor.
@inline(never)
public func kernelTable() -> SluiceKernels {
    SluiceKernels(
        gemm: matrixProducts, gemmWorkspace: productWorkspace, matrixVector: matrixVector,
        convolutionWorkspace: convolutionWorkspace,
        convolution: convolutions, convolutionInputGradient: convolutionInputGradients,
        convolutionWeightGradient: convolutionWeightGradients, depthwiseParts: depthwiseParts,
        depthwisePartFloats: depthwisePartFloats, depthwiseWeightChains: depthwiseWeightChains,
        depthwiseWeightFolds: depthwiseWeightFolds, exp: exponentials, log: logarithms,
        sigmoid: sigmoids,
        tanh: tanhs, gelu: gelus, geluTanh: geluTanhs, silu: silus, relu: relus,
        sigmoidGradient: sigmoidGradients, tanhGradient: tanhGradients, geluGradient: geluGradients,
        geluTanhGradient: geluTanhGradients, siluGradient: siluGradients, reluGradient: reluGradients,
        softmax: softmaxRows, logSoftmax: logSoftmaxRows, softmaxGradient: softmaxGradients,
        logSoftmaxGradient: logSoftmaxGradients, crossEntropyRows: crossEntropyRows,
        crossEntropyRowsGradient: crossEntropyRowsGradients, layerNorm: layerNormRows,
        layerNormGradient: layerNormGradients, layerNormParameterGradient: layerNormParameterGradients,
        sum: sumOf, dot: dotOf, sumRows: columnSums, add: add, subtract: subtract, multiply: multiply,
        divide: divide, addScalar: addScalar, scale: scale, divideByScalar: divideByScalar,
        subtractFromScalar: subtractFromScalar, divideScalar: divideScalar, addRow: addRow,
        subtractRow: subtractRow, multiplyRow: multiplyRow, divideRow: divideRow,
        maxPool: maxPools, maxPoolGradient: maxPoolGradients, averagePool: averagePools,
        averagePoolGradient: averagePoolGradients, batchNormMoments: batchNormMoments,
        batchNormApply: batchNormRows, batchNormParameterGradient: batchNormParameterGradients,
        batchNormGradient: batchNormGradients, gatherRows: gatherRows, scatterAddRows: scatterAddRows,
        squaredError: squaredErrors, squaredErrorGradient: squaredErrorGradients,
        absoluteError: absoluteErrors, absoluteErrorGradient: absoluteErrorGradients, huber: huberLosses,
        huberGradient: huberGradients, quantile: quantileLosses, quantileGradient: quantileGradients,
        poisson: poissonLosses, poissonGradient: poissonGradients, binaryCrossEntropy: binaryCrossEntropies,
        binaryCrossEntropyGradient: binaryCrossEntropyGradients, focal: focalLosses,
        focalGradient: focalGradients,
        attention: attentionRows, attentionGradients: attentionGradients,
        attentionWorkspace: attentionWorkspaceLength,
        gruCell: gruCells, gruCellGradient: gruCellGradients, bilinearResize: bilinearResizes,
        bilinearResizeGradient: bilinearResizeGradients, dropout: dropouts,
        sgd: sgdStep, momentum: momentumStep, rmsProp: rmsPropStep, adam: adamStep, adamW: adamWStep)
}
