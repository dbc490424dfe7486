// What this machine can do at most, for suites: plain C loops that
// the compiler may do anything with.
#ifndef SLUICE_PROBES_H
#define SLUICE_PROBES_H

#pragma clang assume_nonnull begin

/// 16 times `steps` fused multiply-adds of sixteen numbers, in independent chains of the widest
/// vectors there are.
float sluice_probe_fma(long steps);
/// Tiles of 12x32 over 256 steps: twelve rows of a, 272 floats apart, by each of 32 panels of b, 1 MB, aligned;
/// with nothing copied and nothing written.
float sluice_probe_tiles(long passes, const float *a, const float *b);
void sluice_probe_copy(float *to, const float *from, long count);
/// Reads once and writes once, with an addition between.
void sluice_probe_stream(float *to, const float *from, long count);
/// The same with stores that go by the caches; a multiple of 16 of aligned ones.
void sluice_probe_stream_past(float *to, const float *from, long count);
void sluice_probe_add(float *c, const float *a, const float *b, long count);
/// Sixteen sums, as a vector of sixteen makes them.
float sluice_probe_sum(const float *x, long count);
/// Gives the free memory of malloc back to the system, which Swift has no word for.
void sluice_probe_trim(void);
/// Lets malloc keep what it has had, as the allocators of peers do: else large results come from new pages each time,
/// and what is measured is the kernel that clears them (man mallopt).
void sluice_probe_keep_memory(void);

#pragma clang assume_nonnull end

#endif
