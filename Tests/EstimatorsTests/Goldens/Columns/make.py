"""Remakes the goldens of estimators of columns. Run in this folder, for each PART:
~/.cache/sluice-peers-prepare/bin/python make.py PART > PART.json
Data: auto-imports (Schlimmer, 1987; UCI, CC BY 4.0), read from /work/shared/data or the folder in $DATA."""
import csv, hashlib, json, math, os, sys, warnings
import numpy, scipy, sklearn
from scipy.special import digamma
from sklearn import metrics, preprocessing
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_selection import VarianceThreshold, _mutual_info
from sklearn.impute import IterativeImputer, KNNImputer
from sklearn.metrics.pairwise import nan_euclidean_distances
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.simplefilter("ignore")
FILE = os.path.join(os.environ.get("DATA", "/work/shared/data"), "auto-imports/imports85.csv")
TEXT = open(FILE, "rb").read()
ROWS = list(csv.DictReader(TEXT.decode().splitlines()))
TEXTS = ["make", "fuel-type", "aspiration", "num-of-doors", "body-style", "drive-wheels", "engine-location", "engine-type",
         "num-of-cylinders", "fuel-system"]
NAMES = [n for n in ROWS[0] if n not in TEXTS]
X = numpy.array([[numpy.nan if r[n] == "?" else float(r[n]) for n in NAMES] for r in ROWS])
generator = numpy.random.default_rng(5)
TIED = generator.integers(0, 6, 300).astype(float)
TIED[::17] = numpy.nan
NORMAL = numpy.round(generator.normal(size=200) * 30, 3)
COLUMNS = {**{n: X[:, i] for i, n in enumerate(NAMES)}, "tied": TIED, "normal": NORMAL, "constant": numpy.full(9, 3.25)}
DIGITS = 14 if sys.argv[1:] == ["selecting"] else 10


