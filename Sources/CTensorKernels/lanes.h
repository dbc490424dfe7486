// Words for sixteen lanes that Swift does not have, or compiles to a loop over
// the lanes. Each gives the same bits whatever it is compiled for.
#ifndef SLUICE_LANES_H
#define SLUICE_LANES_H

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define SLUICE_WORD static inline __attribute__((always_inline))

/// SIMD16<Float> in Swift.
typedef float SluiceLanes __attribute__((ext_vector_type(16)));
typedef float SluiceLanesAnywhere __attribute__((ext_vector_type(16), aligned(4)));

// The library's own loads and stores may be left uninlined as weak symbols that
// any target could be given (docs: numerics); these cannot.

SLUICE_WORD SluiceLanes sluice_load(const float *_Nonnull p) { return *(const SluiceLanesAnywhere *)p; }

SLUICE_WORD void sluice_store(SluiceLanes x, float *_Nonnull p) { *(SluiceLanesAnywhere *)p = x; }

/// x, or `limit` where x is below it; NaN stays.
SLUICE_WORD SluiceLanes sluice_at_least(SluiceLanes x, float limit) {
    const SluiceLanes other = limit;
    return x < other ? other : x;
}

/// x, or `limit` where x is above it; NaN stays.
SLUICE_WORD SluiceLanes sluice_at_most(SluiceLanes x, float limit) {
    const SluiceLanes other = limit;
    return x > other ? other : x;
}

/// x where it is above `best`, else `best`: a NaN in x is passed over.
SLUICE_WORD SluiceLanes sluice_larger(SluiceLanes x, SluiceLanes best) { return x > best ? x : best; }

/// x where it is above `best` or NaN, else `best`: a NaN stays whichever it comes in.
SLUICE_WORD SluiceLanes sluice_larger_or_nan(SluiceLanes x, SluiceLanes best) {
    const SluiceLanes larger = x > best ? x : best;
    return x != x ? x : larger;
}

/// `value` where x is `wanted` or NaN, else zero.
SLUICE_WORD SluiceLanes sluice_where_found(SluiceLanes x, SluiceLanes wanted, SluiceLanes value) {
    return ((x == wanted) | (x != x)) ? value : (SluiceLanes)0.0f;
}

/// Zero where x is `wanted` or NaN, else `value`.
SLUICE_WORD SluiceLanes sluice_where_not_found(SluiceLanes x, SluiceLanes wanted, SluiceLanes value) {
    return ((x == wanted) | (x != x)) ? (SluiceLanes)0.0f : value;
}

/// `value`, or zero where x is zero or below; where x is NaN the value stays.
SLUICE_WORD SluiceLanes sluice_where_positive(SluiceLanes x, SluiceLanes value) {
    return x <= (SluiceLanes)0.0f ? (SluiceLanes)0.0f : value;
}

/// `negative` where x is below zero, `positive` where it is above; zero and NaN stay.
SLUICE_WORD SluiceLanes sluice_sign(SluiceLanes x, float negative, float positive) {
    const SluiceLanes zero = 0.0f, below = negative, above = positive;
    return x < zero ? below : (x > zero ? above : x);
}

/// x, or zero where `score` is minus infinity.
SLUICE_WORD SluiceLanes sluice_unless_lowest(SluiceLanes score, SluiceLanes x) {
    return score == (SluiceLanes)-__builtin_inff() ? (SluiceLanes)0.0f : x;
}

/// x y, or zero where x is zero whatever y is.
SLUICE_WORD SluiceLanes sluice_product_or_zero(SluiceLanes x, SluiceLanes y) {
    return x == (SluiceLanes)0.0f ? (SluiceLanes)0.0f : x * y;
}

/// Whole numbers without sign; SIMD16<UInt32> in Swift.
typedef unsigned SluiceWords __attribute__((ext_vector_type(16)));
typedef unsigned long SluiceDoubleWords __attribute__((ext_vector_type(8)));

/// The high words of x times `factor`.
SLUICE_WORD SluiceWords sluice_product_high(SluiceWords x, unsigned factor) {
    const SluiceDoubleWords low = 0xFFFFFFFF, times = factor;
    const SluiceDoubleWords even = ((SluiceDoubleWords)x & low) * times;
    const SluiceDoubleWords odd = ((SluiceDoubleWords)x >> 32) * times;
    return (SluiceWords)((even >> 32) | (odd & ~low));
}

