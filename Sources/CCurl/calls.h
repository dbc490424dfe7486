// libcurl's setters and getters are variadic, which Swift cannot call; and here they are pointers that dlsym gave, since
// the library is opened when it is first needed and never linked. Each call below has one type in the place of `...`,
// which the option's number must stand for. Header only; nothing of libcurl's own headers is needed.
//
// Source: curl.se/libcurl/c: curl_easy_setopt, curl_easy_getinfo, curl_multi_setopt, curl_multi_info_read.
#ifndef SLUICE_CURL_CALLS_H
#define SLUICE_CURL_CALLS_H

#include <stddef.h>

typedef int (*SluiceCurlVariadic)(void *_Nonnull, int, ...);

/// Of a body or a header line: `size` is 1; a result other than `count` ends the transfer.
typedef size_t (*SluiceCurlSink)(
    char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);

/// CURLMsg: a transfer that has ended.
typedef struct SluiceCurlMessage {
    int kind;
    void *_Nullable handle;
    union { void *_Nullable other; int result; } data;
} SluiceCurlMessage;

static inline int sluice_curl_set_number(
    void *_Nonnull function, void *_Nonnull handle, int option, long value
) {
    return ((SluiceCurlVariadic)function)(handle, option, value);
}

static inline int sluice_curl_set_pointer(
    void *_Nonnull function, void *_Nonnull handle, int option, const void *_Nullable value
) {
    return ((SluiceCurlVariadic)function)(handle, option, value);
}

static inline int sluice_curl_set_sink(
    void *_Nonnull function, void *_Nonnull handle, int option, SluiceCurlSink _Nonnull value
) {
    return ((SluiceCurlVariadic)function)(handle, option, value);
}

/// 0 where the library has no answer.
static inline long sluice_curl_number(void *_Nonnull function, void *_Nonnull handle, int info) {
    long value = 0;
    return ((SluiceCurlVariadic)function)(handle, info, &value) == 0 ? value : 0;
}

/// The same of a curl_off_t.
static inline long long sluice_curl_size(void *_Nonnull function, void *_Nonnull handle, int info) {
    long long value = 0;
    return ((SluiceCurlVariadic)function)(handle, info, &value) == 0 ? value : 0;
}

/// A text that lives as long as the handle is not used again.
static inline const char *_Nullable sluice_curl_text(
    void *_Nonnull function, void *_Nonnull handle, int info
) {
    const char *value = NULL;
    return ((SluiceCurlVariadic)function)(handle, info, &value) == 0 ? value : NULL;
}

#endif
