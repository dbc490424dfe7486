"""Writes pictures of every kind by Pillow, and the pixels that Pillow itself reads back from each.

Usage: pictures.py FOLDER SEED
N.png or N.jpg, beside it N.pixels: a line `width height channels`, then the rows. Channels are ours: 1 grey, 3 colour,
4 colour and opacity; samples of 16 bits are rounded to 8, JPEG pictures turned as their Exif orientation says.
"""

import random
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps


def noise(chance, shape, top):
    """From plain to wild, so that every filter and every length of code is used."""
    y, x = numpy.indices(shape[:2])
    smooth = (x * chance.randrange(1, 9) + y * chance.randrange(1, 9)) * top // 64
    wild = numpy.random.default_rng(chance.randrange(1 << 30)).integers(0, top + 1, shape)
    part = smooth.reshape(shape[:2] + (1,) * (len(shape) - 2)) if len(shape) > 2 else smooth
    return numpy.where(wild % 7 < chance.randrange(8), wild, part) % (top + 1)


def picture(chance):
    height, width = chance.randrange(1, 70), chance.randrange(1, 70)
    mode = chance.choice(["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
    if mode == "I;16":
        return Image.fromarray(noise(chance, (height, width), 65535).astype(numpy.uint16)), mode
    if mode in ("P", "PA"):
        image = Image.fromarray(noise(chance, (height, width, 3), 255).astype(numpy.uint8))
        return image.quantize(chance.randrange(2, 256)), mode
    if mode == "1":
        return Image.fromarray(noise(chance, (height, width), 255).astype(numpy.uint8)).convert("1"), mode
    bands = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    shape = (height, width) if bands == 1 else (height, width, bands)
    return Image.fromarray(noise(chance, shape, 255).astype(numpy.uint8)), mode


def pixels(path):
    with Image.open(path) as image:
        if image.format == "JPEG":
            image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):
            wide = numpy.asarray(image).astype(numpy.int64)
            return ((wide * 255 + 32895) >> 16).astype(numpy.uint8)
        has_opacity = "A" in image.mode or "transparency" in image.info
        target = "RGBA" if has_opacity else "L" if image.mode in ("1", "L") else "RGB"
        return numpy.asarray(image.convert(target))


def main(folder, seed):
    chance = random.Random(int(seed))
    for number in range(60):
        image, mode = picture(chance)
        path = Path(folder) / f"{number}.{'jpg' if number % 3 == 0 else 'png'}"
        if path.suffix == ".jpg":
            exif = Image.Exif()
            exif[0x0112] = chance.randrange(1, 9)
            image = image.convert("L" if mode in ("1", "L", "LA", "I;16") else "RGB")
            image.save(
                path, quality=chance.randrange(5, 101), progressive=chance.random() < 0.5,
                optimize=chance.random() < 0.5, exif=exif, **({} if image.mode == "L" else {"subsampling": chance.randrange(3)}))
        else:
            options = {"transparency": 0} if mode == "PA" else {}
            image.save(path, compress_level=chance.randrange(10), **options)
        found = pixels(path)
        height, width = found.shape[:2]
        channels = 1 if found.ndim == 2 else found.shape[2]
        path.with_suffix(".pixels").write_bytes(f"{width} {height} {channels}\n".encode() + found.tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
