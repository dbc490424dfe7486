import Glibc

/// Whether goldens are written instead of compared; never set in CI.
let recordsGoldens = getenv("RECORD_GOLDENS") != nil && getenv("CI") == nil
