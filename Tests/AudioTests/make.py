#!/usr/bin/env python3
"""Writes the WAV files of Fixtures/ and cases.json, which says what each must give.

Whole numbers by Python's own module wave; what that cannot write (floats, extensible formats, chunks
in other places) by hand. Samples are given as their bits in IEEE binary32, eight hex digits each.
Run it here: python3 make.py
"""

import json
import math
import struct
import wave
from pathlib import Path

here = Path(__file__).parent
cases = {}


def bits(value):
    return struct.pack(">f", value).hex()


def case(name, rate, channels, samples):
    cases[name] = {"rate": rate, "channels": channels, "samples": "".join(bits(s) for s in samples)}


def integers(width, count):
    top = 1 << (8 * width - 1)
    wild = [(i * 2654435761 >> 7) % (2 * top) - top for i in range(count - 4)]
    return [-top, top - 1, 0, -1] + wild


for width in (1, 2, 3, 4):
    for channels in (1, 2):
        values = integers(width, 20)
        name = f"whole-{8 * width}-{channels}"
        with wave.open(str(here / "Fixtures" / f"{name}.wav"), "wb") as file:
            file.setparams((channels, width, 8000 * width, 0, "NONE", ""))
            if width == 1:
                data = bytes(v + 128 for v in values)
            else:
                data = b"".join(v.to_bytes(width, "little", signed=True) for v in values)
            file.writeframes(data)
        case(name, 8000 * width, channels, [v / (1 << (8 * width - 1)) for v in values])


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def riff(*chunks):
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def format_chunk(tag, channels, rate, width, more=b""):
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * channels * width, channels * width, 8 * width) + more)


SUBTYPE = bytes.fromhex("000000001000800000aa00389b71")
reals = [math.sin(i / 3) for i in range(18)] + [-1.0, 1.5]
floats = struct.pack("<20f", *reals)
files = {
    "float-32": riff(format_chunk(3, 2, 44100, 4), chunk(b"data", floats)),
    "float-64": riff(format_chunk(3, 2, 48000, 8), chunk(b"fact", struct.pack("<I", 10)), chunk(b"data", struct.pack("<20d", *reals))),
    "extensible": riff(
        format_chunk(0xFFFE, 2, 44100, 4, struct.pack("<HHIH", 22, 32, 3, 3) + SUBTYPE), chunk(b"data", floats)
    ),
    "chunks": riff(
        chunk(b"LIST", b"INFOodd"), format_chunk(3, 2, 44100, 4), chunk(b"bext", b""), chunk(b"data", floats), chunk(b"id3 ", b"123")
    ),
    "empty": riff(format_chunk(1, 1, 8000, 2), chunk(b"data", b"")),
}
# A writer to a pipe cannot go back to say how long it was.
files["stream"] = files["float-32"].replace(struct.pack("<I", len(floats)), b"\xff" * 4)
for name, data in files.items():
    (here / "Fixtures" / f"{name}.wav").write_bytes(data)
    case(name, *((8000, 1, []) if name == "empty" else (48000 if "64" in name else 44100, 2, reals)))

(here / "cases.json").write_text(json.dumps(cases, indent=0, sort_keys=True) + "\n")