/// The low words of x times `factor`.
SLUICE_WORD SluiceWords sluice_product_low(SluiceWords x, unsigned factor) {
    const SluiceDoubleWords low = 0xFFFFFFFF, times = factor;
    const SluiceDoubleWords even = ((SluiceDoubleWords)x & low) * times;
    const SluiceDoubleWords odd = ((SluiceDoubleWords)x >> 32) * times;
    return (SluiceWords)((even & low) | (odd << 32));
}

/// Of a[0], b[0], c[0], d[0], a[1] and so on the sixteen from 16 * part on.
SLUICE_WORD SluiceWords sluice_quartets(
    SluiceWords a, SluiceWords b, SluiceWords c, SluiceWords d, long part) {
    // Lanes 4 * part to 4 * part + 3 of each, then one of each in turn.
    SluiceWords ab, cd;
    switch (part) {
    case 0:
        ab = __builtin_shufflevector(a, b, 0, 16, 0, 0, 1, 17, 0, 0, 2, 18, 0, 0, 3, 19, 0, 0);
        cd = __builtin_shufflevector(c, d, 0, 0, 0, 16, 0, 0, 1, 17, 0, 0, 2, 18, 0, 0, 3, 19);
        break;
    case 1:
        ab = __builtin_shufflevector(a, b, 4, 20, 0, 0, 5, 21, 0, 0, 6, 22, 0, 0, 7, 23, 0, 0);
        cd = __builtin_shufflevector(c, d, 0, 0, 4, 20, 0, 0, 5, 21, 0, 0, 6, 22, 0, 0, 7, 23);
        break;
    case 2:
        ab = __builtin_shufflevector(a, b, 8, 24, 0, 0, 9, 25, 0, 0, 10, 26, 0, 0, 11, 27, 0, 0);
        cd = __builtin_shufflevector(c, d, 0, 0, 8, 24, 0, 0, 9, 25, 0, 0, 10, 26, 0, 0, 11, 27);
        break;
    default:
        ab = __builtin_shufflevector(a, b, 12, 28, 0, 0, 13, 29, 0, 0, 14, 30, 0, 0, 15, 31, 0, 0);
        cd = __builtin_shufflevector(c, d, 0, 0, 12, 28, 0, 0, 13, 29, 0, 0, 14, 30, 0, 0, 15, 31);
        break;
    }
    return __builtin_shufflevector(ab, cd, 0, 1, 18, 19, 4, 5, 22, 23, 8, 9, 26, 27, 12, 13, 30, 31);
}

/// x, or zero where the word is below `limit`.
SLUICE_WORD SluiceLanes sluice_unless_below(SluiceWords words, unsigned limit, SluiceLanes x) {
    return words < (SluiceWords)limit ? (SluiceLanes)0.0f : x;
}

/// Says to the compiler that all four are wanted here, so that it does not put
/// the work on one behind the work on another.
/// (To Swift a pointer to lanes is opaque.)
SLUICE_WORD void sluice_in_step(void *_Nonnull a, void *_Nonnull b, void *_Nonnull c, void *_Nonnull d) {
#if defined(__AVX512F__)
    SluiceLanes *w = (SluiceLanes *)a, *x = (SluiceLanes *)b, *y = (SluiceLanes *)c, *z = (SluiceLanes *)d;
    __asm__("" : "+v"(*w), "+v"(*x), "+v"(*y), "+v"(*z));
#endif
}

/// x without its sign.
SLUICE_WORD SluiceLanes sluice_magnitude(SluiceLanes x) {
    typedef int Whole __attribute__((ext_vector_type(16)));
    return (SluiceLanes)((Whole)x & 0x7FFFFFFF);
}

/// x with a minus sign, whichever it had.
SLUICE_WORD SluiceLanes sluice_negative_magnitude(SluiceLanes x) {
    return (SluiceLanes)((SluiceWords)x | 0x80000000);
}

/// x with the sign of y.
SLUICE_WORD SluiceLanes sluice_with_sign(SluiceLanes x, SluiceLanes y) {
    return (SluiceLanes)(((SluiceWords)x & 0x7FFFFFFF) | ((SluiceWords)y & 0x80000000));
}

