// A PNG file in memory to rows of bytes, by libpng. Header only.
//
// libpng tells its errors by longjmp, which must not cross a Swift frame, so
// setjmp and every call that may fail stand here. Its simplified interface
// (png_image_...) would need none of this, but it brings samples to the sRGB
// curve where a file has a gAMA chunk, by libm's pow, and takes 16-bit samples
// for linear: a pixel would depend on the machine, and be no longer what the
// file says. Here samples are as they are stored.
//
// The library is opened when a file first needs it and never linked: its
// functions are pointers that the caller looked up by their names.
//
// Source: libpng-manual.txt, III. "Reading"; PNG specification, third edition.
#ifndef SLUICE_PNG_DECODING_H
#define SLUICE_PNG_DECODING_H

#include <png.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// The functions of libpng that are called here.
#define SLUICE_PNG_FUNCTIONS(X) \
    X(png_create_read_struct) X(png_create_info_struct) X(png_destroy_read_struct) X(png_set_longjmp_fn) \
    X(png_longjmp) X(png_error) X(png_set_read_fn) \
    X(png_set_user_limits) X(png_set_keep_unknown_chunks) X(png_set_crc_action) X(png_read_info) \
    X(png_get_image_width) X(png_get_image_height) X(png_get_bit_depth) X(png_get_channels) \
    X(png_get_color_type) X(png_get_valid) X(png_set_expand) X(png_set_scale_16) X(png_set_gray_to_rgb) \
    X(png_set_interlace_handling) X(png_read_update_info) X(png_get_rowbytes) X(png_read_row) X(png_read_end)

#define SLUICE_PNG_PLACE(name) sluice_place_of_##name,
enum { SLUICE_PNG_FUNCTIONS(SLUICE_PNG_PLACE) sluice_png_function_count };
#undef SLUICE_PNG_PLACE

/// The name of the function at a place; NULL behind the last.
static inline const char *_Nullable sluice_png_function(int place) {
#define SLUICE_PNG_NAME(name) #name,
    static const char *const names[] = {SLUICE_PNG_FUNCTIONS(SLUICE_PNG_NAME)};
#undef SLUICE_PNG_NAME
    return place < sluice_png_function_count ? names[place] : NULL;
}

/// Calls a function of libpng, which stands among those of `self`.
#define SLUICE_CALL(name) ((__typeof__(name) *)self->functions[sluice_place_of_##name])

struct sluice_png {
    /// Pointers in the order of `sluice_png_function`.
    void *_Nonnull const *_Nullable functions;
    const uint8_t *_Nullable bytes;
    size_t count;
    /// How far libpng has read.
    size_t position;
    /// libpng asked for bytes beyond the last one.
    int is_cut;
    uint32_t width, height;
    /// Of the result: 1, 3 or 4 bytes a pixel.
    uint32_t channels;
    /// Of the file.
    uint32_t bits_per_pixel;
    /// libpng's words, where it failed.
    char problem[96];
    /// Its structures, while a file is open.
    void *_Nullable png, *_Nullable info;
};

/// Which reading calls back: libpng's own way to it (png_get_error_ptr) is one
/// of the functions that only the reading knows.
static inline struct sluice_png *_Nullable *_Nonnull sluice_png_current(void) {
    static _Thread_local struct sluice_png *current = NULL;
    return &current;
}

static inline void sluice_png_fail(png_structp png, png_const_charp words) {
    struct sluice_png *self = *sluice_png_current();
    strncpy(self->problem, words, sizeof self->problem - 1);
    SLUICE_CALL(png_longjmp)(png, 1);
}

static inline void sluice_png_ignore(png_structp png, png_const_charp words) {
    (void)png;
    (void)words;
}

static inline void sluice_png_take(png_structp png, png_bytep out, size_t count) {
    struct sluice_png *self = *sluice_png_current();
    if (count > self->count - self->position) {
        self->is_cut = 1;
        SLUICE_CALL(png_error)(png, "the file ends");
    }
    memcpy(out, self->bytes + self->position, count);
    self->position += count;
}

