"""Remakes transform.json.
Run: /tmp/peers-learn/bin/python make_transform.py PATH/german_credit.csv > transform.json
Fits on the rows whose number is not divisible by 5, transforms all; first blanks the cells that the test blanks."""
import csv, hashlib, json, sys
import numpy, sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

text = open(sys.argv[1], "rb").read()
rows = list(csv.DictReader(text.decode().splitlines()))
names = [n for n in rows[0] if n != "creditability"]
numeric = [n for n in names if all(r[n].lstrip("-").isdigit() for r in rows)]
fit = [i for i in range(len(rows)) if i % 5 != 0]

def numbers(name, blank):
    return numpy.array([[float("nan") if blank and i % 7 == 3 else float(r[name])] for i, r in enumerate(rows)])

out = {"peer": "scikit-learn " + sklearn.__version__, "input": hashlib.sha256(text).hexdigest(), "numeric": {}, "categorical": {}}
for name in numeric:
    column = numbers(name, True)
    entry = {}
    for strategy in ["median", "mean", "most_frequent"]:
        entry[strategy] = SimpleImputer(strategy=strategy).fit(column[fit]).statistics_[0]
    standard = StandardScaler().fit(column[fit])
    entry["standard"] = [standard.mean_[0], standard.scale_[0]]
    scaled = StandardScaler().fit(SimpleImputer(strategy="median").fit_transform(column[fit]))
    full = SimpleImputer(strategy="median").fit(column[fit]).transform(column)
    entry["imputed_then_standard"] = [x[0] for x in scaled.transform(full)][:20]
    entry["min_max"] = [x[0] for x in MinMaxScaler().fit(numbers(name, False)[fit]).transform(numbers(name, False))][:20]
    out["numeric"][name] = entry
for name in names:
    if name not in numeric:
        column = numpy.array([[r[name]] for r in rows])
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(column[fit])
        out["categorical"][name] = {
            "levels": list(encoder.categories_[0]),
            "rows": "".join(str(int(numpy.argmax(x))) if x.any() else "-" for x in encoder.transform(column)),
            "most_frequent": SimpleImputer(strategy="most_frequent").fit(column[fit].astype(object)).statistics_[0]}
print(json.dumps(out, sort_keys=True))
