"""Makes the golden files of this folder: a transform of two affine maps with a normalisation between them, and what NumPy, onnx and safetensors make of it.

    python makeExport.py        (numpy, onnx, safetensors)
"""

import base64
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

HERE = Path(__file__).parent
random = np.random.default_rng(20261126)

mean = random.normal(size=5)
matrix = random.normal(size=(5, 4))
mean2 = random.normal(size=4)
matrix2 = random.normal(size=(4, 3))
rows = random.normal(size=(7, 5)).astype(np.float32)
rows[3] = mean.astype(np.float32)

first = (rows.astype(np.float64) - mean) @ matrix
unit = first / np.linalg.norm(first, axis=1, keepdims=True)
expected = (unit - mean2) @ matrix2
np.save(HERE / "rows.npy", rows)
np.save(HERE / "expected.npy", expected)


def array(values):
    return {"shape": list(values.shape), "float64": base64.b64encode(values.astype("<f8").tobytes()).decode()}


def affine(spec, mean, matrix):
    return {
        "kind": "affine",
        "spec": spec,
        "inputDimension": matrix.shape[0],
        "outputDimension": matrix.shape[1],
        "fittedOn": None,
        "mean": array(mean),
        "weights": array(matrix),
        "details": {"rank": None, "shrinkage": None, "seed": None},
    }


parts = [
    affine("pca:k=4", mean, matrix),
    {"kind": "unit-length", "spec": "l2", "inputDimension": 4, "outputDimension": 4, "fittedOn": None},
    affine("pca:k=3", mean2, matrix2),
]
transform = {"format": "isoscope.transform", "version": 1, "spec": "pca:k=4+l2+pca:k=3", "inputDimension": 5, "outputDimension": 3}
(HERE / "transform.json").write_text(json.dumps({**transform, "fittedOn": None, "parts": parts}, indent=1) + "\n")

meta = np.array("ümlaut 😀, a text array without dimensions")
np.savez(HERE / "reference.npz", mean=mean[None], matrix=matrix, mean2=mean2[None], matrix2=matrix2, meta=meta)

nodes = [
    helper.make_node("Sub", ["embedding", "m"], ["c"]),
    helper.make_node("MatMul", ["c", "w"], ["p"]),
    helper.make_node("LpNormalization", ["p"], ["u"], axis=-1, p=2),
    helper.make_node("Sub", ["u", "m2"], ["c2"]),
    helper.make_node("MatMul", ["c2", "w2"], ["transformed"]),
]
constants = [numpy_helper.from_array(a.astype(np.float32), n) for n, a in [("m", mean), ("w", matrix), ("m2", mean2), ("w2", matrix2)]]
graph = helper.make_graph(
    nodes,
    "reference",
    [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 5])],
    [helper.make_tensor_value_info("transformed", TensorProto.FLOAT, ["N", 3])],
    constants,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, HERE / "reference.onnx")

weight = np.ascontiguousarray(matrix.T.astype(np.float32))
bias = (-mean @ matrix).astype(np.float32)
save_file({"linear.weight": weight, "linear.bias": bias}, HERE / "reference.safetensors", metadata={"format": "pt"})
