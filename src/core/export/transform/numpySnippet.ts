import type { Transform } from '../../transform/transform';

/**
 * A Python module that loads the .npz beside it and applies it: NumPy alone, no pickles.
 * @param archive its file name
 */
export function numpySnippet(transform: Transform, archive: string): string {
  const { inputDimension, outputDimension } = transform;
  const spec = commentText(transform.spec);
  return `"""Isoscope transform ${spec}: rows of ${inputDimension} numbers become rows of ${outputDimension}."""

import json
from pathlib import Path

import numpy as np

ARCHIVE = Path(__file__).with_name(${pythonText(archive)})


def load(path=ARCHIVE):
    """The steps of the transform: ("affine", mean [1, d], matrix [d, k], bias [1, k] or 0) or ("unit-length",)."""
    with np.load(path, allow_pickle=False) as arrays:
        steps = []
        for step in json.loads(str(arrays["meta"]))["steps"]:
            if step["kind"] == "affine":
                bias = 0.0 if step["bias"] is None else arrays[step["bias"]]
                steps.append(("affine", arrays[step["mean"]], arrays[step["matrix"]], bias))
            else:
                steps.append((step["kind"],))
        return steps


def transform(x, steps=None):
    """x: shape [n, ${inputDimension}], any float type -> float64, shape [n, ${outputDimension}]."""
    y = np.asarray(x, dtype=np.float64)
    if y.ndim != 2 or y.shape[1] != ${inputDimension}:
        raise ValueError(f"rows of ${inputDimension} numbers are needed, not an array of shape {y.shape}")
    for step in load() if steps is None else steps:
        if step[0] == "affine":
            _, mean, matrix, bias = step
            y = (y - mean) @ matrix + bias
        else:
            length = np.linalg.norm(y, axis=1, keepdims=True)
            y = y / np.where(length == 0, 1, length)
    return y


if __name__ == "__main__":
    import sys

    np.save(sys.argv[2], transform(np.load(sys.argv[1], allow_pickle=False)))
`;
}

/** A text as a Python literal: JSON's escapes are Python's too. Surrogate pairs would not be, so that characters beyond ASCII stay as they are. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}

/** What may stand in a docstring: no backslash, no quotation mark, no line end. */
function commentText(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, '?');
}
