// System calls and structures that Swift's Glibc module does not show.
#ifndef SLUICE_CPLATFORM_H
#define SLUICE_CPLATFORM_H
#endif
