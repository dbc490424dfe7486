"""Remakes statistics.json. Run: VENV/bin/python make_statistics.py > statistics.json (pandas, scipy)

Numbers of data reports as pandas and scipy have them: moments, quantiles, histograms, correlations, associations, drift.
"""
import hashlib, json, sys
import numpy, pandas, scipy
from scipy import special, stats

generator = numpy.random.default_rng(11)
n = 240
base = generator.normal(size=n)
frame = pandas.DataFrame({
    "normal": base * 3 + 100,
    "related": base * 2 + generator.normal(size=n),
    "skewed": numpy.exp(generator.normal(size=n) * 1.5),
    "counts": generator.integers(0, 7, n).astype(float),
    "far": base * 1e-3 + 1e6,
    "constant": numpy.full(n, 4.25),
}).round(9)
frame.loc[generator.choice(n, 31, replace=False), "related"] = numpy.nan
frame.loc[generator.choice(n, 150, replace=False), "skewed"] = numpy.nan
levels = pandas.DataFrame({
    "a": generator.integers(0, 4, n),
    "b": 0,
    "c": generator.integers(0, 2, n),
})
levels["b"] = numpy.where(generator.random(n) < 0.6, levels["a"] % 3, generator.integers(0, 3, n))
levels.loc[generator.choice(n, 20, replace=False), "c"] = -1
reference = generator.normal(loc=99.5, scale=3.2, size=190).round(9)


def value(x):
    return None if x is None or not numpy.isfinite(x) else float(x)


def cramer(one, other):
    both = (one >= 0) & (other >= 0)
    return stats.contingency.association(pandas.crosstab(one[both], other[both]).to_numpy(), method="cramer")


def eta(level, number):
    both = (level >= 0) & number.notna()
    level, number = level[both], number[both]
    if number.nunique() < 2:
        return None
    means = number.groupby(level).transform("mean")
    return float(numpy.sqrt(((means - number.mean()) ** 2).sum() / ((number - number.mean()) ** 2).sum()))


def stability(expected, actual):
    e = numpy.maximum(1e-4, numpy.array(expected) / sum(expected))
    a = numpy.maximum(1e-4, numpy.array(actual) / sum(actual))
    kept = (numpy.array(expected) + numpy.array(actual)) > 0
    return float(((a - e) * numpy.log(a / e))[kept].sum())


def bins(values, borders):
    return numpy.histogram(values, [-numpy.inf, *numpy.nextafter(borders, numpy.inf), numpy.inf])[0].tolist()


columns = {}
for name in frame:
    own = frame[name].dropna()
    edges = numpy.linspace(own.min() - 1, own.max() + 1, 8).round(3)
    columns[name] = {
        "values": [value(x) for x in frame[name]], "mean": own.mean(), "deviation": own.std(),
        "skewness": None if own.nunique() < 2 else value(stats.skew(own)),
        "quantiles": own.quantile([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]).tolist(),
        "distinct": own.nunique(), "mode": own.mode().min(), "edges": edges.tolist(),
        "histogram": numpy.histogram(own, edges)[0].tolist(),
        "ranks": [value(x) for x in frame[name].rank()],
    }
deciles = numpy.unique(numpy.quantile(reference, numpy.arange(1, 10) / 10))
ks = stats.ks_2samp(reference, frame["normal"])
m = len(reference) * n / (len(reference) + n)
tests = [([30, 50, 20], [35, 40, 25]), ([5, 0, 12, 0], [1, 3, 40, 0]), ([400, 300, 10], [390, 310, 12])]
json.dump({
    "numpy": numpy.__version__, "pandas": pandas.__version__, "scipy": scipy.__version__,
    "sha256": hashlib.sha256(frame.to_csv().encode() + levels.to_csv().encode()).hexdigest(),
    "columns": columns,
    "pearson": [[value(x) for x in row] for row in frame.corr().to_numpy()],
    "spearman": [[value(x) for x in row] for row in frame.rank().corr().to_numpy()],
    "levels": {name: levels[name].tolist() for name in levels},
    "cramer": [[None if a == b else cramer(levels[a], levels[b]) for b in levels] for a in levels],
    "eta": [[eta(levels[a], frame[b]) for b in frame] for a in levels],
    "reference": reference.tolist(),
    "ks": {"statistic": ks.statistic, "p": float(special.kolmogorov(ks.statistic * numpy.sqrt(m)))},
    "psi": stability(bins(reference, deciles) + [0], bins(frame["normal"], deciles) + [0]),
    "chi_square": [
        {"expected": e, "actual": a, "psi": stability(e, a)}
        | dict(zip(["statistic", "p", "degrees"], (float(x) for x in stats.chi2_contingency(
            numpy.array([[x for x, y in zip(e, a) if x + y], [y for x, y in zip(e, a) if x + y]]), correction=False)[:3])))
        for e, a in tests],
    "kolmogorov": [[x, float(special.kolmogorov(x))] for x in [0.1, 0.3, 0.7, 0.99, 1.0, 1.01, 1.5, 2.2, 4.0]],
    "chi2": [[x, d, float(stats.chi2.sf(x, d))] for d in [1, 2, 3, 7, 40, 301] for x in [0.01, 0.9, 3.84, 12, 55, 330, 700]],
}, sys.stdout, separators=(",", ":"))
