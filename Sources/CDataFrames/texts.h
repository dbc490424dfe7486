// What Swift has no word for: digits written and texts copied many at once.
#ifndef SLUICE_TEXTS_H
#define SLUICE_TEXTS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static const uint64_t sluice_powers[20] = {
    1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
    10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull,
    1000000000000000ull, 10000000000000000ull, 100000000000000000ull, 1000000000000000000ull,
    10000000000000000000ull,
};

/// 10 to the power of 0 to 22, each of which is a double exactly.
static inline double sluice_power(long places) {
    static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return powers[places];
}

/// From 1 to 20.
static inline long sluice_count_digits(uint64_t value) {
    // 1233 / 4096 is the logarithm of 2, near enough for 64 bits.
    const long guess = ((64 - __builtin_clzll(value | 1)) * 1233) >> 12;
    return guess + (value >= sluice_powers[guess]) + (value == 0);
}

/// Writes so many digits, zeros first where the value has fewer.
static inline void sluice_write_digits(uint8_t *_Nonnull to, uint64_t value, long count) {
    static const char pairs[201] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
        "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    uint8_t *end = to + count;
    while (end - to >= 2) {
        end -= 2;
        memcpy(end, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (end > to) *to = (uint8_t)('0' + value % 10);
}

/// Bytes that a form has another text for: those below one, and two more.
typedef struct {
    uint8_t below, one, other;
} sluice_stops;

static inline int sluice_is_stop(uint8_t byte, sluice_stops stops) {
    return byte < stops.below || byte == stops.one || byte == stops.other;
}

#if defined(__SSE2__)
static inline __m128i sluice_find_stops(__m128i text, sluice_stops stops) {
    const __m128i below = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8((char)(stops.below - 1))), text);
    const __m128i one = _mm_cmpeq_epi8(text, _mm_set1_epi8((char)stops.one));
    return _mm_or_si128(below, _mm_or_si128(one, _mm_cmpeq_epi8(text, _mm_set1_epi8((char)stops.other))));
}
#endif

/// Copies a text, and says whether one of its bytes is a stop. No byte around either is looked at or written.
static inline int sluice_copy_text(
    uint8_t *_Nonnull to, const uint8_t *_Nonnull from, long count, sluice_stops stops) {
#if defined(__SSE2__)
    if (count >= 16) {
        __m128i found = _mm_setzero_si128();
        for (long place = 0;; place += 16) {
            // The last 16 bytes, some of them a second time.
            if (place > count - 16) place = count - 16;
            const __m128i text = _mm_loadu_si128((const __m128i *)(from + place));
            _mm_storeu_si128((__m128i *)(to + place), text);
            found = _mm_or_si128(found, sluice_find_stops(text, stops));
            if (place == count - 16) return _mm_movemask_epi8(found) != 0;
        }
    }
    if (count >= 4) {
        // Two words that overlap.
        uint64_t first, last;
        if (count >= 8) {
            memcpy(&first, from, 8);
            memcpy(&last, from + count - 8, 8);
            memcpy(to, &first, 8);
            memcpy(to + count - 8, &last, 8);
        } else {
            uint32_t start, end;
            memcpy(&start, from, 4);
            memcpy(&end, from + count - 4, 4);
            memcpy(to, &start, 4);
            memcpy(to + count - 4, &end, 4);
            first = last = start | (uint64_t)end << 32;
        }
        const __m128i text = _mm_set_epi64x((long long)last, (long long)first);
        return _mm_movemask_epi8(sluice_find_stops(text, stops)) != 0;
    }
#endif
    int found = 0;
    for (long place = 0; place < count; place++) {
        to[place] = from[place];
        found |= sluice_is_stop(from[place], stops);
    }
    return found;
}

#endif
