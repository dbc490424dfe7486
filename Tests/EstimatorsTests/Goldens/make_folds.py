"""Remakes folds.json: the sizes of scikit-learn's folds. Run: PYTHON make_folds.py > folds.json

Python with scikit-learn, such as that of ~/.cache/sluice-peers-prepare. A class that is rarer than the folds is an error of
ours; there is none here.
"""
import hashlib, json, sys
import numpy, sklearn
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

generator = numpy.random.default_rng(11)


def sizes(splitter, keys):
    pairs = list(splitter.split(keys, keys, keys))
    return {"train": [len(train) for train, _ in pairs], "test": [len(test) for _, test in pairs],
            "counts": [numpy.bincount(keys[test], minlength=keys.max() + 1).tolist() for _, test in pairs]}


cases = []
for rows, folds in [(10, 2), (11, 3), (23, 5), (100, 7), (101, 10), (250, 5), (997, 49)]:
    classes = generator.permutation(numpy.concatenate(
        [numpy.zeros(rows // 2), numpy.ones(rows // 2 + rows % 2 - folds * (rows > 60)), numpy.full(folds * (rows > 60), 2)]
    ).astype(int))
    groups = (generator.pareto(1.2, rows) * 2).astype(int) % 60 if rows > 60 else numpy.arange(rows) // 2
    groups = numpy.unique(groups, return_inverse=True)[1]
    if len(numpy.unique(groups)) < folds:
        groups = numpy.arange(rows) % (folds + 3)
    case = {"rows": rows, "folds": folds, "classes": classes.tolist(), "groups": groups.tolist(),
            "plain": sizes(KFold(folds, shuffle=True, random_state=0), numpy.zeros(rows, int)),
            "stratified": sizes(StratifiedKFold(folds, shuffle=True, random_state=0), classes),
            "grouped": sizes(GroupKFold(folds), groups)}
    for name in ["plain", "grouped"]:
        del case[name]["counts"]
    splits = list(TimeSeriesSplit(folds).split(groups))
    case["time"] = [[int(train[0]), int(train[-1]) + 1, int(test[0]), int(test[-1]) + 1] for train, test in splits]
    cases.append(case)
digest = hashlib.sha256(json.dumps([[c["classes"], c["groups"]] for c in cases]).encode()).hexdigest()
json.dump({"sklearn": sklearn.__version__, "sha256": digest, "cases": cases}, sys.stdout, separators=(",", ":"))
