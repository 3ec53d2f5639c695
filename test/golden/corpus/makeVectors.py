"""Ready vectors and texts as the ecosystem's own writers make them: pyarrow, pandas, NumPy, safetensors, json, csv.

Needs numpy, pandas, pyarrow and safetensors. Writes vectors/ beside this file; expected.json has the numbers.
All files hold the same 7 × 4 matrix of float32 numbers (exact in every format) unless the name says otherwise.
"""

import csv
import json
from pathlib import Path

import numpy
import pandas
import pyarrow
from pyarrow import parquet
from safetensors.numpy import save_file

OUT = Path(__file__).parent / "vectors"
OUT.mkdir(exist_ok=True)

ROWS, COLUMNS = 7, 4
# Multiples of 1/8 are exact in float16 too; one row holds what float32 cannot say in few digits.
X = ((numpy.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) * 37 % 101) / 8 - 6).astype("float32")
FINE = X + numpy.float32(0.1)
TEXTS = ["One.", "Zwei – drei", "", "vier\nfünf", "六", "One.", "🙂 end"]
(OUT / "expected.json").write_text(
    json.dumps({"rows": ROWS, "columns": COLUMNS, "x": X.ravel().tolist(), "fine": FINE.ravel().tolist(), "texts": TEXTS})
)


def lists(kind, values=X):
    return pyarrow.array(values.tolist(), type=pyarrow.list_(kind))


def fixed(kind, values=X):
    return pyarrow.array(values.tolist(), type=pyarrow.list_(kind, COLUMNS))


def write(name, columns, **options):
    parquet.write_table(pyarrow.table(columns), OUT / f"{name}.parquet", **options)


text = pyarrow.array(TEXTS)
f16, f32, f64 = pyarrow.float16(), pyarrow.float32(), pyarrow.float64()

# Kinds of columns.
write("list32", {"id": pyarrow.array(range(ROWS)), "text": text, "embedding": lists(f32)})
write("list32fine", {"embedding": lists(f32, FINE)})
write("list64", {"text": text, "embedding": lists(f64, FINE.astype("float64"))})
write("fixed32", {"embedding": fixed(f32)})
write("fixed64", {"embedding": fixed(f64)})
write("half", {"embedding": lists(f16, X.astype("float16"))})
write("halfFixedSplit", {"embedding": fixed(f16, X.astype("float16"))}, use_dictionary=False, use_byte_stream_split=True)
write("largeList", {"text": text.cast(pyarrow.large_string()), "embedding": pyarrow.array(X.tolist(), type=pyarrow.large_list(f32))})
write("struct", {"doc": pyarrow.array([{"text": t, "emb": x} for t, x in zip(TEXTS, X.tolist())], type=pyarrow.struct([("text", pyarrow.string()), ("emb", pyarrow.list_(f32))]))})
write("required", {"embedding": pyarrow.array(X.tolist(), type=pyarrow.list_(pyarrow.field("element", f32, nullable=False)))})
parquet.write_table(
    pyarrow.table([lists(f32)], schema=pyarrow.schema([pyarrow.field("embedding", pyarrow.list_(f32), nullable=False)])),
    OUT / "requiredList.parquet",
)
write("oldNames", {"embedding": lists(f32)}, use_compliant_nested_type=False)
write("two", {"text": text, "title": lists(f32), "body": lists(f32, -X)})
write("asText", {"text": text, "embedding": pyarrow.array([json.dumps(row) for row in X.tolist()])})

# Codecs, encodings, versions of pages, row groups.
for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    write(f"codec_{codec}", {"text": text, "embedding": lists(f32)}, compression=codec)
    write(f"codec_{codec}_v2", {"text": text, "embedding": lists(f32)}, compression=codec, data_page_version="2.0")
write("split", {"embedding": lists(f32)}, use_dictionary=False, use_byte_stream_split=True)
write("plain", {"text": text, "embedding": lists(f32)}, use_dictionary=False)
write("groups", {"text": text, "embedding": lists(f32)}, row_group_size=2)
many = numpy.tile(X, (100, 1))
write(
    "pages",
    {"text": pyarrow.array(TEXTS * 100), "embedding": pyarrow.array(many.tolist(), type=pyarrow.list_(f32))},
    use_dictionary=False, data_page_size=512, write_batch_size=7, write_page_checksum=True, data_page_version="2.0",
)
write(
    "pages1",
    {"text": pyarrow.array(TEXTS * 100), "embedding": pyarrow.array(many.tolist(), type=pyarrow.list_(f32))},
    use_dictionary=False, data_page_size=512, write_batch_size=7, write_page_checksum=True,
)
write(
    "delta",
    {
        "length": text, "array": pyarrow.array([f"prefix {i} {t}" for i, t in enumerate(TEXTS)]),
        "count": pyarrow.array([2**53 + i for i in range(ROWS)]), "small": pyarrow.array(range(ROWS), type=pyarrow.int32()),
        "embedding": lists(f32),
    },
    use_dictionary=False,
    column_encoding={
        "length": "DELTA_LENGTH_BYTE_ARRAY", "array": "DELTA_BYTE_ARRAY", "count": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED",
        "embedding.list.element": "PLAIN",
    },
)
write("categories", {"text": text.dictionary_encode(), "flag": pyarrow.array([True, False, None, True, True, False, True]), "when": pyarrow.array([0] * ROWS, type=pyarrow.timestamp("ms")), "raw": pyarrow.array([b"\xff\xfe"] * ROWS)})
write("nullTexts", {"text": pyarrow.array([t if t else None for t in TEXTS])})

