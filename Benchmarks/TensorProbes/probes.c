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

float sluice_probe_fma(long steps, long *lanes) {
    if (__builtin_cpu_supports("avx512f")) {
        *lanes = 16;
        return chains512(steps);
    }
    if (__builtin_cpu_supports("fma")) {
        *lanes = 8;
        return chains256(steps);
    }
    *lanes = 1;
    float sum = 0;
    for (long step = 0; step < 16 * steps; step++) sum = sum * 1.0000001f + 1e-9f;
    return sum;
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
