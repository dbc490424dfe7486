// What Swift has no word for: up to 16 characters of a field read at once. A field may be looked at 16 bytes
// before its end, and 64 behind its start.
#ifndef SLUICE_FIELDS_H
#define SLUICE_FIELDS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// 16 bytes from place n on: 16 - n zeros and n ones, in bytes.
static const uint8_t sluice_rising[32] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
};
/// 16 bytes from place n on: 16 - n ones and n zeros.
static const uint8_t sluice_falling[32] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
};

static inline __m128i sluice_load(const uint8_t *_Nonnull p) { return _mm_loadu_si128((const __m128i *)p); }

/// 16 digits, the first of them the highest: neighbours are put together until there are two numbers of eight digits.
static inline uint64_t sluice_number_of_digits(__m128i digits) {
    const __m128i tens = _mm_mullo_epi16(_mm_and_si128(digits, _mm_set1_epi16(0xFF)), _mm_set1_epi16(10));
    const __m128i pairs = _mm_add_epi16(tens, _mm_srli_epi16(digits, 8));
    const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
    const __m128i packed = _mm_packs_epi32(fours, fours);
    const __m128i eights = _mm_madd_epi16(packed, _mm_set1_epi32(10000 | 1 << 16));
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & 0xFFFFFFFF) * 100000000 + (both >> 32);
}
#endif

/// What a sign before digits says, without a branch: as good as half of all numbers may have one.
typedef struct {
    /// 0 or 1.
    uint64_t isNegative;
    /// Characters of it.
    long count;
} sluice_sign;

static inline sluice_sign sluice_read_sign(uint8_t first) {
    const int isNegative = first == '-';
    return (sluice_sign){(uint64_t)isNegative, isNegative | (first == '+')};
}

/// Digits with a point among them or none, read as if there were none.
typedef struct {
    uint64_t digits;
    /// How many of them are behind the point; -1 where the characters say no such number.
    int64_t places;
} sluice_decimal;

/// The 0 to 16 characters before `end`.
static inline sluice_decimal sluice_read_decimal(const uint8_t *_Nonnull end, long count) {
    const sluice_decimal none = {0, -1};
#if defined(__SSE2__)
    const __m128i text = sluice_load(end - 16);
    const __m128i kept = sluice_load(sluice_rising + count);
    const __m128i digits = _mm_and_si128(_mm_xor_si128(text, _mm_set1_epi8('0')), kept);
    const __m128i points = _mm_and_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8('.')), kept);
    const __m128i beyond = _mm_subs_epu8(digits, _mm_set1_epi8(9));
    const int others = 0xFFFF ^ _mm_movemask_epi8(_mm_cmpeq_epi8(beyond, _mm_setzero_si128()));
    const int point = _mm_movemask_epi8(points);
    if (others != point || (point & (point - 1)) != 0) return none;
    const int places = point ? 15 - __builtin_ctz((unsigned)point) : 16;
    // What stands before the point takes its place.
    const __m128i before = sluice_load(sluice_falling + places);
    const __m128i whole = _mm_or_si128(
        _mm_and_si128(before, _mm_slli_si128(digits, 1)), _mm_andnot_si128(before, digits));
    if (count - (point ? 1 : 0) == 0) return none;
    return (sluice_decimal){sluice_number_of_digits(whole), point ? places : 0};
#else
    sluice_decimal read = {0, -1};
    int found = 0;
    for (const uint8_t *p = end - count; p < end; p++) {
        if (*p == '.') {
            if (read.places >= 0) return none;
            read.places = 0;
            continue;
        }
        const uint8_t digit = *p ^ '0';
        if (digit > 9) return none;
        found = 1;
        read.digits = read.digits * 10 + digit;
        if (read.places >= 0) read.places++;
    }
    if (!found) return none;
    if (read.places < 0) read.places = 0;
    return read;
#endif
}

