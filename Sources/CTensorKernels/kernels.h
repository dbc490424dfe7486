// The boundary between kernels and their callers: a table of C functions on
// pointers and counts, filled once by each of the three kernel targets, and
// the question which of them this processor can run. Header only.
#ifndef SLUICE_KERNELS_H
#define SLUICE_KERNELS_H

#include <cpuid.h>
#include <immintrin.h>

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

typedef struct SluiceKernels {
    /// `count` products of one shape, whose matrices lie `aStep`, `bStep` and `cStep`
    /// floats apart. Each is a left fold over blocks of p, each an fma chain from zero.
    void (*gemm)(const SluiceProduct *product, long count, long aStep, long bStep, long cStep);
    long gemmWorkspace;
    /// y[i] = sum over p of a[i*k + p] * x[p], the bits of gemm with n = 1.
    void (*matrixVector)(float *y, const float *a, const float *x, long m, long k);
    /// x[r, c] = activation(x[r, c] + bias[c]); activation 0 identity, 1 relu (NaN stays).
    void (*biasActivation)(float *x, const float *bias, long rows, long columns, long activation);
    void (*exp)(float *y, const float *x, long count);
    void (*log)(float *y, const float *x, long count);
    void (*sigmoid)(float *y, const float *x, long count);
    void (*softmax)(float *y, const float *x, long rows, long columns);
    void (*logSoftmax)(float *y, const float *x, long rows, long columns);
    float (*sum)(const float *x, long count);
    float (*dot)(const float *x, const float *y, long count);
    /// y += a * x
    void (*axpy)(float *y, const float *x, float a, long count);
    /// One step; c1 and c2 are 1 / (1 - beta^t).
    void (*adamW)(
        float *w, float *m, float *v, const float *g, long count, float rate, float beta1, float beta2,
        float epsilon, float decay, float c1, float c2);
} SluiceKernels;

#pragma clang assume_nonnull end

// What Swift has no word for.

typedef float SluiceLanes __attribute__((ext_vector_type(16)));
typedef float SluiceLanesAnywhere __attribute__((ext_vector_type(16), aligned(4)));

// The library's own loads and stores may be left uninlined as weak symbols that
// any target could be given (docs: numerics); these cannot.

static inline SluiceLanes sluice_load(const float *_Nonnull place) {
    return *(const SluiceLanesAnywhere *)place;
}

static inline void sluice_store(SluiceLanes lanes, float *_Nonnull place) {
    *(SluiceLanesAnywhere *)place = lanes;
}

/// Asks for a line of memory that is about to be written.
static inline void sluice_prefetch(const float *_Nonnull place) { __builtin_prefetch(place, 1, 3); }

/// Asks for a line of memory that is about to be read; nothing happens where there is none.
static inline void sluice_prefetch_read(const void *_Nonnull place) { __builtin_prefetch(place, 0, 3); }

/// The first `count` lanes; the others are neither read nor written, and zero.
static inline SluiceLanes sluice_load_part(const float *_Nonnull place, long count) {
#ifdef __AVX512F__
    if (count >= 16) return (SluiceLanes)_mm512_loadu_ps(place);
    return (SluiceLanes)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), place);
#else
    SluiceLanes lanes = 0;
    for (long i = 0; i < count && i < 16; i++) lanes[i] = place[i];
    return lanes;
#endif
}

static inline void sluice_store_part(SluiceLanes lanes, float *_Nonnull place, long count) {
#ifdef __AVX512F__
    __mmask16 mask = count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1);
    _mm512_mask_storeu_ps(place, mask, (__m512)lanes);
#else
    for (long i = 0; i < count && i < 16; i++) place[i] = lanes[i];
#endif
}

typedef float SluiceEight __attribute__((ext_vector_type(8)));
typedef float SluiceEightAnywhere __attribute__((ext_vector_type(8), aligned(4)));

static inline void sluice_copy8(float *_Nonnull to, const float *_Nonnull from) {
    *(SluiceEightAnywhere *)to = *(const SluiceEightAnywhere *)from;
}

/// Turns eight lines of eight: out[p * outStep + i] = source[i * step + p].
static inline void sluice_transpose8(
    float *_Nonnull out, long outStep, const float *_Nonnull source, long step) {
    SluiceEight r[8], t[8], u[8];
    for (int i = 0; i < 8; i++) r[i] = *(const SluiceEightAnywhere *)(source + i * step);
    for (int i = 0; i < 8; i += 2) {
        t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        u[i] = __builtin_shufflevector(t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        u[i + 1] = __builtin_shufflevector(t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        u[i + 2] = __builtin_shufflevector(t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        u[i + 3] = __builtin_shufflevector(t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    for (int i = 0; i < 4; i++) {
        *(SluiceEightAnywhere *)(out + i * outStep) =
            __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(SluiceEightAnywhere *)(out + (i + 4) * outStep) =
            __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

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
