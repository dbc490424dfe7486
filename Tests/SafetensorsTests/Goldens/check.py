"""Reads our file with the peer and prints what it holds. Run: PYTHON check.py FILE"""
import sys
from safetensors import safe_open

with safe_open(sys.argv[1], framework="np") as file:
    print(sorted(file.metadata().items()))
    for name in sorted(file.keys()):
        tensor = file.get_tensor(name)
        print(name, tensor.dtype, list(tensor.shape), tensor.ravel().tolist())