/// The 1 to 16 digits before `end` as a number; -1 if they are none.
static inline int64_t sluice_read_digits(const uint8_t *_Nonnull end, long count) {
#if defined(__SSE2__)
    const __m128i kept = sluice_load(sluice_rising + count);
    const __m128i digits = _mm_and_si128(_mm_xor_si128(sluice_load(end - 16), _mm_set1_epi8('0')), kept);
    const __m128i beyond = _mm_subs_epu8(digits, _mm_set1_epi8(9));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(beyond, _mm_setzero_si128())) != 0xFFFF) return -1;
    return (int64_t)sluice_number_of_digits(digits);
#else
    int64_t value = 0;
    for (const uint8_t *p = end - count; p < end; p++) {
        const uint8_t digit = *p ^ '0';
        if (digit > 9) return -1;
        value = value * 10 + digit;
    }
    return value;
#endif
}

/// The numbers of two digits in a date, and in a time down to minutes behind it.
typedef struct {
    long century, rest, month, day, hour, minute;
    /// Whether digits and marks between them stand where they should. What stands between a date and a time is not
    /// looked at.
    int isRight;
} sluice_moment;

/// Of ten characters, or with a time of 16.
static inline sluice_moment sluice_read_moment(const uint8_t *_Nonnull p, int hasTime) {
    static const uint8_t form[16] = "0000-00-00\0" "00:00";
    static const uint8_t most[2][16] = {
        {9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
        {9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0xFF, 9, 9, 0, 9, 9},
    };
    uint8_t pairs[16];
    int isRight;
#if defined(__SSE2__)
    const __m128i digits = _mm_xor_si128(sluice_load(p), sluice_load(form));
    const __m128i beyond = _mm_subs_epu8(digits, sluice_load(most[hasTime]));
    isRight = _mm_movemask_epi8(_mm_cmpeq_epi8(beyond, _mm_setzero_si128())) == 0xFFFF;
    // Ten times each byte and its neighbour; of four bits each none is carried into the next byte.
    const __m128i low = _mm_and_si128(digits, _mm_set1_epi8(15));
    const __m128i tens = _mm_add_epi8(_mm_slli_epi16(low, 3), _mm_slli_epi16(low, 1));
    _mm_storeu_si128((__m128i *)pairs, _mm_add_epi8(tens, _mm_srli_si128(digits, 1)));
#else
    isRight = 1;
    for (int i = 0; i < (hasTime ? 16 : 10); i++) {
        if ((p[i] ^ form[i]) > most[hasTime][i]) isRight = 0;
    }
    for (int i = 0; i < (hasTime ? 15 : 9); i++) pairs[i] = (uint8_t)((p[i] ^ form[i]) * 10 + (p[i + 1] ^ form[i + 1]));
#endif
    return (sluice_moment){
        pairs[0], pairs[2], pairs[5], pairs[8], hasTime ? pairs[11] : 0, hasTime ? pairs[14] : 0, isRight};
}

/// The first 16 characters of a field, those past its end 0.
typedef struct {
    uint64_t first, second;
} sluice_words;

static inline sluice_words sluice_read_words(const uint8_t *_Nonnull p, long count) {
    sluice_words words = {0, 0};
#if defined(__SSE2__)
    const __m128i kept = sluice_load(sluice_falling + 16 - (count < 16 ? count : 16));
    const __m128i text = _mm_and_si128(sluice_load(p), kept);
    words.first = (uint64_t)_mm_cvtsi128_si64(text);
    words.second = (uint64_t)_mm_cvtsi128_si64(_mm_srli_si128(text, 8));
#else
    memcpy(&words, p, (size_t)(count < 16 ? count : 16));
#endif
    return words;
}

/// Copies a field; up to 64 bytes behind its start may be written.
static inline void sluice_copy_field(uint8_t *_Nonnull to, const uint8_t *_Nonnull from, long count) {
    if (count > 64) {
        memcpy(to, from, (size_t)count);
    } else if (count > 16) {
        memcpy(to, from, 64);
    } else {
        memcpy(to, from, 16);
    }
}

#endif
