"""Safetensors files for test/unit/corpus/safetensors.test.ts, by the format's own writer: python makeSafetensors.py (numpy, safetensors 0.8)

types.safetensors holds the matrix of makeNpy.py in every floating-point type that NumPy has, integers, an empty tensor and a single number; metadata too.
bfloat16 is not a NumPy type: its bits go through `serialize`, which takes the bytes and the type's name.
"""

from pathlib import Path

import numpy as np
from safetensors import TensorSpec, serialize
from safetensors.numpy import save_file

folder = Path(__file__).parent / "safetensors"
folder.mkdir(exist_ok=True)

values = np.array(
    [[1.5, -2.25, 0.0, -0.0], [65504.0, -65504.0, 2.0**-24, -(2.0**-14)], [np.inf, -np.inf, np.nan, 0.333251953125]]
)
save_file(
    {
        "half": values.astype(np.float16),
        "single": values.astype(np.float32),
        "double": values.astype(np.float64),
        "i8": np.array([-128, 0, 127], np.int8),
        "u8": np.array([0, 255], np.uint8),
        "i16": np.array([-32768, 32767], np.int16),
        "u16": np.array([65535], np.uint16),
        "i32": np.array([-(2**31), 2**31 - 1], np.int32),
        "u32": np.array([2**32 - 1], np.uint32),
        "i64": np.array([-(2**53) + 1, 2**53 - 1], np.int64),
        "u64": np.array([7], np.uint64),
        "large": np.array([2**60], np.int64),
        "flags": np.array([True, False]),
        "empty": np.zeros((0, 4), np.float32),
        "scalar": np.array(2.5, np.float32),
    },
    folder / "types.safetensors",
    metadata={"format": "np"},
)

# Exact in bfloat16: the upper halves of their float32 bits are all there is.
brain = np.array([[1.5, -2.25], [2.0**-130, 2.0**127]], np.float32)
bits = (brain.view(np.uint32) >> 16).astype(np.uint16)
assert np.array_equal((bits.astype(np.uint32) << 16).view(np.float32), brain)
spec = TensorSpec(dtype="bfloat16", shape=[2, 2], data_ptr=bits.ctypes.data, data_len=bits.nbytes)
(folder / "bfloat16.safetensors").write_bytes(serialize({"brain": spec}))
