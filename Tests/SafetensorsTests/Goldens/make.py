"""Remakes peer.safetensors and peer.json. Run: /tmp/peers-learn/bin/python make.py FOLDER"""
import hashlib, json, sys
import numpy, safetensors
from safetensors.numpy import save_file

folder = sys.argv[1]
save_file({
    "weights": numpy.arange(6, dtype="float32").reshape(2, 3) / 4,
    "a.double": numpy.array([0.1, -1e300]), "flags": numpy.array([True, False, True]),
    "codes": numpy.array([-1, 2**40], dtype="int64"), "small": numpy.array([[-7], [8]], dtype="int32"),
    "raw": numpy.array([0, 255, 3], dtype="uint8"), "scalar": numpy.array(2.5, dtype="float32"),
    "nothing": numpy.zeros((0, 4), dtype="float64"),
}, f"{folder}/peer.safetensors", metadata={"format": "np", "umlaut": "ü"})
json.dump({
    "safetensors": safetensors.__version__, "numpy": numpy.__version__,
    "sha256": hashlib.sha256(open(f"{folder}/peer.safetensors", "rb").read()).hexdigest(),
}, open(f"{folder}/peer.json", "w"))
