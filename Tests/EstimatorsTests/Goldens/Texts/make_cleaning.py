"""Remakes cleaning.json: normalization form KC of unicodedata2, and html.unescape.
Run, with a Python that has unicodedata2: python make_cleaning.py > cleaning.json"""
import html, json, platform, random, sys
import unicodedata2

every = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]


def fnv(text):
    """FNV-1a over UTF-8, of 64 bits."""
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & (1 << 64) - 1
    return f"{h:016x}"


def blocks(change):
    """Of each 4096 scalars a digest of what they become, one a line."""
    return [fnv("\n".join(change(chr(n)) for n in range(b << 12, b + 1 << 12) if not 0xD800 <= n < 0xE000)) for b in range(0x110)]


nfkc = lambda t: unicodedata2.normalize("NFKC", t)
r = random.Random(5)
lively = [c for c in every if nfkc(c) != c or unicodedata2.combining(c) or unicodedata2.decomposition(c)]
lively += [chr(n) for n in range(0x1100, 0x1200)] * 3 + [chr(n) for n in range(0xAC00, 0xAC00 + 200)] * 2
seconds = sorted({chr(int(p, 16)) for c in every for p in unicodedata2.decomposition(c).split()[1:2] if p[0] != "<"})
marks = [c for c in every if unicodedata2.combining(c)]
sequences = []
for _ in range(1500):
    sequences.append("".join(r.choice([r.choice(lively), r.choice(lively), r.choice(marks), r.choice(seconds), r.choice("aeioukAEIOU \u0928\u09c7\u1100\u1161\u30ab"), r.choice(every)]) for _ in range(r.randrange(1, 9))))
# Many marks in no order.
sequences.append("a" + "".join(r.choice(marks) for _ in range(400)))
references = [
    "&amp;", "&amp", "&lt;b&gt;", "&notit;", "&notin;", "&not", "&#38;", "&#x26;", "&#X26", "&#128;", "&#x9f;", "&#0;", "&#xD800;", "&#x110000;", "&#99999999999999;",
    "&#1;", "&#11;", "&#xFFFE;", "&#x1FFFF;", "&#13;", "&#x80;&#x81;", "&;", "&", "&#;", "&#x;", "&x", "&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegral", "&NotEqualTilde;",
    "&copy;&reg&eacute;&Eacute", "a&b &c; &nbsp;x&nbspy", "&ampamp;", "&amp;amp;", "&fjlig;", "&zwj;", "&hearts;&hellip;", "&unknown;", "&sup2;&sup2&frac12", "&AMP;&QUOT&Lt;&lt", "&acE;&bne;",
]
json.dump({
    "unicodedata2": unicodedata2.unidata_version, "python": platform.python_version(), "blocks": blocks(nfkc),
    "sequences": [[" ".join(f"{ord(c):X}" for c in t) for t in (s, nfkc(s))] for s in sequences],
    "references": [[t, html.unescape(t)] for t in references],
}, sys.stdout, separators=(",", ":"))
