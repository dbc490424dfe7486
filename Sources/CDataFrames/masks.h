// What Swift has no word for: which of 64 bytes are equal to one, as bits.
#ifndef SLUICE_MASKS_H
#define SLUICE_MASKS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// What stands in 64 bytes.
typedef struct {
    /// Bit i for byte i: those that are the delimiter or the quote or end a line.
    uint64_t marks;
    /// Whether some of them are no delimiters.
    int hasOthers;
    /// Whether all bytes are ASCII.
    int isASCII;
} sluice_block;

/// Of the 64 bytes from p on.
static inline sluice_block sluice_read_block(const uint8_t *_Nonnull p, uint8_t delimiter, uint8_t quote) {
#if defined(__SSE2__)
    const __m128i delimiters = _mm_set1_epi8((char)delimiter);
    const __m128i lineFeeds = _mm_set1_epi8('\n');
    const __m128i quotes = _mm_set1_epi8((char)quote);
    uint64_t marks = 0;
    __m128i anyOther = _mm_setzero_si128();
    __m128i any = _mm_setzero_si128();
    for (int part = 0; part < 4; part++) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
        const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, lineFeeds), _mm_cmpeq_epi8(bytes, quotes));
        const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters), others);
        marks |= (uint64_t)(uint16_t)_mm_movemask_epi8(found) << (16 * part);
        anyOther = _mm_or_si128(anyOther, others);
        any = _mm_or_si128(any, bytes);
    }
    return (sluice_block){marks, _mm_movemask_epi8(anyOther) != 0, _mm_movemask_epi8(any) == 0};
#else
    sluice_block block = {0, 0, 1};
    for (int i = 0; i < 64; i++) {
        const int isOther = p[i] == '\n' || p[i] == quote;
        if (isOther || p[i] == delimiter) block.marks |= 1ull << i;
        if (isOther) block.hasOthers = 1;
        if (p[i] >= 0x80) block.isASCII = 0;
    }
    return block;
#endif
}

/// The same of fewer than 64 bytes; bits past them are clear.
static inline sluice_block sluice_read_rest(
    const uint8_t *_Nonnull p, long count, uint8_t delimiter, uint8_t quote
) {
    uint8_t bytes[64];
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, p, (size_t)count);
    sluice_block block = sluice_read_block(bytes, delimiter, quote);
    block.marks &= (1ull << count) - 1;
    return block;
}

/// Whether no byte is 0x80 or more.
static inline int sluice_is_ascii(const uint8_t *_Nonnull p, long count) {
    uint8_t any = 0;
    for (long i = 0; i < count; i++) any |= p[i];
    return any < 0x80;
}

/// How far the next byte of this value lies; -1 where there is none among `count`.
static inline long sluice_find(const uint8_t *_Nonnull p, long count, uint8_t byte) {
    const uint8_t *found = (const uint8_t *)memchr(p, byte, (size_t)count);
    return found ? found - p : -1;
}

#endif
