"""Remakes byte_pairs.json: byte pairs of tweets by the plainest program, which counts all pairs anew for each merge.
Run: python3 make_byte_pairs.py ../../../../pipelines/data/tweets.jsonl > byte_pairs.json"""
import collections, hashlib, json, re, sys

data = open(sys.argv[1], "rb").read()
tweets = [json.loads(line)["text"] for line in data.decode().splitlines()]
PIECE = re.compile(r" ?\w{1,63}| ?[^\s\w]{1,63}|\s+?(?= ?\S|\Z)")


def learn(texts, unit, merges):
    counts = collections.Counter(p for t in texts for p in PIECE.findall(t))
    if unit == "bytes":
        first, units = 256, lambda p: tuple(p.encode())
    else:
        alphabet = sorted({c for p in counts for c in p})
        first, units = 1 + len(alphabet), lambda p: tuple(1 + alphabet.index(c) for c in p)
    words = {p: units(p) for p in counts}
    learned = []
    for new in range(first, first + merges):
        pairs = collections.Counter()
        for p, word in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += counts[p]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        learned.append(best)
        words = {p: merge(word, best, new) for p, word in words.items()}
    tokens = [[t for p in PIECE.findall(text) for t in words[p]] for text in texts[::40]]
    return {"unit": unit, "first": first, "merges": learned, "tokens": tokens}


def merge(word, pair, new):
    out, i = [], 0
    while i < len(word):
        if word[i:i + 2] == pair:
            out.append(new)
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


texts = tweets[:400]
json.dump({
    "sha256": hashlib.sha256(data).hexdigest(), "texts": len(texts), "step": 40,
    "cases": [learn(texts, unit, 400) for unit in ("bytes", "characters")],
}, sys.stdout, separators=(",", ":"))
