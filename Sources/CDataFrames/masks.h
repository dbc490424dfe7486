// What Swift has no word for: which of 64 bytes are equal to one, as bits.
#ifndef SLUICE_MASKS_H
#define SLUICE_MASKS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Of the 64 bytes from p on, bit i for byte i, those that are `delimiter` or `quote` or end a line.
static inline uint64_t sluice_csv_mask(const uint8_t *_Nonnull p, uint8_t delimiter, uint8_t quote) {
    uint64_t mask = 0;
#if defined(__SSE2__)
    const __m128i delimiters = _mm_set1_epi8((char)delimiter);
    const __m128i lineFeeds = _mm_set1_epi8('\n');
    const __m128i quotes = _mm_set1_epi8((char)quote);
    for (int part = 0; part < 4; part++) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
        const __m128i found = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), _mm_cmpeq_epi8(bytes, lineFeeds)),
            _mm_cmpeq_epi8(bytes, quotes));
        mask |= (uint64_t)(uint16_t)_mm_movemask_epi8(found) << (16 * part);
    }
#else
    for (int i = 0; i < 64; i++) {
        if (p[i] == delimiter || p[i] == '\n' || p[i] == quote) mask |= 1ull << i;
    }
#endif
    return mask;
}

/// The same of fewer than 64 bytes; bits past them are clear.
static inline uint64_t sluice_csv_mask_of_rest(
    const uint8_t *_Nonnull p, long count, uint8_t delimiter, uint8_t quote
) {
    uint8_t bytes[64];
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, p, (size_t)count);
    return sluice_csv_mask(bytes, delimiter, quote) & ((1ull << count) - 1);
}

/// How far the next byte of this value lies; -1 where there is none among `count`.
static inline long sluice_find(const uint8_t *_Nonnull p, long count, uint8_t byte) {
    const uint8_t *found = (const uint8_t *)memchr(p, byte, (size_t)count);
    return found ? found - p : -1;
}

#endif