/// What is asked of libpng before the header is read.
static inline void sluice_png_prepare(png_structp png, struct sluice_png *self) {
    SLUICE_CALL(png_set_read_fn)(png, self, sluice_png_take);
    // The caller has a limit of its own.
    SLUICE_CALL(png_set_user_limits)(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Texts, colour profiles and the like are neither kept nor unpacked.
    SLUICE_CALL(png_set_keep_unknown_chunks)(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    // libpng would pass over a damaged tRNS with a warning.
    SLUICE_CALL(png_set_crc_action)(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
}

/// Reads the header up to the pixels, and says how they are wanted.
static inline void sluice_png_head(png_structp png, png_infop info, struct sluice_png *self) {
    SLUICE_CALL(png_read_info)(png, info);
    self->width = SLUICE_CALL(png_get_image_width)(png, info);
    self->height = SLUICE_CALL(png_get_image_height)(png, info);
    self->bits_per_pixel = (uint32_t)SLUICE_CALL(png_get_bit_depth)(png, info);
    self->bits_per_pixel *= SLUICE_CALL(png_get_channels)(png, info);
    int type = SLUICE_CALL(png_get_color_type)(png, info);
    int has_opacity = SLUICE_CALL(png_get_valid)(png, info, PNG_INFO_tRNS) != 0;
    int has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || has_opacity;
    self->channels = has_alpha ? 4 : (type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    SLUICE_CALL(png_set_expand)(png);
    // v / 257, rounded.
    SLUICE_CALL(png_set_scale_16)(png);
    if (self->channels == 4) SLUICE_CALL(png_set_gray_to_rgb)(png);
}

static inline void sluice_png_rows(png_structp png, png_infop info, struct sluice_png *self, uint8_t *pixels) {
    int passes = SLUICE_CALL(png_set_interlace_handling)(png);
    SLUICE_CALL(png_read_update_info)(png, info);
    size_t stride = (size_t)self->width * self->channels;
    if (SLUICE_CALL(png_get_rowbytes)(png, info) != stride)
        SLUICE_CALL(png_error)(png, "rows of another length than announced");
    for (int pass = 0; pass < passes; pass += 1) {
        for (uint32_t row = 0; row < self->height; row += 1) {
            SLUICE_CALL(png_read_row)(png, pixels + row * stride, NULL);
        }
    }
    SLUICE_CALL(png_read_end)(png, NULL);
}

/// Ends a reading; as often as one likes.
static inline void sluice_png_close(struct sluice_png *_Nonnull self) {
    png_structp png = self->png;
    png_infop info = self->info;
    if (png != NULL) SLUICE_CALL(png_destroy_read_struct)(&png, &info, NULL);
    self->png = self->info = NULL;
}

/// Where a function of libpng that fails comes back to, with 1; no variable
/// that is used then changes after this.
#define SLUICE_FAILED(png) (setjmp(*SLUICE_CALL(png_set_longjmp_fn)(png, longjmp, sizeof(jmp_buf))) != 0)

/// Reads the header into `self`, whose `functions`, `bytes` and `count` are set
/// and whose other fields are zero. Returns 1, or 0 with `problem` set; in both
/// cases `sluice_png_close` is due.
static inline int sluice_png_open(struct sluice_png *_Nonnull self) {
    *sluice_png_current() = self;
    png_structp png =
        SLUICE_CALL(png_create_read_struct)(PNG_LIBPNG_VER_STRING, self, sluice_png_fail, sluice_png_ignore);
    self->png = png;
    png_infop info = png == NULL ? NULL : SLUICE_CALL(png_create_info_struct)(png);
    self->info = info;
    if (info == NULL) {
        if (self->problem[0] == 0) strcpy(self->problem, "libpng cannot start");
        return 0;
    }
    if (SLUICE_FAILED(png)) return 0;
    sluice_png_prepare(png, self);
    sluice_png_head(png, info, self);
    return 1;
}

/// Reads the rest of an open file: height rows of width * channels bytes.
/// Returns 1, or 0 with `problem` set.
static inline int sluice_png_read(struct sluice_png *_Nonnull self, uint8_t *_Nonnull pixels) {
    *sluice_png_current() = self;
    png_structp png = self->png;
    if (SLUICE_FAILED(png)) return 0;
    sluice_png_rows(png, self->info, self, pixels);
    return 1;
}

#endif
