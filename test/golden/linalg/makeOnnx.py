"""Writes smallGraph.onnx, the model of test/unit/linalg/onnxProtobuf.test.ts, by the onnx package.

Usage: python makeOnnx.py    (pip install onnx numpy)
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper


def node(op, inputs, outputs, **attributes):
    made = helper.make_node(op, inputs, outputs)
    made.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return made


def constant(name, array, data_type):
    return helper.make_tensor(name, data_type, array.shape, array.tobytes(), raw=True)


graph = helper.make_graph(
    nodes=[
        node("Gemm", ["x", "weights"], ["y"], transB=1),
        node("Transpose", ["y"], ["z"], perm=[1, 0]),
        node("ReduceSum", ["z", "axes"], ["sums"], keepdims=0),
    ],
    name="isoscope",
    inputs=[helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["n", 300])],
    outputs=[
        helper.make_tensor_value_info("z", TensorProto.DOUBLE, [2, "n"]),
        helper.make_tensor_value_info("sums", TensorProto.DOUBLE, ["n"]),
    ],
    initializer=[
        constant("weights", np.arange(600, dtype=np.float64).reshape(2, 300) / 4, TensorProto.DOUBLE),
        constant("axes", np.array([-2], dtype=np.int64), TensorProto.INT64),
    ],
)
model = helper.make_model(graph, producer_name="isoscope", opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
Path(__file__).with_name("smallGraph.onnx").write_bytes(model.SerializeToString(deterministic=True))