/// For each lane of `place` the lane of the table whose number are its bits 21
/// to 24: the two lowest of the exponent and the two highest of the fraction.
SLUICE_WORD SluiceLanes sluice_lookup(SluiceLanes table, SluiceLanes place) {
#if defined(__AVX512F__)
    return (SluiceLanes)_mm512_permutexvar_ps((__m512i)((SluiceWords)place >> 21), (__m512)table);
#elif defined(__AVX2__)
    // An instruction finds one of eight, in each half of the table; the fourth bit
    // chooses by what the two differ in. With a blend instead tanh takes a seventh
    // longer, with gathers twice as long (Sapphire Rapids).
    typedef int Whole __attribute__((ext_vector_type(8)));
    typedef float Eight __attribute__((ext_vector_type(8)));
    const Eight low = __builtin_shufflevector(table, table, 0, 1, 2, 3, 4, 5, 6, 7);
    const Eight high = __builtin_shufflevector(table, table, 8, 9, 10, 11, 12, 13, 14, 15);
    const Eight difference = (Eight)((Whole)low ^ (Whole)high);
    Eight found[2];
    found[0] = __builtin_shufflevector(place, place, 0, 1, 2, 3, 4, 5, 6, 7);
    found[1] = __builtin_shufflevector(place, place, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int i = 0; i < 2; i++) {
        const Whole number = (Whole)found[i] >> 21, isHigh = ((Whole)found[i] << 7) >> 31;
        const Whole first = (Whole)_mm256_permutevar8x32_ps((__m256)low, (__m256i)number);
        const Whole second = (Whole)_mm256_permutevar8x32_ps((__m256)difference, (__m256i)number);
        found[i] = (Eight)(first ^ (second & isHigh));
    }
    return __builtin_shufflevector(
        found[0], found[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    const SluiceWords number = ((SluiceWords)place >> 21) & 15;
    SluiceLanes found;
    for (int i = 0; i < 16; i++) found[i] = table[number[i]];
    return found;
#endif
}

/// x, or zero where x without its sign is below `limit`; NaN stays.
SLUICE_WORD SluiceLanes sluice_flush(SluiceLanes x, float limit) {
    typedef int Whole __attribute__((ext_vector_type(16)));
    return (SluiceLanes)((Whole)x & 0x7FFFFFFF) < (SluiceLanes)limit ? (SluiceLanes)0.0f : x;
}

/// `negative` where x is below zero, else `other`.
SLUICE_WORD SluiceLanes sluice_where_negative(SluiceLanes x, SluiceLanes negative, SluiceLanes other) {
    return x < (SluiceLanes)0.0f ? negative : other;
}

/// The first `count` (1 to 15) floats at p, and `fill` behind them. Nothing
/// behind them is read.
SLUICE_WORD SluiceLanes sluice_load_first(const float *_Nonnull p, long count, float fill) {
#if defined(__AVX512F__)
    return (SluiceLanes)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), (__mmask16)((1u << count) - 1), p);
#else
    float lanes[16];
    for (long i = 0; i < 16; i++) lanes[i] = fill;
    for (long i = 0; i < count; i++) lanes[i] = p[i];
    SluiceLanes x;
    __builtin_memcpy(&x, lanes, 64);
    return x;
#endif
}

/// Writes the first `count` (1 to 15) lanes to p and nothing behind them.
SLUICE_WORD void sluice_store_first(SluiceLanes x, float *_Nonnull p, long count) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)x);
#else
    float lanes[16];
    __builtin_memcpy(lanes, &x, 64);
    for (long i = 0; i < count; i++) p[i] = lanes[i];
#endif
}

/// The first `count` lanes of x, and zero behind them.
SLUICE_WORD SluiceLanes sluice_keep_first(SluiceLanes x, long count) {
#if defined(__AVX512F__)
    return (SluiceLanes)_mm512_maskz_mov_ps((__mmask16)((1u << count) - 1), (__m512)x);
#else
    float lanes[16];
    __builtin_memcpy(lanes, &x, 64);
    for (long i = count; i < 16; i++) lanes[i] = 0;
    __builtin_memcpy(&x, lanes, 64);
    return x;
#endif
}