# What is no whole matrix.
def spoiled(index, value):
    values = X.tolist()
    values[index] = value
    return pyarrow.array(values, type=pyarrow.list_(f32))


write("nullVector", {"embedding": spoiled(2, None)})
write("emptyVector", {"embedding": spoiled(3, [])})
write("emptyFirst", {"embedding": spoiled(0, [])})
write("nullElement", {"embedding": spoiled(4, [1, None, 2, 3])})
write("ragged", {"embedding": spoiled(6, [1, 2, 3])})
write("nan", {"embedding": spoiled(5, [1, float("nan"), 2, 3])})
write("integers", {"tokens": pyarrow.array([[1, 2], [3]])})
write("listsOfLists", {"tokens": pyarrow.array([[[1.0, 2.0]], [[3.0]]])})
write("noRows", {"embedding": pyarrow.array([], type=pyarrow.list_(f32))})

# Small files that would fill the memory.
zeros = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(numpy.zeros(2**25 + 4, dtype="float32")), COLUMNS)
write("bombValues", {"embedding": zeros}, compression="zstd", compression_level=19)
write("bombPage", {"text": pyarrow.array(["a" * (2**28 + 1)], type=pyarrow.large_string())}, compression="zstd", use_dictionary=False, write_statistics=False)

# pandas.
frame = pandas.DataFrame({"text": TEXTS, "embedding": list(FINE)})
frame.to_parquet(OUT / "pandas.parquet")
frame.to_json(OUT / "pandas.jsonl", orient="records", lines=True, double_precision=15)
pandas.DataFrame({"text": TEXTS, "embedding": FINE.tolist()}).to_csv(OUT / "pandas.csv", index=False)
pandas.DataFrame({"text": TEXTS, "embedding": list(FINE)}).to_csv(OUT / "pandasArrays.csv")
pandas.DataFrame({"embedding": [numpy.arange(2000) / 7] * 2}).to_csv(OUT / "pandasElided.csv", index=False)
wide = pandas.DataFrame(FINE)
wide.to_csv(OUT / "pandasWide.csv")
wide.to_csv(OUT / "pandasWideNoIndex.csv", index=False)
named = pandas.DataFrame(FINE, columns=[f"dim{i}" for i in range(COLUMNS)])
named.to_parquet(OUT / "pandasWide.parquet")
named.set_index(pandas.Index(range(10, 10 + ROWS))).to_parquet(OUT / "pandasWideIndex.parquet", index=True)

# NumPy, safetensors, json, csv, TensorFlow Projector.
numpy.savetxt(OUT / "savetxt.txt", FINE)
numpy.savetxt(OUT / "savetxt.csv", FINE, delimiter=",")
numpy.savez(OUT / "embeddingsAndLabels.npz", embeddings=X, labels=numpy.arange(ROWS))
numpy.savez(OUT / "twoMatrices.npz", first=X, second=-X, labels=numpy.arange(ROWS))
save_file({"embeddings": X, "ids": numpy.arange(ROWS)}, OUT / "one.safetensors")
save_file({"title": X, "body": (-X).astype("float64"), "half": X.astype("float16"), "mean": X.mean(0)}, OUT / "several.safetensors")
with open(OUT / "records.jsonl", "w") as file:
    for t, row, other in zip(TEXTS, FINE.tolist(), X.tolist()):
        file.write(json.dumps({"text": t, "embedding": row, "tokens": [], "other": other}) + "\n")
with open(OUT / "bare.jsonl", "w") as file:
    for row in FINE.tolist():
        file.write(json.dumps(row) + "\n")
with open(OUT / "pythonNan.jsonl", "w") as file:
    file.write(json.dumps({"v": [1.0, 2.0]}) + "\n" + json.dumps({"v": [1.0, float("nan")]}) + "\n")
with open(OUT / "csvModule.tsv", "w", newline="") as file:
    writer = csv.writer(file, delimiter="\t")
    writer.writerow(["text", "embedding"])
    writer.writerows([t, json.dumps(row)] for t, row in zip(TEXTS, FINE.tolist()))
with open(OUT / "projector.tsv", "w") as file:
    file.writelines("\t".join(str(value) for value in row) + "\n" for row in FINE.tolist())
