// A PNG file in memory to rows of bytes, by libpng. Header only.
//
// libpng tells its errors by longjmp, which must not cross a Swift frame, so
// setjmp and every call that may fail stand here. Its simplified interface
// (png_image_...) would need none of this, but it brings samples to the sRGB
// curve where a file has a gAMA chunk, by libm's pow, and takes 16-bit samples
// for linear: a pixel would depend on the machine, and be no longer what the
// file says. Here samples are as they are stored.
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

struct sluice_png {
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
};

static inline void sluice_png_fail(png_structp png, png_const_charp words) {
    struct sluice_png *self = (struct sluice_png *)png_get_error_ptr(png);
    strncpy(self->problem, words, sizeof self->problem - 1);
    png_longjmp(png, 1);
}

static inline void sluice_png_ignore(png_structp png, png_const_charp words) {
    (void)png;
    (void)words;
}

static inline void sluice_png_take(png_structp png, png_bytep out, size_t count) {
    struct sluice_png *self = (struct sluice_png *)png_get_io_ptr(png);
    if (count > self->count - self->position) {
        self->is_cut = 1;
        png_error(png, "the file ends");
    }
    memcpy(out, self->bytes + self->position, count);
    self->position += count;
}

/// What is asked of libpng before the header is read.
static inline void sluice_png_prepare(png_structp png, struct sluice_png *self) {
    png_set_read_fn(png, self, sluice_png_take);
    // The caller has a limit of its own.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Texts, colour profiles and the like are neither kept nor unpacked.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    // libpng would pass over a damaged tRNS with a warning.
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
}

/// Reads the header up to the pixels, and says how they are wanted.
static inline void sluice_png_head(png_structp png, png_infop info, struct sluice_png *self) {
    png_read_info(png, info);
    self->width = png_get_image_width(png, info);
    self->height = png_get_image_height(png, info);
    self->bits_per_pixel = (uint32_t)png_get_bit_depth(png, info) * png_get_channels(png, info);
    int type = png_get_color_type(png, info);
    int has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    self->channels = has_alpha ? 4 : (type & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    png_set_expand(png);
    // v / 257, rounded.
    png_set_scale_16(png);
    if (self->channels == 4) png_set_gray_to_rgb(png);
}

static inline void sluice_png_rows(png_structp png, png_infop info, struct sluice_png *self, uint8_t *pixels) {
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t stride = (size_t)self->width * self->channels;
    if (png_get_rowbytes(png, info) != stride) png_error(png, "rows of another length than announced");
    for (int pass = 0; pass < passes; pass += 1) {
        for (uint32_t row = 0; row < self->height; row += 1) png_read_row(png, pixels + row * stride, NULL);
    }
    png_read_end(png, NULL);
}

/// Reads the header into `self`, whose `bytes` and `count` are set and whose
/// other fields are zero, and where `pixels` is given the whole file into it:
/// height rows of width * channels bytes, as an earlier call without told.
/// Returns 1, or 0 with `problem` set.
static inline int sluice_png_read(struct sluice_png *_Nonnull self, uint8_t *_Nullable pixels) {
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, self, sluice_png_fail, sluice_png_ignore);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        strcpy(self->problem, "libpng cannot start");
        return 0;
    }
    // Nothing that is read after a longjmp changes after this line.
    if (setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    sluice_png_prepare(png, self);
    sluice_png_head(png, info, self);
    if (pixels != NULL) sluice_png_rows(png, info, self, pixels);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}

#endif
