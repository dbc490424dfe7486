"""Remakes quantiles.json. Run: /tmp/peers-learn/bin/python make_quantiles.py > quantiles.json"""
import hashlib, json, sys
import numpy

generator = numpy.random.default_rng(3)
probabilities = [0, 0.01, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 0.999, 1]
columns = [[4.0], [1.0, 2.0], [3, 1, 2, 2, 9.5], generator.normal(size=101).tolist(),
           (generator.normal(size=250) * 1e6).tolist(), generator.integers(0, 9, 64).astype(float).tolist()]
json.dump({
    "numpy": numpy.__version__, "sha256": hashlib.sha256(json.dumps(columns).encode()).hexdigest(),
    "probabilities": probabilities,
    "cases": [{"values": c, "quantiles": numpy.quantile(c, probabilities).tolist()} for c in columns],
}, sys.stdout, separators=(",", ":"))
