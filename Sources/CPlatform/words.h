// Words of memory that threads tell each other by, and on which they can sleep.
// Source: futex(2). Header only.
#ifndef SLUICE_WORDS_H
#define SLUICE_WORDS_H

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline uint32_t sluice_word(const uint32_t *_Nonnull word) {
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static inline void sluice_set_word(uint32_t *_Nonnull word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/// Returns the new value.
static inline uint32_t sluice_add_to_word(uint32_t *_Nonnull word, uint32_t value) {
    return __atomic_add_fetch(word, value, __ATOMIC_SEQ_CST);
}

/// Sleeps while the word has this value; may end sooner.
static inline void sluice_sleep_on_word(uint32_t *_Nonnull word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static inline void sluice_wake_from_word(uint32_t *_Nonnull word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/// Lets the other thread of the core go first for a moment.
static inline void sluice_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

#endif
