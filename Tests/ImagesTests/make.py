"""Writes Fixtures, PNG files of every colour type, depth and interlacing and with opacity in every form, and cases.json,
the pixels each must give.

    python3 Tests/ImagesTests/make.py           writes them anew (always the same bytes)
    python3 Tests/ImagesTests/make.py --check   compares what Pillow makes of the 8-bit ones; needs Pillow

Needs nothing but Python: files are put together by hand after the PNG specification, third edition, with another
filter on every row, so the expected pixels come from no decoder.
"""
import json
import struct
import sys
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent / "Fixtures"
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), COLOUR: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), COLOUR_ALPHA: (8, 16)}
NAMES = {GREY: "grey", COLOUR: "colour", PALETTE: "palette", GREY_ALPHA: "grey-alpha", COLOUR_ALPHA: "colour-alpha"}
#: Adam7: first column, first row, steps.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def sample(x, y, c, depth, count):
    """Of pixel (x, y): a mixed value below 2^depth, or a place in a palette of `count`."""
    value = (x * 40503 + y * 30011 + c * 21001 + x * y * 7919) & 0xFFFF
    return value % count if count else value >> (16 - depth)


def palette(depth):
    # One entry fewer than the depth could name, where that leaves more than one.
    return [((i * 37 + 5) % 256, (i * 91 + 40) % 256, (i * 11 + 200) % 256) for i in range(max(2, 2**depth - 1))]


def packed(rows, depth):
    """Rows of samples as bytes, before filtering."""
    out = []
    for row in rows:
        bits = "".join(format(v, f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        out.append(bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)))
    return out


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, step):
    """Filter types 0 to 4 in turn."""
    out, above = b"", bytes(len(rows[0]) if rows else 0)
    for number, row in enumerate(rows):
        kind = number % 5
        line = bytearray()
        for i, value in enumerate(row):
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            guess = (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]
            line.append((value - guess) & 255)
        out, above = out + bytes([kind]) + line, row
    return out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, kind, depth, interlaced=False, clear=None, before=b"", pieces=1, count=None):
    """The file. `clear` is the data of tRNS, `before` chunks that stand after IHDR, `pieces` how many IDAT there are."""
    n = SAMPLES[kind]
    entries = palette(depth) if kind == PALETTE else []
    places = count or len(entries)
    grid = [[[sample(x, y, c, depth, places) for c in range(n)] for x in range(width)] for y in range(height)]
    step = max(1, n * depth // 8)
    raw = b""
    for x0, y0, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        rows = [[v for pixel in row[x0::dx] for v in pixel] for row in grid[y0::dy]]
        if rows and rows[0]:
            raw += filtered(packed(rows, depth), step)
    data = zlib.compress(raw, 9)
    size = -(-len(data) // pieces)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))
    out += before
    if entries:
        out += chunk(b"PLTE", b"".join(map(bytes, entries)))
    if clear is not None:
        out += chunk(b"tRNS", clear)
    for begin in range(0, len(data), size):
        out += chunk(b"IDAT", data[begin : begin + size])
    return out + chunk(b"IEND", b""), pixels(grid, kind, depth, entries, clear)


def pixels(grid, kind, depth, entries, clear):
    """(channels, bytes) the file must give."""
    top = 2**depth - 1

    def whole(v):
        return (v * 255 + top // 2) // top

    channels = 4 if clear is not None or kind in (GREY_ALPHA, COLOUR_ALPHA) else 1 if kind == GREY else 3
    key = struct.unpack(f">{len(clear) // 2}H", clear) if clear is not None and kind != PALETTE else None
    out = bytearray()
    for row in grid:
        for pixel in row:
            if kind == PALETTE:
                place = pixel[0]
                colour = list(entries[place]) if place < len(entries) else [0, 0, 0]
                alpha = clear[place] if clear is not None and place < len(clear) else 255
            else:
                grey = kind in (GREY, GREY_ALPHA)
                colour = [whole(v) for v in (pixel[:1] if grey else pixel[:3])]
                if grey and channels == 4:
                    colour *= 3
                alpha = whole(pixel[-1]) if kind in (GREY_ALPHA, COLOUR_ALPHA) else 255
                if key is not None and tuple(pixel) == key:
                    alpha = 0
            out += bytes(colour + [alpha] if channels == 4 else colour)
    return channels, bytes(out)


def clear_of(kind, depth):
    """tRNS: the colour of pixel (3, 2), or opacities of all entries of a palette but the last."""
    if kind == PALETTE:
        return bytes((i * 53 + 7) % 256 for i in range(len(palette(depth)) - 1))
    return struct.pack(f">{SAMPLES[kind]}H", *(sample(3, 2, c, depth, 0) for c in range(SAMPLES[kind])))


def cases():
    width, height = 9, 10
    for kind, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (False, True):
                name = f"{NAMES[kind]}-{depth}" + ("-interlaced" if interlaced else "")
                yield name, width, height, png(width, height, kind, depth, interlaced)
            if kind in (GREY, COLOUR, PALETTE):
                clear = clear_of(kind, depth)
                yield f"{NAMES[kind]}-{depth}-clear", width, height, png(width, height, kind, depth, clear=clear)
    # Smaller than Adam7's grid: passes without a pixel.
    for width, height in ((1, 1), (1, 9), (4, 1), (3, 3)):
        yield f"small-{width}x{height}", width, height, png(width, height, COLOUR, 8, True)
    # What must change nothing: a gamma, a text, many pieces, none of them in step with rows.
    other = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tEXt", b"Title\0digits") + chunk(b"pHYs", bytes(9))
    yield "gamma-and-texts", 9, 10, png(9, 10, COLOUR, 16, before=other)
    yield "pieces", 9, 10, png(9, 10, COLOUR, 8, pieces=40)
    yield "beyond-the-palette", 9, 10, png(9, 10, PALETTE, 4, count=16)


def check():
    import io

    from PIL import Image

    compared = 0
    for name, width, height, (data, (channels, wanted)) in cases():
        # Pillow cuts 16 bits to 8 and keeps them for grey, and compares the key of a
        # grey of 2 or 4 bits with what it has stretched to 8.
        if "-16" in name or "gamma" in name or name in ("grey-2-clear", "grey-4-clear"):
            continue
        image = Image.open(io.BytesIO(data))
        image.load()
        got = image.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels]).tobytes()
        assert image.size == (width, height) and got == wanted, name
        compared += 1
    print(f"Pillow gives the same pixels for {compared} files")


def main():
    if "--check" in sys.argv:
        return check()
    FOLDER.mkdir(exist_ok=True)
    told = {}
    for name, width, height, (data, (channels, wanted)) in cases():
        (FOLDER / f"{name}.png").write_bytes(data)
        told[name] = {"width": width, "height": height, "channels": channels, "pixels": wanted.hex()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(told[name])}" for name in sorted(told))
    (FOLDER.parent / "cases.json").write_text("{\n" + lines + "\n}\n")


main()
