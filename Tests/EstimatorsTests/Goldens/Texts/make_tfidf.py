"""Remakes tfidf.json: what scikit-learn's text vectorizers make of pipelines/data/tweets.jsonl and of texts of many scripts.
Run: python make_tfidf.py ../../../../pipelines/data/tweets.jsonl > tfidf.json"""
import hashlib, json, platform, sys, unicodedata
import numpy, scipy, sklearn
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

data = open(sys.argv[1], "rb").read()
tweets = [json.loads(line)["text"] for line in data.decode().splitlines()]
scripts = [
    "今天的天气真好，我们去公园散步吧。", "这家酒店的服务很好，房间也很干净！", "这家 酒店 的 房间 太小，下次 不来了。",
    "物流很快，质量不错，五分好评", "电池不耐用，两个小时就没电了…", "ｆｕｌｌ　ｗｉｄｔｈ ＡＢＣ１２３", "东京タワーは高いです。東京の夜景がきれい",
    "カタカナとひらがな、漢字を混ぜた文", "ﾊﾝｶｸｶﾀｶﾅ　です", "한국어 문장은 띄어쓰기가 있습니다", "ΟΔΥΣΣΕΥΣ και ΣΟΦΟΣ: ΑΣ. Σ ΣΑΣ'Σ ΑΣ\u0301Σ",
    "İSTANBUL ıssız IĞDIR İ", "STRASSE Straße ẞ", "Привет, МИР! Съешь ещё этих МЯГКИХ французских булок", "שלום עולם", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया",
    "naïve café CAFÉ cafe\u0301 Ångström", "x² + y³ = ½ ⅷ Ⅷ ①", "under_score __init__ a_b c", "tab\tand\nline\r\nend\u2003em\u00a0nbsp  two",
    "\x1c\x1dseparators\x1e\x1f", "😀 emoji👍🏽 between👨‍👩‍👧words ❤️", "", " ", "a", "I", "ab", "Ⱥ ⱥ Ⱦ K Å ſ", "𐐀𐐁𐐂 𝐁𝐨𝐥𝐝 𠮷野家", "ǅ ǆ Ǆ ﬁ ﬀ", "\u0300\u0301 marks",
]
cases = [
    ("tweets", dict()),
    ("tweets", dict(ngram_range=[1, 2], sublinear_tf=True, min_df=2, max_df=0.5)),
    ("tweets", dict(ngram_range=[2, 3], min_df=2)),
    ("tweets", dict(analyzer="char", ngram_range=[2, 4], min_df=10)),
    ("tweets", dict(analyzer="char_wb", ngram_range=[3, 5], min_df=0.002, sublinear_tf=True)),
    ("tweets", dict(lowercase=False, use_idf=False, norm="l1")),
    ("tweets", dict(smooth_idf=False, norm=None)),
    ("tweets", dict(max_features=1000)),
    ("tweets", dict(max_features=500, ngram_range=[1, 2], max_df=400)),
    ("tweets", dict(hashing=True, n_features=2**18)),
    ("tweets", dict(hashing=True, n_features=1000, ngram_range=[1, 2], alternate_sign=False, norm="l1")),
    ("tweets", dict(hashing=True, n_features=2**20, analyzer="char_wb", ngram_range=[2, 4], norm=None)),
    ("scripts", dict()),
    ("scripts", dict(lowercase=False, ngram_range=[1, 2])),
    ("scripts", dict(analyzer="char", ngram_range=[1, 3])),
    ("scripts", dict(analyzer="char", ngram_range=[1, 1], lowercase=False)),
    ("scripts", dict(analyzer="char_wb", ngram_range=[1, 4])),
    ("scripts", dict(analyzer="char_wb", ngram_range=[6, 9], sublinear_tf=True)),
    ("scripts", dict(hashing=True, n_features=2**16, analyzer="char", ngram_range=[1, 2])),
]


def made(texts, options):
    options = dict(options)
    hashing = options.pop("hashing", False)
    options["ngram_range"] = tuple(options.get("ngram_range", [1, 1]))
    if "max_features" in options:
        # Which of two terms of equal count is within the limit would be chance.
        counts = CountVectorizer(**{k: v for k, v in options.items() if k in ("ngram_range", "max_df")}).fit_transform(texts)
        totals = numpy.sort(numpy.asarray(counts.sum(axis=0)).ravel())[::-1]
        while totals[options["max_features"] - 1] == totals[options["max_features"]]:
            options["max_features"] -= 1
    vectorizer = HashingVectorizer(**options) if hashing else TfidfVectorizer(**options)
    rows = vectorizer.fit_transform(texts)
    rows.sort_indices()
    if hashing:
        rows.eliminate_zeros()
    out = {"entries": rows.nnz, "sum": rows.sum()}
    if "max_features" in options:
        out["limit"] = options["max_features"]
    if not hashing:
        terms = vectorizer.get_feature_names_out()
        out["width"] = len(terms)
        step = max(1, len(terms) // 50)
        out["terms"] = terms[::step].tolist()
        if options.get("use_idf", True):
            out["idf"] = vectorizer.idf_[::step].tolist()
    # A value of every row that knows which columns its own values stand in.
    step = max(1, len(texts) // 100)
    out["sums"] = [float((rows.data[a:b] * (1 + rows.indices[a:b] % 97)).sum()) for a, b in zip(rows.indptr[:-1:step], rows.indptr[1::step])]
    sample = range(0, len(texts), len(texts) // 4)
    out["rows"] = [[i, rows[i].indices.tolist(), [round(v, 12) for v in rows[i].data.tolist()]] for i in sample]
    return out


json.dump({
    "scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "scipy": scipy.__version__, "python": platform.python_version(),
    "unicode": unicodedata.unidata_version, "sha256": hashlib.sha256(data).hexdigest(), "scripts": scripts,
    "cases": [{"texts": name, "options": options, **made(tweets if name == "tweets" else scripts, options)} for name, options in cases],
}, sys.stdout, separators=(",", ":"))