def plain(value):
    """Lists in which what is missing is null."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    if isinstance(value, numpy.generic):
        return plain(value.item())
    if isinstance(value, float):
        # Inputs are short; of results ten digits are compared by six.
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def levels(name):
    own = sorted({r[name] for r in ROWS} - {"?"})
    return own, [own.index(r[name]) if r[name] != "?" else -1 for r in ROWS]


def data():
    return {"columns": COLUMNS, "levels": {n: dict(zip(("names", "codes"), levels(n))) for n in TEXTS},
            "symboling": [int(r["symboling"]) + 2 for r in ROWS], "numeric": NAMES}


def scaling():
    out = {}
    for name, column in COLUMNS.items():
        x = column.reshape(-1, 1)
        robust = [preprocessing.RobustScaler(**o).fit(x) for o in (
            {}, {"quantile_range": (10, 80), "unit_variance": True}, {"with_centering": False}, {"with_scaling": False})]
        out[name] = {
            "robust": [[0 if r.center_ is None else r.center_[0], 1 if r.scale_ is None else r.scale_[0], r.transform(x)[1, 0]]
                       for r in robust],
            "max_abs": preprocessing.MaxAbsScaler().fit(x).scale_[0],
            "quantile": [[k, o, preprocessing.QuantileTransformer(n_quantiles=k, output_distribution=o, subsample=None)
                          .fit(x).transform(numpy.vstack([x[:60], [[-1e5], [1e5], [3.3]]]))[:, 0]]
                         for k in (1000, 20, 1) for o in ("uniform", "normal")],
        }
    return out


def binning():
    out = {}
    price, symboling = COLUMNS["price"], numpy.array(data()["symboling"])
    for name, column in COLUMNS.items():
        present = ~numpy.isnan(column)
        x = column[present].reshape(-1, 1)
        own = out[name] = {"bins": []}
        for strategy in ("quantile", "uniform"):
            for count in (2, 5, 40):
                b = preprocessing.KBinsDiscretizer(count, strategy=strategy, encode="ordinal", subsample=None).fit(x)
                codes = numpy.full(len(column), -1)
                codes[present] = b.transform(x)[:, 0]
                own["bins"].append([strategy, count, b.bin_edges_[0][1:-1], codes])
        if name not in NAMES or name == "symboling":
            continue
        own["tree"] = []
        for criterion in ("gini", "entropy", "squared_error"):
            for count, least in ((5, 1), (8, 10), (30, 3)):
                y = price if criterion == "squared_error" else symboling
                known = present & ~numpy.isnan(y)
                kind = DecisionTreeRegressor if criterion == "squared_error" else DecisionTreeClassifier
                tree = kind(criterion=criterion, max_leaf_nodes=count, min_samples_leaf=least, random_state=0).fit(
                    column[known].reshape(-1, 1), y[known])
                edges = sorted(t for t, left in zip(tree.tree_.threshold, tree.tree_.children_left) if left >= 0)
                own["tree"].append([criterion, count, least, edges])
    return out


def encoding():
    price = COLUMNS["price"]
    known = ~numpy.isnan(price)
    targets = {"continuous": price, "multiclass": numpy.array(data()["symboling"]), "binary": (price > 10000).astype(int)}
    out = {"ordinal": {}, "target": [], "folds": [], "hashed": []}
    for name in TEXTS:
        own, codes = levels(name)
        x = numpy.array([own[c] if c >= 0 else None for c in codes], dtype=object).reshape(-1, 1)
        out["ordinal"][name] = preprocessing.OrdinalEncoder().fit_transform(x)[:, 0]
        for kind, y in targets.items():
            for smooth in ("auto", 0.0, 7.5):
                e = preprocessing.TargetEncoder(target_type=kind, smooth=smooth).fit(x[known], y[known])
                new = numpy.array(own + [None, "nothing like it"], dtype=object).reshape(-1, 1)
                out["target"].append([name, kind, -1 if smooth == "auto" else smooth, e.transform(new)])
    # Folds are ours (folds.txt: TargetEncoder.folds of symboling, 5 of them, seed 7), given to scikit-learn by fitting on all
    # rows of the others.
    fold = [int(f) for f in open("folds.txt").read().split()]
    own, codes = levels("make")
    x = numpy.array([own[c] for c in codes], dtype=object).reshape(-1, 1)
    fold = numpy.array(fold)
    y = targets["multiclass"]
    values = numpy.zeros((len(x), len(set(y))))
    for f in range(5):
        e = preprocessing.TargetEncoder(target_type="multiclass").fit(x[fold != f], y[fold != f])
        part = e.transform(x[fold == f])
        values[fold == f] = part
    out["folds"] = {"fold": fold, "values": values}
    texts = sorted({r["make"] for r in ROWS}) + ["", "é", "汽车", "a", "ab", "abc", "abcd", "abcde"]
    for columns in (8, 1000, 1 << 20):
        for alternate in (True, False):
            m = FeatureHasher(columns, input_type="string", alternate_sign=alternate).transform([[t] for t in texts]).tocoo()
            out["hashed"].append([columns, alternate, texts, m.col[numpy.argsort(m.row)], m.data[numpy.argsort(m.row)]])
    return out


def neighbours(x, k, weights):
    """KNNImputer where what is nearest is plain; null where a tie at the last neighbour, or a distance of zero, decides."""
    filled = KNNImputer(n_neighbors=k, weights=weights).fit_transform(x)
    distance = nan_euclidean_distances(x, x)
    for row, column in zip(*numpy.nonzero(numpy.isnan(x))):
        donors = numpy.sort(distance[row][~numpy.isnan(x[:, column]) & ~numpy.isnan(distance[row])])
        tied = len(donors) > k and donors[k] - donors[k - 1] <= 1e-6 * donors[k] + 1e-6
        if tied or (weights == "distance" and donors[0] < 1e-3):
            filled[row, column] = numpy.nan
    return filled


def masked():
    """Auto-imports with every eleventh value of every column taken away as well."""
    x = X.copy()
    for column in range(x.shape[1]):
        x[(column * 7) % 11::11, column] = numpy.nan
    return x


def imputing():
    x = masked()
    scaled = numpy.round(x / numpy.nanstd(x, axis=0), 6)
    iterative = IterativeImputer().fit(x)
    missing = numpy.isnan(x)
    return {
        "masked": x, "scaled": scaled,
        "knn": [[k, w, neighbours(scaled, k, w)[missing]] for k in (1, 3, 5, 500) for w in ("uniform", "distance")],
        "raw": neighbours(x, 5, "uniform")[missing],
        "iterative": iterative.transform(x)[missing], "rounds": iterative.n_iter_,
        "orders": [[o, IterativeImputer(imputation_order=o, max_iter=3, tol=1e-9).fit_transform(x)[missing]]
                   for o in ("ascending", "descending", "roman", "arabic")],
        "other": IterativeImputer().fit(x[:150]).transform(x[150:])[missing[150:]],
    }


def projecting():
    known = X[~numpy.isnan(X).any(axis=1)]
    scaled = (known - known.mean(axis=0)) / known.std(axis=0)
    scaled = numpy.round(scaled, 6)
    cases = []
    for number, x in enumerate((scaled, known, scaled[:6])):
        for kept in (None, 3, 0.8, 0.99):
            for whiten in (False, True):
                # Directions of no variance are arbitrary, and whitened they are noise.
                if kept is None and len(x) == 6:
                    continue
                p = PCA(kept, whiten=whiten, svd_solver="full").fit(x)
                cases.append({"x": number, "kept": 0 if kept is None else kept, "whiten": whiten, "components": p.components_,
                              "variances": p.explained_variance_, "shares": p.explained_variance_ratio_,
                              "out": p.transform(x[:15])})
    return {"matrices": [scaled, known, scaled[:6]], "cases": cases}


def selecting():
    y = COLUMNS["price"]
    symboling = numpy.array(data()["symboling"])
    out = {"variances": [VarianceThreshold(t).fit(X).get_support(indices=True) for t in (0, 3.0, 1000)],
           "levels": [], "mixed": [], "numbers": []}
    for a in TEXTS:
        out["levels"].append([a, metrics.mutual_info_score(levels(a)[1], symboling)])
    for name in NAMES[1:]:
        x = COLUMNS[name]
        for k in (1, 3, 7):
            known = ~numpy.isnan(x)
            out["mixed"].append([name, k, _mutual_info._compute_mi_cd(x[known], symboling[known], k)])
    # Values of few decimals have many equal distances, and then the last bit of the scale decides: these have none.
    for name in ("length", "horsepower", "city-mpg"):
        known = ~numpy.isnan(COLUMNS[name]) & ~numpy.isnan(y)
        pair = [numpy.round(v[known] + generator.uniform(-0.05, 0.05, known.sum()) * v[known].std(), 9)
                for v in (COLUMNS[name], y)]
        a, b = (preprocessing.scale(v, with_mean=False) for v in pair)
        out["numbers"].append([*pair, [_mutual_info._compute_mi_cc(a, b, k) for k in (1, 3, 7)]])
    return out


def outliers():
    """Scores of scikit-learn's forest on rows with planted outliers: held against ours by rank alone."""
    x = generator.normal(size=(500, 4))
    x[:20] += 8 * generator.choice([-1, 1], size=(20, 4))
    x = numpy.round(x, 3)
    forest = IsolationForest(n_estimators=200, random_state=0).fit(x)
    return {"x": x, "planted": 20, "scores": -forest.score_samples(x)}


part = sys.argv[1]
json.dump(plain({
    "scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "scipy": scipy.__version__,
    "sha256": hashlib.sha256(TEXT).hexdigest(), **globals()[part]()}), sys.stdout, separators=(",", ":"), allow_nan=False)
print()
