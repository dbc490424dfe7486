#!/usr/bin/env python3
"""Archives as other programs write them, beside what must come out (ArchiveTests.swift): Python's zipfile and tarfile,
GNU tar, and a few that are made to lead astray. `make.py`, in this folder."""

import io
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent / "Fixtures"
LONG = "/".join(["a-folder-with-a-name-of-forty-characters"] * 4) + "/ü.txt"
FILES = {"a.txt": b"one\n", "b/c.txt": b"", "b/d.bin": bytes(range(256)) * 40, LONG: b"long\n"}


def zipped(name: str, method: int, files=FILES, **options) -> None:
    with zipfile.ZipFile(FOLDER / name, "w", method) as archive:
        for path, data in files.items():
            info = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            info.compress_type = method
            for key, value in options.items():
                setattr(info, key, value)
            archive.writestr(info, data)


def deflated(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def tarred(name: str, form: int, mode: str = "w", extra=()) -> None:
    with tarfile.open(FOLDER / name, mode, format=form) as archive:
        for path, data in FILES.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in extra:
            archive.addfile(info)


def special(kind: bytes, name: str, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    zipped("stored.zip", zipfile.ZIP_STORED)
    zipped("deflated.zip", zipfile.ZIP_DEFLATED)
    zipped("bzip2.zip", zipfile.ZIP_BZIP2)
    # Written to a pipe: sizes stand behind each file, and in the list.
    pipe = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            pipe.write(data)
            return len(data)

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in FILES.items():
            with archive.open(deflated(path), "w", force_zip64=True) as file:
                file.write(data)
    (FOLDER / "piped.zip").write_bytes(pipe.getvalue())
    with zipfile.ZipFile(FOLDER / "empty.zip", "w"):
        pass
    zipped("outside.zip", zipfile.ZIP_STORED, {"a.txt": b"one\n", "../out.txt": b"two\n"})
    zipped("root.zip", zipfile.ZIP_STORED, {"/tmp/out.txt": b"two\n"})
    zipped("windows.zip", zipfile.ZIP_STORED, {"b/c.txt": b"1", "a.txt": b"2"}, create_system=0)
    windows = (FOLDER / "windows.zip").read_bytes().replace(b"b/c.txt", b"b\\c.txt")
    (FOLDER / "windows.zip").write_bytes(windows)
    zipped("link.zip", zipfile.ZIP_STORED, {"passwd": b"/etc/passwd"}, external_attr=0o120777 << 16)
    zipped("encrypted.zip", zipfile.ZIP_STORED, {"a.txt": b"one\n"}, flag_bits=1)
    (FOLDER / "encrypted.zip").write_bytes(flagged((FOLDER / "encrypted.zip").read_bytes()))
    with zipfile.ZipFile(FOLDER / "twice.zip", "w") as archive:
        for path in ("a.txt", "a.txt/b.txt"):
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), b"one\n")
    zipped("hidden.zip", zipfile.ZIP_STORED, {"a.txt": b"one\n", "__MACOSX/._a.txt": b"two\n"})
    overlapping()
    tarred("ustar.tar.gz", tarfile.USTAR_FORMAT, "w:gz")
    tarred("gnu.tar", tarfile.GNU_FORMAT)
    tarred("pax.tar", tarfile.PAX_FORMAT)
    subprocess.run(["zstd", "-q", "-f", FOLDER / "pax.tar", "-o", FOLDER / "pax.tar.zst"], check=True)
    links = [special(tarfile.SYMTYPE, "link", "/etc"), special(tarfile.LNKTYPE, "b/hard", "a.txt"),
             special(tarfile.FIFOTYPE, "pipe"), special(tarfile.DIRTYPE, "empty")]
    tarred("links.tar.gz", tarfile.GNU_FORMAT, "w:gz", links)
    outside = tarfile.TarInfo("b/../../out.txt")
    tarred("outside.tar.gz", tarfile.GNU_FORMAT, "w:gz", [outside])


def flagged(data: bytes) -> bytes:
    """With the flag of encryption, which zipfile takes away again."""
    data = bytearray(data)
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


def overlapping() -> None:
    """Two files of the list with the same bytes."""
    zipped("overlap.zip", zipfile.ZIP_DEFLATED, {"a": b"0" * 100_000, "b": b"1" * 100_000})
    data = bytearray((FOLDER / "overlap.zip").read_bytes())
    second = data.find(b"PK\x01\x02", data.find(b"PK\x01\x02") + 1)
    struct.pack_into("<I", data, second + 42, 0)
    (FOLDER / "overlap.zip").write_bytes(data)


if __name__ == "__main__":
    main()