/// y * 2^n for whole n in -152...130 and y in 0.5...2, rounded once where the
/// result is subnormal.
SLUICE_WORD SluiceLanes sluice_scale(SluiceLanes y, SluiceLanes n) {
#if defined(__AVX512F__)
    return (SluiceLanes)_mm512_scalef_ps((__m512)y, (__m512)n);
#else
    // In two factors, as 2^n need not be a normal number; the first product is
    // exact. The rounder puts n into the low bits (Exponential.swift).
    typedef int Whole __attribute__((ext_vector_type(16)));
    const Whole whole = (Whole)(n + 12582912.0f) - 0x4B400000;
    const Whole half = whole >> 1;
    const Whole first = (half + 127) << 23, second = (whole - half + 127) << 23;
    return y * (SluiceLanes)first * (SluiceLanes)second;
#endif
}

/// The whole number at or below x, for x between -2^22 and 2^22; NaN stays. (Not a function, for clang
/// refuses one that another one here gives sixteen lanes to: its ABI would differ from level to level.)
#if defined(__SSE4_1__)
#define SLUICE_FLOOR(x) __builtin_elementwise_floor(x)
#else
#define SLUICE_NEAREST(x) (((x) + 12582912.0f) - 12582912.0f)
#define SLUICE_FLOOR(x) (SLUICE_NEAREST(x) > (x) ? SLUICE_NEAREST(x) - 1.0f : SLUICE_NEAREST(x))
#endif

/// What x has above the whole number at or below it; exact for x from -2^22 to -1. A zero may have either
/// sign.
SLUICE_WORD SluiceLanes sluice_fraction(SluiceLanes x) {
#if defined(__AVX512DQ__)
    return (SluiceLanes)_mm512_reduce_ps((__m512)x, _MM_FROUND_TO_NEG_INF);
#else
    return x - SLUICE_FLOOR(x);
#endif
}

/// y * 2^n for the whole number n at or below x, where that power and the result
/// are normal numbers.
SLUICE_WORD SluiceLanes sluice_scale_by_floor(SluiceLanes y, SluiceLanes x) {
#if defined(__AVX512F__)
    return (SluiceLanes)_mm512_scalef_ps((__m512)y, (__m512)x);
#else
    typedef int Whole __attribute__((ext_vector_type(16)));
    // As in `sluice_scale`: the rounder puts the number into the low bits.
    const Whole whole = (Whole)(SLUICE_FLOOR(x) + 12582912.0f) - 0x4B400000;
    return y * (SluiceLanes)((whole + 127) << 23);
#endif
}

/// The same place, but the compiler does not know that it is: what was read there is read again. (Of
/// two calls with the same place it may make one.)
SLUICE_WORD const float *_Nonnull sluice_again(const float *_Nonnull p) {
    __asm__("" : "+r"(p));
    return p;
}

/// Asks for a line of memory that is about to be read; the address need not be
/// one that may be read.
SLUICE_WORD void sluice_prefetch_read(const float *_Nonnull p) { __builtin_prefetch(p, 0, 3); }

/// Asks for a line of memory that will be read after other work, into the second-level cache.
SLUICE_WORD void sluice_prefetch_later(const float *_Nonnull p) { __builtin_prefetch(p, 0, 2); }

/// Asks for a line of memory that is about to be written.
SLUICE_WORD void sluice_prefetch_write(const float *_Nonnull p) { __builtin_prefetch(p, 1, 3); }

/// Writes past the caches; p is a multiple of 64.
SLUICE_WORD void sluice_stream(SluiceLanes x, float *_Nonnull p) {
    __builtin_nontemporal_store(x, (SluiceLanes *)p);
}

/// Makes streamed lanes visible to other threads before what is written later.
SLUICE_WORD void sluice_stream_end(void) { __asm__ volatile("sfence" ::: "memory"); }

typedef float SluiceEight __attribute__((ext_vector_type(8)));
typedef float SluiceEightAnywhere __attribute__((ext_vector_type(8), aligned(4)));

SLUICE_WORD void sluice_copy8(float *_Nonnull to, const float *_Nonnull from) {
    *(SluiceEightAnywhere *)to = *(const SluiceEightAnywhere *)from;
}

/// Turns eight lines of eight: out[p * outStep + i] = source[i * step + p].
SLUICE_WORD void sluice_transpose8(
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

#endif
