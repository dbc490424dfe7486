"""Remakes german_credit.json. Run: /tmp/peers-sk/bin/python make.py PATH/german_credit.csv > german_credit.json"""
import csv, hashlib, json, sys
import numpy, sklearn
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler

text = open(sys.argv[1], "rb").read()
rows = list(csv.DictReader(text.decode().splitlines()))
names = [n for n in rows[0] if n != "creditability"]
numeric = [n for n in names if all(r[n].lstrip("-").isdigit() for r in rows)]
labels = numpy.array([int(r["creditability"] == "good") for r in rows])
numbers = numpy.array([[int(r[n]) for n in numeric] for r in rows])
codes = []
for n in names:
    if n not in numeric:
        levels = sorted({r[n] for r in rows})
        codes.append([levels.index(r[n]) for r in rows])
# Two digits: their text sorts as their number does.
codes = numpy.array([["%02d" % c for c in column] for column in codes]).T

def prepare(train, test):
    scaler = StandardScaler().fit(numbers[train].astype(float))
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(codes[train])
    return [numpy.hstack([scaler.transform(numbers[i].astype(float)), encoder.transform(codes[i])]) for i in (train, test)]

def fit(x, y):
    return LogisticRegression(C=1.0, solver="newton-cholesky" if len(set(y)) == 2 else "lbfgs", tol=1e-10, max_iter=10000).fit(x, y)

folds, aucs = [], []
for seed in range(10):
    fold = numpy.zeros(len(labels), int)
    for index, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=seed).split(numbers, labels)):
        fold[test] = index
        a, b = prepare(train, test)
        aucs.append(roc_auc_score(labels[test], fit(a, labels[train]).predict_proba(b)[:, 1]))
    folds.append("".join(map(str, fold)))
every = numpy.arange(len(labels))
x = prepare(every, every)[0]
model = fit(x, labels)
p = model.predict_proba(x)
iris = load_iris()
flowers = fit(iris.data, iris.target)
json.dump({
    "scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "sha256": hashlib.sha256(text).hexdigest(),
    "numbers": numbers.tolist(), "codes": ["".join(r) for r in codes], "labels": "".join(map(str, labels)), "folds": folds, "auc": aucs,
    "coefficients": model.coef_[0].tolist(), "intercept": model.intercept_[0],
    "log_loss": log_loss(labels, p), "brier": brier_score_loss(labels, p[:, 1]), "auc_all": roc_auc_score(labels, p[:, 1]),
    "iris": {"x": iris.data.ravel().tolist(), "labels": iris.target.tolist(), "coefficients": flowers.coef_.tolist(), "intercepts": flowers.intercept_.tolist()},
}, sys.stdout, separators=(",", ":"))
