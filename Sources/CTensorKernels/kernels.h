// The boundary between kernels and their callers: a table of C functions on
// pointers and counts, filled once by each of the three kernel targets, and
// the question which of them this processor can run. Header only.
#ifndef SLUICE_KERNELS_H
#define SLUICE_KERNELS_H

#include <cpuid.h>

#pragma clang assume_nonnull begin

/// A product to be made:
/// c[i*cRow + j] = activation(bias[j] + sum over p of a[i*aRow + p*aColumn] * b[p*bRow + j*bColumn]).
typedef struct SluiceProduct {
    long m, n, k;
    const float *a;
    long aRow, aColumn;
    const float *b;
    long bRow, bColumn;
    float *c;
    long cRow;
    /// Whether the fold starts from what lies in c.
    long accumulates;
    /// How many p make a block; 0 is 256, the most there can be.
    long block;
    const float *_Nullable bias;
    /// 0 identity, 1 relu (NaN stays).
    long activation;
    /// `gemmWorkspace` floats.
    float *workspace;
} SluiceProduct;

/// A convolution over images of rows, columns and channels, channels last; one of a line has height 1.
/// x [images, height, width, channels], w [outputs, kernelHeight, kernelWidth, channels / groups],
/// y [images, outHeight, outWidth, outputs].
/// Output channel o belongs to group o / (outputs / groups).
typedef struct SluiceConvolution {
    long images, height, width, channels;
    long outputs, kernelHeight, kernelWidth;
    long strideY, strideX, padTop, padLeft, dilationY, dilationX, groups;
    long outHeight, outWidth;
} SluiceConvolution;

/// Windows over images whose channels lie together: element (row, column) of an image of y is
/// made of `windowHeight` lines of x from row * strideY - padTop on and `windowWidth` columns
/// from column * strideX - padLeft on. What of a window lies off the image is padding.
typedef struct SluiceWindow {
    long images, height, width, channels;
    long windowHeight, windowWidth, strideY, strideX, padTop, padLeft;
    long outHeight, outWidth;
} SluiceWindow;

/// Attention of one head: y[i] = sum over j of p[i, j] v[j], p the softmax over j of
/// scale * (the dot product of q[i] and k[j]). Rows have `depth` elements, 1 to 256.
typedef struct SluiceAttention {
    long queries, keys, depth;
    const float *q;
    long qRow;
    const float *k;
    long kRow;
    const float *v;
    long vRow;
    float *y;
    long yRow;
    /// Of each query the logarithm of the sum of exp of its scores.
    float *logSums;
    float scale;
    /// Whether query i attends to keys 0...i only.
    long causal;
    /// Of each key whether it is attended to at all (0: no). A query that attends to no key has
    /// y = 0 and a logarithm of minus infinity.
    const unsigned char *_Nullable mask;
    // What follows is for the gradients.
    const float *_Null_unspecified dy;
    long dyRow;
    /// Of each query the sum of dy y: room for it.
    float *_Null_unspecified dots;
    float *_Null_unspecified dq;
    long dqRow;
    float *_Null_unspecified dk;
    long dkRow;
    float *_Null_unspecified dv;
    long dvRow;
    /// `attentionWorkspace` floats.
    float *workspace;
} SluiceAttention;

