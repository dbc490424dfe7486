#include "probes.h"

#include <immintrin.h>
#include <malloc.h>
#include <string.h>

#define CHAINS(VECTOR, ZERO, ONES, FMA)                                   \
    VECTOR sums[16], factor = ONES(1.0000001f), other = ONES(1e-9f);      \
    for (int i = 0; i < 16; i++) sums[i] = ZERO();                        \
    for (long step = 0; step < steps; step++) {                           \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++)   \
            sums[i] = FMA(sums[i], factor, other);                        \
    }                                                                     \
    for (int i = 1; i < 16; i++) sums[0] += sums[i];                      \
    return sums[0][0];

__attribute__((target("avx512f"))) static float chains512(long steps) {
    CHAINS(__m512, _mm512_setzero_ps, _mm512_set1_ps, _mm512_fmadd_ps)
}

// Of sixteen chains in sixteen registers two would be spilled; twelve are enough.
__attribute__((target("avx2,fma"))) static float chains256(long steps) {
    __m256 sums[12], factor = _mm256_set1_ps(1.0000001f), other = _mm256_set1_ps(1e-9f);
    for (int i = 0; i < 12; i++) sums[i] = _mm256_setzero_ps();
    for (long step = 0; step < steps * 4 / 3; step++) {
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 12; i++)
            sums[i] = _mm256_fmadd_ps(sums[i], factor, other);
    }
    for (int i = 1; i < 12; i++) sums[0] += sums[i];
    return sums[0][0];
}

// Of narrower vectors it takes more steps to do as much.
float sluice_probe_fma(long steps) {
    if (__builtin_cpu_supports("avx512f")) return chains512(steps);
    if (__builtin_cpu_supports("fma")) return chains256(2 * steps);
    float sum = 0;
    for (long step = 0; step < 16 * 16 * steps; step++) sum = sum * 1.0000001f + 1e-9f;
    return sum;
}

// The inner loop of a product: tiles of 12x32 whose rows of A stay in the first level of the cache while
// panels of B pass by from the second. Eight of twelve factors are read by the instructions that multiply
// them, the fastest mixture that was found (docs/decisions/0011).
__attribute__((target("avx512f"))) static float tiles512(long passes, const float *a, const float *b) {
    enum { STEPS = 256, ROW = STEPS + 16, PANELS = 32 };
    __m512 sums[24];
    for (int i = 0; i < 24; i++) sums[i] = _mm512_setzero_ps();
    for (long tile = 0; tile < passes * PANELS; tile++) {
        const float *left = a, *right = b + tile % PANELS * (32 * STEPS);
        for (const float *end = right + 32 * STEPS; right != end; right += 32, left++) {
            const __m512 x = _mm512_load_ps(right), y = _mm512_load_ps(right + 16);
            _mm_prefetch((const char *)(right + 8 * 32), _MM_HINT_T0);
            _mm_prefetch((const char *)(right + 8 * 32 + 16), _MM_HINT_T0);
            _Pragma("clang loop unroll(full)") for (int row = 0; row < 12; row++) {
                if (row < 8) {
                    __asm__("vfmadd231ps %2%{1to16%}, %3, %0\n\tvfmadd231ps %2%{1to16%}, %4, %1"
                            : "+&v"(sums[2 * row]), "+v"(sums[2 * row + 1])
                            : "m"(left[row * ROW]), "v"(x), "v"(y));
                } else {
                    const __m512 factor = _mm512_set1_ps(left[row * ROW]);
                    sums[2 * row] = _mm512_fmadd_ps(factor, x, sums[2 * row]);
                    sums[2 * row + 1] = _mm512_fmadd_ps(factor, y, sums[2 * row + 1]);
                }
            }
        }
    }
    for (int i = 1; i < 24; i++) sums[0] += sums[i];
    return sums[0][0];
}

float sluice_probe_tiles(long passes, const float *a, const float *b) {
    if (__builtin_cpu_supports("avx512f")) return tiles512(passes, a, b);
    // As many multiply-adds alone, with which nothing is a limit that is none.
    return sluice_probe_fma(passes * 32 * 12 * 2 * 256 / 16);
}

void sluice_probe_copy(float *to, const float *from, long count) { memcpy(to, from, 4 * count); }

__attribute__((target_clones("avx512f", "avx2", "default")))
void sluice_probe_add(float *c, const float *a, const float *b, long count) {
    for (long i = 0; i < count; i++) c[i] = a[i] + b[i];
}

__attribute__((target_clones("avx512f", "avx2", "default")))
float sluice_probe_sum(const float *x, long count) {
    float sums[16] = {0};
    for (long i = 0; i + 16 <= count; i += 16)
        for (int lane = 0; lane < 16; lane++) sums[lane] += x[i + lane];
    float sum = 0;
    for (int lane = 0; lane < 16; lane++) sum += sums[lane];
    return sum;
}

__attribute__((target_clones("avx512f", "avx2", "default")))
void sluice_probe_stream(float *to, const float *from, long count) {
    for (long i = 0; i < count; i++) to[i] = from[i] + 1.0f;
}

typedef float Line __attribute__((vector_size(64)));

__attribute__((target_clones("avx512f", "avx2", "default")))
void sluice_probe_stream_past(float *to, const float *from, long count) {
    for (long i = 0; i < count; i += 16)
        __builtin_nontemporal_store(*(const Line *)(from + i) + 1.0f, (Line *)(to + i));
    _mm_sfence();
}

void sluice_probe_trim(void) { malloc_trim(0); }

void sluice_probe_keep_memory(void) {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1);
    mallopt(M_TOP_PAD, 64 << 20);
}
