"""Remakes Sources/Estimators/Texts/Unicode/UnicodeData.swift from the Unicode Character Database.

Run, with a Python that has the package unicodedata2 (whose version is the Unicode version):
    python scripts/unicode_tables.py > Sources/Estimators/Texts/Unicode/UnicodeData.swift

What a letter's small letter is comes from Python's `str.lower`, and of letters newer than that Python from their names.
"""
import sys
import unicodedata as own
import unicodedata2 as data

EVERY = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]


def pack(numbers):
    text = []
    for number in numbers:
        while number > 31:
            text.append(chr(0x30 + 32 + (number & 31)))
            number >>= 5
        text.append(chr(0x30 + number))
    return "".join(text)


def signed(number):
    return number << 1 if number >= 0 else (-number - 1) << 1 | 1


def is_word(c):
    """As `\\w` of Python's `re`: `str.isalnum` or the low line."""
    return c == "_" or data.category(c)[0] == "L" or data.numeric(c, None) is not None


def small(c):
    lower = c.lower()
    if lower == c and own.category(c) == "Cn" and data.category(c) == "Lu":
        lower = data.lookup(data.name(c).replace("CAPITAL", "SMALL"))
    return lower


def ranges(holds):
    """Where it begins to hold and where it ends to, each as a step from the one before."""
    steps, last, held = [], 0, False
    for c in EVERY:
        if holds(c) != held:
            steps.append(ord(c) - last)
            last, held = ord(c), not held
    return steps


def runs(value):
    """Scalars, the steps between them and the steps of their values, where the value is not 0."""
    numbers, last, before = [], 0, 0
    for c in EVERY:
        if value(c):
            numbers += [ord(c) - last, signed(value(c) - before)]
            last, before = ord(c), value(c)
    return numbers


def lowercase():
    """Of U+0130 alone the small letter is two scalars; the code treats it by itself."""
    assert [c for c in EVERY if len(small(c)) > 1] == ["\u0130"]
    return runs(lambda c: 0 if len(small(c)) > 1 else ord(small(c)) - ord(c))


def is_hangul(c):
    return 0xAC00 <= ord(c) < 0xAC00 + 11172


def decompositions():
    """Scalar, length and scalars of each full compatibility decomposition, but for Hangul syllables."""
    numbers, last, near = [], 0, 0
    for c in EVERY:
        whole = data.normalize("NFKD", c)
        if whole != c and not is_hangul(c):
            numbers += [ord(c) - last, len(whole)]
            last = ord(c)
            for part in whole:
                numbers.append(signed(ord(part) - near))
                near = ord(part)
    return numbers


def compositions():
    """First, second and composed scalar of each primary composite, but for Hangul syllables."""
    numbers, last = [], (0, 0, 0)
    for c in EVERY:
        parts = data.decomposition(c).split()
        if len(parts) == 2 and parts[0][0] != "<" and data.normalize("NFC", c) == c and not is_hangul(c):
            triple = (int(parts[0], 16), int(parts[1], 16), ord(c))
            numbers += [signed(a - b) for a, b in zip(triple, last)]
            last = triple
    return numbers


def literal(name, comment, numbers):
    text = pack(numbers)
    lines = [text[i:i + 100] for i in range(0, len(text), 100)]
    return "\n".join([f"    /// {comment}", f'    static let {name}: StaticString = #"""'] + [f"        {l}" for l in lines] + ['        """#'])


if __name__ == "__main__":
    print(f"""// Made by scripts/unicode_tables.py from Unicode {data.unidata_version}; not to be edited.

/// Tables of the Unicode Character Database, packed (`PackedNumbers`); `UnicodeTables` unpacks them.
enum UnicodeData {{
    static let version = "{data.unidata_version}"
""")
    print("\n\n".join([
        literal("words", "Where scalars of words begin and end.", ranges(is_word)),
        literal("lowercase", "Scalars and what is added for their small letters.", lowercase()),
        literal("classes", "Scalars and their canonical combining classes.", runs(data.combining)),
        literal("decompositions", "Full compatibility decompositions.", decompositions()),
        literal("compositions", "Primary composites.", compositions()),
    ]))
    print("}")
