"""Remakes labels.json. Run: VENV/bin/python make_labels.py > labels.json (cleanlab)

Thresholds, confident joints and label issues as cleanlab has them, of probabilities that are made up.
"""
import hashlib, json, sys, warnings
import cleanlab, numpy
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues

warnings.simplefilter("ignore")


def case(seed, n, classes, wrong, sure):
    generator = numpy.random.default_rng(seed)
    truth = numpy.concatenate([numpy.arange(classes), generator.integers(0, classes, n - classes)])
    labels = truth.copy()
    for row in generator.choice(n, int(wrong * n), replace=False):
        labels[row] = generator.integers(0, classes)
    labels[:classes] = numpy.arange(classes)
    scores = generator.normal(size=(n, classes)) + sure * numpy.eye(classes)[truth]
    probabilities = numpy.exp(scores) / numpy.exp(scores).sum(axis=1, keepdims=True)
    probabilities = (probabilities / probabilities.sum(axis=1, keepdims=True)).round(9)

    # Remainders that are equal are rounded in an order that numpy leaves open; such data hold nobody to anything.
    joint = compute_confident_joint(labels, probabilities, calibrate=False)
    for label, line in enumerate(joint):
        rest = numpy.sort((line / line.sum() * (labels == label).sum())[line > 0] % 1)
        assert (numpy.diff(rest) > 1e-6).all(), f"seed {seed}: equal remainders"

    def issues(by):
        return numpy.flatnonzero(find_label_issues(labels, probabilities, filter_by=by, n_jobs=1)).tolist()

    return {
        "classes": classes, "labels": labels.tolist(), "probabilities": probabilities.ravel().tolist(),
        "thresholds": get_confident_thresholds(labels, probabilities).tolist(),
        "confident": compute_confident_joint(labels, probabilities, calibrate=False).tolist(),
        "calibrated": compute_confident_joint(labels, probabilities, calibrate=True).tolist(),
        "noise_rate": issues("prune_by_noise_rate"), "self_confidence": issues("prune_by_class"),
        "both": issues("both"),
    }


cases = [case(2, 120, 3, 0.15, 2.5), case(1, 150, 2, 0.1, 2), case(15, 200, 4, 0.3, 1.5), case(5, 60, 4, 0.1, 6)]
json.dump({
    "cleanlab": cleanlab.__version__, "numpy": numpy.__version__,
    "sha256": hashlib.sha256(json.dumps([[c["labels"], c["probabilities"]] for c in cases]).encode()).hexdigest(),
    "cases": cases,
}, sys.stdout, separators=(",", ":"))
