"""Writes the .npy and .npz files of this folder with NumPy itself: python makeNpy.py (NumPy 2)."""

import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent / "npy"
folder.mkdir(exist_ok=True)

# Exact in binary16, so that one expectation serves all widths: halves, a subnormal of binary16, its largest number, both zeros, infinities.
values = np.array(
    [[1.5, -2.25, 0.0, -0.0], [65504.0, -65504.0, 2.0**-24, -(2.0**-14)], [np.inf, -np.inf, np.nan, 0.333251953125]]
)
for width in (2, 4, 8):
    for byte_order, order_name in (("<", "little"), (">", "big")):
        for layout in ("C", "F"):
            array = np.array(values.astype(f"{byte_order}f{width}"), order=layout)
            np.save(folder / f"float{8 * width}-{order_name}-{layout}.npy", array)

for version in ((1, 0), (2, 0), (3, 0)):
    with open(folder / f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, values.astype("<f4"), version=version)

# All 65,536 binary16 numbers as binary32, for the exactness of the widening: the checksum is in the test, the file is not kept.
halves = np.arange(65536, dtype="<u2").view("<f2").astype("<f4")
finite = halves[np.isfinite(halves)].astype("<f8")
print("sum of |x| over all finite binary16 numbers:", repr(float(np.abs(finite).sum())))

np.savez(folder / "several.npz", first=values.astype("<f4"), second=values[:2])
np.savez_compressed(folder / "compressed.npz", vectors=values.astype("<f4"))


# What NumPy writes and Isoscope must refuse.
def save(name, array, **options):
    np.save(folder / f"refused-{name}.npy", array, **options)


save("one-dimension", np.ones(3, "<f4"))
save("three-dimensions", np.ones((1, 2, 3), "<f4"))
save("scalar", np.float32(1))
save("int64", np.ones((2, 3), "<i8"))
save("bool", np.ones((2, 3), bool))
save("complex", np.ones((2, 3), "<c8"))
save("long-double", np.ones((2, 3), np.longdouble))
save("text", np.array([["a", "bc"]]))
save("objects", np.array([[1, "a"]], dtype=object), allow_pickle=True)
save("structured", np.zeros((2, 3), [("x", "<f4"), ("y", "<f4")]))
save("many-fields", np.zeros((1, 1), [(f"field{i}", "<f4") for i in range(500)]))
