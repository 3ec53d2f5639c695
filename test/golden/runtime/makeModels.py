"""Writes the small models of test/unit/runtime/nodeRuntime.test.ts.

identity.onnx returns each of its inputs, one per element type; unreadable.onnx has outputs of types that Isoscope does not carry.
Usage: python makeModels.py    (pip install onnx)
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

CARRIED = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "float16": TensorProto.FLOAT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
    "uint8": TensorProto.UINT8,
    "int8": TensorProto.INT8,
}


def write(name, nodes, inputs, outputs):
    graph = helper.make_graph(nodes, name, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    Path(__file__).with_name(name + ".onnx").write_bytes(model.SerializeToString(deterministic=True))


value = helper.make_tensor_value_info
write(
    "identity",
    [helper.make_node("Identity", [name], [name + "_out"]) for name in CARRIED],
    [value(name, kind, ["n", 2]) for name, kind in CARRIED.items()],
    [value(name + "_out", kind, ["n", 2]) for name, kind in CARRIED.items()],
)
write(
    "unreadable",
    [
        helper.make_node("Cast", ["x"], ["unsigned"], to=TensorProto.UINT32),
        helper.make_node("Cast", ["x"], ["text"], to=TensorProto.STRING),
        helper.make_node("SequenceConstruct", ["x"], ["sequence"]),
        helper.make_node("Identity", ["x"], ["same"]),
    ],
    [value("x", TensorProto.FLOAT, ["n"])],
    [
        value("unsigned", TensorProto.UINT32, ["n"]),
        value("text", TensorProto.STRING, ["n"]),
        helper.make_tensor_sequence_value_info("sequence", TensorProto.FLOAT, ["n"]),
        value("same", TensorProto.FLOAT, ["n"]),
    ],
)
