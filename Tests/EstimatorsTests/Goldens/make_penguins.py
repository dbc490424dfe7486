"""Remakes penguins.json. Run: /tmp/peers-learn/bin/python make_penguins.py PATH/penguins.csv > penguins.json"""
import csv, hashlib, json, sys
import numpy, sklearn
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, brier_score_loss, confusion_matrix, log_loss,
                             precision_recall_fscore_support, roc_auc_score, roc_curve)
from sklearn.preprocessing import StandardScaler

text = open(sys.argv[1], "rb").read()
names = ["Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
rows = [r for r in csv.DictReader(text.decode().splitlines()) if all(r[n] != "NA" for n in names)]
species = sorted({r["Species"] for r in rows})
y = numpy.array([species.index(r["Species"]) for r in rows])
measured = numpy.array([[float(r[n]) for n in names] for r in rows])

def fit(x, c=1.0, weights=None):
    return LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000, class_weight=weights).fit(x, y)

x = StandardScaler().fit_transform(measured)
model = fit(x)
weighted = fit(x, weights={0: 1, 1: 2.5, 2: 0.5})
# Two columns and a strong penalty: a model with errors, for metrics that tell.
weak = fit(x[:, [0, 3]], c=0.02)
p = weak.predict_proba(x[:, [0, 3]])
guess = weak.predict(x[:, [0, 3]])
def scores(average): return precision_recall_fscore_support(y, guess, average=average)[:3]
middle = y == 2
curve = roc_curve(middle, p[:, 2], drop_intermediate=False)
calibrated = calibration_curve(middle, p[:, 2], n_bins=10)
json.dump({
    "scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "sha256": hashlib.sha256(text).hexdigest(),
    "species": species, "labels": "".join(map(str, y)), "measured": measured.ravel().tolist(),
    "coefficients": model.coef_.ravel().tolist(), "intercepts": model.intercept_.tolist(),
    "weighted": {"coefficients": weighted.coef_.ravel().tolist(), "intercepts": weighted.intercept_.tolist()},
    "probabilities": p.ravel().tolist(), "guess": "".join(map(str, guess)),
    "confusion": confusion_matrix(y, guess).ravel().tolist(), "accuracy": accuracy_score(y, guess),
    "macro": scores("macro"), "weighted_scores": scores("weighted"),
    "auc": roc_auc_score(y, p, multi_class="ovr", average="macro"), "log_loss": log_loss(y, p),
    "brier": brier_score_loss(y, p, scale_by_half=False), "brier_last": brier_score_loss(middle, p[:, 2]),
    "roc": [[f, t, s] for f, t, s in zip(*(c.tolist() for c in curve))][1:],
    "calibration": [[m, f] for f, m in zip(*(c.tolist() for c in calibrated))],
}, sys.stdout, separators=(",", ":"))
