// What Swift has no word for: a choice that no branch foretells.
#ifndef SLUICE_CHOOSING_H
#define SLUICE_CHOOSING_H

#include <stdbool.h>
#include <stdint.h>

/// One of two values, without a branch.
static inline int32_t sluice_chosen(bool isFirst, int32_t first, int32_t second) {
    return __builtin_unpredictable(isFirst) ? first : second;
}

#endif
