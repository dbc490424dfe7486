"""Lays the 1,797 pictures of the digits data set out on one sheet.

    python3 make.py FOLDER   the data set: folders 0 to 9 of 8 x 8 PNG files, named by their place in the set

Writes digits.png, 8-bit grey, 40 pictures a row in the set's own order, the last row filled with black, and
labels.txt, a digit a picture in the same order. Needs nothing but Python.
"""
import struct
import sys
import zlib
from pathlib import Path

HERE = Path(__file__).parent
SIDE, ACROSS = 8, 40


def samples(path):
    """Rows of a PNG file of this set: 8-bit grey, not interlaced, any filter."""
    data, place, packed = path.read_bytes(), 8, b""
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            assert struct.unpack(">IIBBBBB", body) == (SIDE, SIDE, 8, 0, 0, 0, 0), path
        if kind == b"IDAT":
            packed += body
        place += length + 12
    raw, rows, above = zlib.decompress(packed), [], bytes(SIDE)
    for y in range(SIDE):
        kind, line, row = raw[y * (SIDE + 1)], raw[y * (SIDE + 1) + 1 : (y + 1) * (SIDE + 1)], []
        for x in range(SIDE):
            a, b, c = row[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row.append((line[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
        rows.append(row)
        above = row
    return rows


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    files = sorted(Path(sys.argv[1]).glob("[0-9]/*.png"), key=lambda path: path.name)
    assert [int(path.stem) for path in files] == list(range(1797))
    height = -(-len(files) // ACROSS) * SIDE
    sheet = [bytearray(SIDE * ACROSS) for _ in range(height)]
    for number, path in enumerate(files):
        top, left = number // ACROSS * SIDE, number % ACROSS * SIDE
        for y, row in enumerate(samples(path)):
            sheet[top + y][left : left + SIDE] = bytes(row)
    packed = zlib.compress(b"".join(b"\0" + row for row in sheet), 9)
    (HERE / "digits.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE * ACROSS, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    labels = "".join(path.parent.name for path in files)
    lines = [labels[at : at + ACROSS] for at in range(0, len(labels), ACROSS)]
    (HERE / "labels.txt").write_text("\n".join(lines) + "\n")


main()
