"""Writes Fixtures/*.jpg, JPEG files of every form that is read and some that are not, and jpeg-cases.json, the pixels
each must give: what Pillow makes of it, turned by `ImageOps.exif_transpose`.

    python3 Tests/ImagesTests/make_jpeg.py           writes them anew
    python3 Tests/ImagesTests/make_jpeg.py --check   compares them with what lies here

Needs Pillow and NumPy; written with Pillow 13.0.0 (libjpeg-turbo 3.2.0), whose bytes another version may not give.
"""
import io
import json
import struct
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps

HERE = Path(__file__).parent
WIDTH, HEIGHT = 19, 13


def picture(channels):
    """Smooth, with an edge, and no two corners alike."""
    y, x, c = numpy.mgrid[0:HEIGHT, 0:WIDTH, 0:channels]
    values = 40 + 9 * x - 5 * y + 50 * c + 60 * ((x > 11) & (y < 5))
    return numpy.clip(values, 0, 255).astype(numpy.uint8)


def encoded(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def exif(orientation, order="<"):
    """An Exif segment whose directory has the orientation behind another entry."""
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHIHH", 256, 3, 1, 19, 0) + struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0)
    directory = struct.pack(order + "H", 2) + entries + struct.pack(order + "I", 0)
    return b"Exif\0\0" + mark + struct.pack(order + "HI", 42, 8) + directory


def files():
    grey = Image.fromarray(picture(1)[:, :, 0])
    colour = Image.fromarray(picture(3))
    inks = Image.fromarray(picture(4), "CMYK")
    yield "grey", encoded(grey)
    yield "grey-progressive", encoded(grey, progressive=True)
    for name, sampling in {"444": 0, "422": 1, "420": 2}.items():
        yield f"colour-{name}", encoded(colour, subsampling=sampling)
    yield "colour-progressive", encoded(colour, progressive=True, optimize=True)
    yield "colour-restarts", encoded(colour, restart_marker_blocks=1)
    yield "colour-rgb", encoded(colour, keep_rgb=True)
    yield "inks", encoded(inks)
    for orientation in range(1, 9):
        yield f"orientation-{orientation}", encoded(colour, exif=exif(orientation, "<>"[orientation % 2]))
    # Values that are none leave the picture as it is stored.
    yield "orientation-9", encoded(colour, exif=exif(9))


def pixels(file):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    if image.mode == "CMYK":
        # Pillow gives inks as coverage; each colour is what it and black leave.
        light = 255 - numpy.asarray(image).astype(int)
        array = ((light[:, :, :3] * light[:, :, 3:] + 127) // 255).astype(numpy.uint8)
    else:
        array = numpy.asarray(image)
    channels = 1 if array.ndim == 2 else array.shape[2]
    return {"width": array.shape[1], "height": array.shape[0], "channels": channels, "pixels": array.tobytes().hex()}


def main():
    told = {}
    for name, file in files():
        path = HERE / "Fixtures" / f"{name}.jpg"
        if "--check" not in sys.argv:
            path.write_bytes(file)
        told[name] = pixels(path.read_bytes())
    text = json.dumps(told, indent=1, sort_keys=True) + "\n"
    cases = HERE / "jpeg-cases.json"
    if "--check" not in sys.argv:
        cases.write_text(text)
    elif cases.read_text() != text:
        sys.exit("Pillow makes something else of the files")


main()