typedef struct SluiceKernels {
    /// `count` products of one shape, whose matrices lie `aStep`, `bStep` and `cStep`
    /// floats apart. Each is a left fold over blocks of p, each an fma chain from zero.
    void (*gemm)(const SluiceProduct *product, long count, long aStep, long bStep, long cStep);
    long gemmWorkspace;
    /// y[i] = sum over p of a[i*k + p] * x[p], the bits of gemm with n = 1.
    void (*matrixVector)(float *y, const float *a, const float *x, long m, long k);

    // Convolutions. Each element is a left fold over blocks of 256 of an index k, each an fma chain
    // from zero. A tap beyond the image has its place in the chain and counts as +0 there: it is
    // multiplied like any other.
    /// Floats of workspace for any of the four.
    long (*convolutionWorkspace)(const SluiceConvolution *shape);
    /// Lines from..<to of y, of which there are images * outHeight. k is (ky, kx, channel in the group).
    /// Then the bias is added, then activation: 0 identity, 1 relu (NaN stays).
    void (*convolution)(
        const SluiceConvolution *shape, float *y, const float *x, const float *w,
        const float *_Nullable bias, long activation, long from, long to, float *workspace);
    /// Lines from..<to of dx, of which there are images * height. k is (ky, kx, output in the group)
    /// over those ky and kx that the strides let meet this pixel; what falls between two strides has
    /// no k.
    void (*convolutionInputGradient)(
        const SluiceConvolution *shape, float *dx, const float *dy, const float *w, long from, long to,
        float *workspace);
    /// Output channels from..<to of dw, and of each the weights firstWeight..<lastWeight as they lie: (ky, kx,
    /// channel in the group). Nothing else of dw is touched.
    /// k is the output pixel (image, oy, ox) from the start of a leaf of `segment` images (0: all); leaves
    /// are folded left to right.
    /// Of a depthwise one only where `depthwiseParts` is 0: zeros.
    void (*convolutionWeightGradient)(
        const SluiceConvolution *shape, float *dw, const float *dy, const float *x, long segment,
        long from, long to, long firstWeight, long lastWeight, float *workspace);
    /// The same of a depthwise one (groups = channels = outputs), in two passes. How many parts the
    /// first has, 0 where there is nothing to sum or the convolution is none such.
    long (*depthwiseParts)(const SluiceConvolution *shape, long segment);
    /// Floats of the chains of one part; of all of them about taps / 256 of dy.
    long (*depthwisePartFloats)(const SluiceConvolution *shape);
    /// The chains of parts from..<to; those of part i go to chains + i * depthwisePartFloats.
    void (*depthwiseWeightChains)(
        const SluiceConvolution *shape, float *chains, const float *dy, const float *x, long segment,
        long from, long to, float *workspace);
    /// Channels from..<to of dw, the folds of their chains; from is a multiple of sixteen.
    void (*depthwiseWeightFolds)(
        const SluiceConvolution *shape, float *dw, const float *chains, long segment, long from, long to);

    // y[i] = f(x[i]); y may be x. What is within how many units in the last
    // place stands with the functions (Exponential.swift, Activations.swift).
    void (*exp)(float *y, const float *x, long count);
    void (*log)(float *y, const float *x, long count);
    /// 1 / (1 + exp(-x))
    void (*sigmoid)(float *y, const float *x, long count);
    void (*tanh)(float *y, const float *x, long count);
    /// x times the normal distribution at x (the form with erf).
    void (*gelu)(float *y, const float *x, long count);
    /// Its approximation x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
    void (*geluTanh)(float *y, const float *x, long count);
    /// x sigmoid(x)
    void (*silu)(float *y, const float *x, long count);
    /// max(x, 0); NaN stays.
    void (*relu)(float *y, const float *x, long count);

    // dx[i] = dy[i] f'(x[i]); dx may be dy or the third operand.
    /// From the value y: dy y (1 - y).
    void (*sigmoidGradient)(float *dx, const float *dy, const float *y, long count);
    /// From the value y: dy (1 - y^2).
    void (*tanhGradient)(float *dx, const float *dy, const float *y, long count);
    void (*geluGradient)(float *dx, const float *dy, const float *x, long count);
    void (*geluTanhGradient)(float *dx, const float *dy, const float *x, long count);
    void (*siluGradient)(float *dx, const float *dy, const float *x, long count);
    /// dy, or 0 where x (or the value) is zero or below.
    void (*reluGradient)(float *dx, const float *dy, const float *x, long count);

    // Rows of `columns` elements, one behind another; y may be x.
    /// exp(x) over the row's sum of exp(x).
    void (*softmax)(float *y, const float *x, long rows, long columns);
    void (*logSoftmax)(float *y, const float *x, long rows, long columns);
    /// dx = y (dy - the row's sum of dy y), y the softmax; dx may be dy or y.
    void (*softmaxGradient)(float *dx, const float *dy, const float *y, long rows, long columns);
    /// dx = dy - exp(y) * the row's sum of dy, y the log-softmax; dx may be dy or y.
    void (*logSoftmaxGradient)(float *dx, const float *dy, const float *y, long rows, long columns);
    /// losses[r] = sum over c of -weight[c] target[r, c] log softmax(x)[r, c], the target `smoothing` /
    /// `columns` and at the label, in 0..<columns, 1 - `smoothing` more; without weights they are 1.
    void (*crossEntropyRows)(
        float *losses, const float *x, const int *labels, const float *_Nullable classWeights,
        float smoothing, long rows, long columns);
    /// dx[r, c] = the derivative of losses[r] times scales[r]; dx may be x.
    void (*crossEntropyRowsGradient)(
        float *dx, const float *x, const int *labels, const float *_Nullable classWeights, float smoothing,
        const float *scales, long rows, long columns);
    /// y[r, c] = (x[r, c] - means[r]) reciprocals[r] gamma[c] + beta[c]; writes the row's mean and
    /// 1 / sqrt(variance + epsilon), the variance over `columns`.
    void (*layerNorm)(
        float *y, float *means, float *reciprocals, const float *x, const float *gamma, const float *beta,
        long rows, long columns, float epsilon);
    /// The gradient of x from that of y; dx may be dy or x.
    void (*layerNormGradient)(
        float *dx, const float *dy, const float *x, const float *means, const float *reciprocals,
        const float *gamma, long rows, long columns);
    /// The gradients of gamma and beta: sums over rows as in `sumRows`.
    void (*layerNormParameterGradient)(
        float *dgamma, float *dbeta, const float *dy, const float *x, const float *means,
        const float *reciprocals, long rows, long columns, long segment);

    /// In the order of every sum over lanes: four chains of sixteen, folded together,
    /// then halves onto halves (`RowSum`).
    float (*sum)(const float *x, long count);
    float (*dot)(const float *x, const float *y, long count);
    /// y[c] = sum over r of x[r, c]: rows folded left to right from zero within leaves of `segment`
    /// rows (0: one leaf), then leaves left to right. Row 0 is the first of a leaf.
    void (*sumRows)(float *y, const float *x, long rows, long columns, long segment);

    // y[i] = a[i] op b[i]; y may be a or b.
    void (*add)(float *y, const float *a, const float *b, long count);
    void (*subtract)(float *y, const float *a, const float *b, long count);
    void (*multiply)(float *y, const float *a, const float *b, long count);
    void (*divide)(float *y, const float *a, const float *b, long count);
    // y[i] = a[i] op s; y may be a. To subtract s, add -s.
    void (*addScalar)(float *y, const float *a, float s, long count);
    void (*scale)(float *y, const float *a, float s, long count);
    void (*divideByScalar)(float *y, const float *a, float s, long count);
    /// y[i] = s - a[i]
    void (*subtractFromScalar)(float *y, const float *a, float s, long count);
    /// y[i] = s / a[i]
    void (*divideScalar)(float *y, const float *a, float s, long count);
    // y[r, c] = a[r, c] op b[c]; y may be a.
    void (*addRow)(float *y, const float *a, const float *b, long rows, long columns);
    void (*subtractRow)(float *y, const float *a, const float *b, long rows, long columns);
    void (*multiplyRow)(float *y, const float *a, const float *b, long rows, long columns);
    void (*divideRow)(float *y, const float *a, const float *b, long rows, long columns);

    // Pools. x is [images, height, width, channels], y [images, outHeight, outWidth, channels];
    // a call makes the lines from..<to of the images * outHeight of y, or the images from..<to
    // of dx. A window's elements come line by line from its first on.
    /// The largest; NaN wins, padding is minus infinity.
    void (*maxPool)(const SluiceWindow *window, float *y, const float *x, long from, long to);
    /// dy goes to the first element of its window that is y, or NaN.
    void (*maxPoolGradient)(
        const SluiceWindow *window, float *dx, const float *dy, const float *x, const float *y, long from,
        long to);
    /// The sum over the number of elements: all of the window's with `countsPadding`, else those on
    /// the image (0 where there are none).
    void (*averagePool)(
        const SluiceWindow *window, float *y, const float *x, long countsPadding, long from, long to);
    void (*averagePoolGradient)(
        const SluiceWindow *window, float *dx, const float *dy, long countsPadding, long from, long to);

    // Batch norm over x [rows, columns]; gamma, beta and what is written of a column are [columns].
    /// The means and biased variances of the columns from..<to, rows taken in leaves of `segment`
    /// as in `sumRows`, the leaves merged by count, mean and squares.
    void (*batchNormMoments)(
        float *means, float *variances, const float *x, long rows, long columns, long segment, long from,
        long to);
    /// y[r, c] = (x[r, c] - means[c]) reciprocals[c] gamma[c] + beta[c]; y may be x.
    void (*batchNormApply)(
        float *y, const float *x, const float *means, const float *reciprocals, const float *gamma,
        const float *beta, long rows, long columns);
    /// The gradients of gamma and beta for the columns from..<to: sums over rows as in `sumRows`.
    void (*batchNormParameterGradient)(
        float *dgamma, float *dbeta, const float *dy, const float *x, const float *means,
        const float *reciprocals, long rows, long columns, long segment, long from, long to);
    /// The gradient of x where the moments were those of all `count` rows of the batch, of which
    /// `rows` are here; dx may be dy or x.
    void (*batchNormGradient)(
        float *dx, const float *dy, const float *x, const float *means, const float *reciprocals,
        const float *gamma, const float *dgamma, const float *dbeta, long rows, long columns, long count);

    /// y[r] = table[ids[r]]: rows of `columns` elements.
    void (*gatherRows)(float *y, const float *table, const int *ids, long count, long columns);
    /// table[ids[r]] += dy[r] for the rows `order`, which is sorted by id and within an id by row
    /// number. The rows of an id are folded as in `sumRows`, leaves cut from the row numbers, and
    /// the fold is added to the table's row.
    void (*scatterAddRows)(
        float *table, const float *dy, const int *order, const int *ids, long count, long columns,
        long segment);

    // y[i] = the loss of prediction x[i] and target t[i], dx[i] = its derivative with respect to
    // the prediction; y and dx may be x or t.
    /// (x - t)^2
    void (*squaredError)(float *y, const float *x, const float *t, long count);
    void (*squaredErrorGradient)(float *dx, const float *x, const float *t, long count);
    /// |x - t|; the derivative at 0 is 0.
    void (*absoluteError)(float *y, const float *x, const float *t, long count);
    void (*absoluteErrorGradient)(float *dx, const float *x, const float *t, long count);
    /// (x - t)^2 / 2 up to |x - t| = delta, beyond it delta (|x - t| - delta / 2).
    void (*huber)(float *y, const float *x, const float *t, float delta, long count);
    void (*huberGradient)(float *dx, const float *x, const float *t, float delta, long count);
    /// q (t - x) below the target, (1 - q) (x - t) above it; the derivative at 0 is 0.
    void (*quantile)(float *y, const float *x, const float *t, float q, long count);
    void (*quantileGradient)(float *dx, const float *x, const float *t, float q, long count);
    /// exp(x) - t x: x is the logarithm of the rate.
    void (*poisson)(float *y, const float *x, const float *t, long count);
    void (*poissonGradient)(float *dx, const float *x, const float *t, long count);
    /// -positiveWeight t log s(x) - (1 - t) log(1 - s(x)), s the logistic function.
    void (*binaryCrossEntropy)(
        float *y, const float *x, const float *t, float positiveWeight, long count);
    void (*binaryCrossEntropyGradient)(
        float *dx, const float *x, const float *t, float positiveWeight, long count);
    /// The cross-entropy of logits times a m^gamma, with p = s(x), m = (1 - t) p + t (1 - p) and
    /// a = alpha t + (1 - alpha) (1 - t), or 1 where alpha is below zero.
    void (*focal)(float *y, const float *x, const float *t, float gamma, float alpha, long count);
    void (*focalGradient)(float *dx, const float *x, const float *t, float gamma, float alpha, long count);

    /// Writes y and `logSums` of the queries from..<to.
    void (*attention)(const SluiceAttention *attention, long from, long to);
    /// Writes `dots`, dq, dk and dv.
    void (*attentionGradients)(const SluiceAttention *attention);
    long attentionWorkspace;

    /// A gated recurrent unit's new state h from the parts of r, z and n that are made from the
    /// input and from the state `previous`, each [rows, 3 hidden]; `gates` takes r, z, n and the
    /// state's part of n, [rows, 4 hidden].
    void (*gruCell)(
        float *h, float *gates, const float *fromInput, const float *fromHidden, const float *previous,
        long rows, long hidden);
    /// The gradients of both parts and of the state before, which by way of `fromHidden` gets more.
    void (*gruCellGradient)(
        float *dFromInput, float *dFromHidden, float *dPrevious, const float *dh, const float *gates,
        const float *previous, long rows, long hidden);

    /// Images [images, height, width, channels] in another size, bilinear; the lines from..<to of
    /// the images * outHeight of y.
    void (*bilinearResize)(
        float *y, const float *x, long images, long height, long width, long channels, long outHeight,
        long outWidth, long alignsCorners, long from, long to);
    /// The gradient of x from that of y for the images from..<to.
    void (*bilinearResizeGradient)(
        float *dx, const float *dy, long images, long height, long width, long channels, long outHeight,
        long outWidth, long alignsCorners, long from, long to);

    /// y = x scale, or 0 where the element's random word is below the threshold: word j % 4 of Philox
    /// for the counter (j / 4, sample, step, 4 | layer << 8), for element j of the row of `samples[r]`,
    /// or of firstSample + r. y may be x, and x may be a gradient.
    void (*dropout)(
        float *y, const float *x, float scale, unsigned threshold, unsigned seedLow, unsigned seedHigh,
        long step, long layer, const long *_Nullable samples, long firstSample, long rows, long columns);

    // One step of `count` weights w by gradients g. `decay` pulls weights to
    // zero: added to the gradient as decay * w, in adamW apart from it.
    /// w -= rate (g + decay w)
    void (*sgd)(float *w, const float *g, long count, float rate, float decay);
    /// v = momentum v + g, then w -= rate v; with nesterov w -= rate (g + momentum v).
    void (*momentum)(
        float *w, float *v, const float *g, long count, float rate, float momentum, float decay,
        long nesterov);
    /// v = beta v + (1 - beta) g^2; w -= rate g / (sqrt(v) + epsilon)
    void (*rmsProp)(
        float *w, float *v, const float *g, long count, float rate, float beta, float epsilon, float decay);
    /// Moments m and v; c1 and c2 are 1 / (1 - beta^t).
    void (*adam)(
        float *w, float *m, float *v, const float *g, long count, float rate, float beta1, float beta2,
        float epsilon, float decay, float c1, float c2);
    void (*adamW)(
        float *w, float *m, float *v, const float *g, long count, float rate, float beta1, float beta2,
        float epsilon, float decay, float c1, float c2);
} SluiceKernels;

#pragma clang assume_nonnull end

/// 0 plain, 3 x86-64-v3, 4 x86-64-v4: what processor and system both offer.
static inline long sluice_simd_level(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
    const unsigned first = fma | movbe | osxsave | avx | f16c;
    if ((c & first) != first) return 0;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0x6) != 0x6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const unsigned bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8;
    if ((b & (bmi1 | avx2 | bmi2)) != (bmi1 | avx2 | bmi2)) return 0;
    unsigned a8, b8, c8, d8;
    if (!__get_cpuid(0x80000001, &a8, &b8, &c8, &d8) || !(c8 & (1u << 5))) return 0;
    // F, DQ, CD, BW, VL
    const unsigned wide = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
    if ((b & wide) != wide || (low & 0xE6) != 0xE6) return 3;
    return 4;
}

#endif
