"""Remakes evaluation.json. Run: /tmp/peers-learn/bin/python make_evaluation.py ../../../pipelines/data > evaluation.json

Trains on the rows whose number from 0 is no multiple of 5 and judges the others, as EvaluateModelTests does."""
import csv, hashlib, json, sys
import numpy, sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (accuracy_score, brier_score_loss, log_loss, precision_recall_fscore_support,
                             roc_auc_score)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

MEASURES = ["Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
out = {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__}

def is_number(values):
    try: [float(v) for v in values]
    except ValueError: return False
    return True

for name, target in (("german_credit", "creditability"), ("penguins", "Species")):
    text = open(f"{sys.argv[1]}/{name}.csv", "rb").read()
    rows = list(csv.DictReader(text.decode().splitlines()))
    y = numpy.array([r[target] for r in rows])
    if name == "penguins":
        x = numpy.array([[float(r[m]) if r[m] != "NA" else numpy.nan for m in MEASURES] for r in rows])
        prepare = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    else:
        names = [n for n in rows[0] if n != target]
        numeric = [i for i, n in enumerate(names) if is_number([r[n] for r in rows])]
        others = [i for i in range(len(names)) if i not in numeric]
        x = numpy.array([[float(r[n]) if i in numeric else r[n] for i, n in enumerate(names)] for r in rows], dtype=object)
        prepare = ColumnTransformer([("n", StandardScaler(), numeric),
                                     ("c", OneHotEncoder(handle_unknown="ignore"), others)], sparse_threshold=0)
    place = numpy.arange(len(rows))
    train, test = place[place % 5 != 0], place[place % 5 == 0]
    model = make_pipeline(prepare, LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000))
    model.fit(x[train], y[train])
    p, guess, truth = model.predict_proba(x[test]), model.predict(x[test]), y[test]
    classes = list(model.classes_)
    if len(classes) == 2:
        scores = precision_recall_fscore_support(truth, guess, pos_label=classes[1], average="binary", zero_division=0)
        auc = roc_auc_score(truth == classes[1], p[:, 1])
        brier = brier_score_loss(truth == classes[1], p[:, 1])
    else:
        scores = precision_recall_fscore_support(truth, guess, average="macro", zero_division=0)
        auc = roc_auc_score(truth, p, multi_class="ovr", average="macro")
        brier = brier_score_loss(truth, p, scale_by_half=False)
    out[name] = {
        "sha256": hashlib.sha256(text).hexdigest(), "n": len(test), "accuracy": accuracy_score(truth, guess),
        "precision": scores[0], "recall": scores[1], "f1": scores[2], "auc": auc, "brier": brier,
        "log_loss": log_loss(truth, p, labels=classes),
    }
json.dump(out, sys.stdout, separators=(",", ":"), sort_keys=True)
