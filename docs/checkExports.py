"""Opens exports of Isoscope with the tools that they are made for and compares them with what Isoscope computes (docs/exports.md).

    python docs/checkExports.py FOLDER TEXT      FOLDER as docs/makeExports.sh fills it

Needs numpy, onnx, onnxruntime, sentence-transformers, pyarrow.
"""

import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

FOLDER, TEXT = Path(sys.argv[1]), Path(sys.argv[2])
SENTENCES = [line for line in TEXT.read_text(encoding="utf-8").splitlines() if line.strip()]
MODELS = ["mpnet", "modernbert", "xlm-roberta", "embedded"]


def difference(actual, expected):
    """Largest length of a difference, relative to the length of the row."""
    assert actual.shape == expected.shape, (actual.shape, expected.shape)
    error = np.linalg.norm(actual.astype(np.float64) - expected, axis=1)
    return float(np.max(error / np.maximum(np.linalg.norm(expected, axis=1), 1e-300)))


def show(model, peer, value):
    print(f"{model:12} {peer:44} {value:.1e}")


def numpy_snippet(model, vectors):
    name = f"{model.replace('-', '_')}_transform"
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.transform(vectors)


def onnx_tail(model, vectors):
    import onnx
    import onnxruntime

    file = FOLDER / f"{model}.tail.onnx"
    onnx.checker.check_model(onnx.load(file), full_check=True)
    return onnxruntime.InferenceSession(str(file)).run(None, {"embedding": vectors})[0]


def onnx_merged(model):
    """The merged graph behind the tokenizer of transformers, in batches with padding."""
    import onnx
    import onnxruntime
    from transformers import AutoTokenizer

    file = FOLDER / f"{model}.merged.onnx"
    onnx.checker.check_model(onnx.load(file))
    session = onnxruntime.InferenceSession(str(file))
    assert [output.name for output in session.get_outputs()] == ["sentence_embedding"]
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / f"{model}.st")
    limit = int(session.get_modelmeta().custom_metadata_map["isoscope.max_tokens"])
    names = [tensor.name for tensor in session.get_inputs()]
    rows = []
    for start in range(0, len(SENTENCES), 16):
        batch = tokenizer(SENTENCES[start : start + 16], padding=True, truncation=True, max_length=limit, return_tensors="np")
        feeds = {name: batch.get(name, np.zeros_like(batch["input_ids"])).astype(np.int64) for name in names}
        rows.append(session.run(None, feeds)[0])
    return np.concatenate(rows)


def sentence_transformers(model):
    from sentence_transformers import SentenceTransformer

    opened = SentenceTransformer(str(FOLDER / f"{model}.st"), device="cpu")
    return opened.encode(SENTENCES, batch_size=16, show_progress_bar=False), [type(module).__name__ for module in opened]


def dense_modules(model, vectors):
    """The Dense and Normalize modules alone, loaded by sentence-transformers, on vectors."""
    import json

    import torch
    from sentence_transformers.base.modules.dense import Dense
    from sentence_transformers.base.modules.normalize import Normalize

    folder = FOLDER / f"{model}.st"
    features = {"sentence_embedding": torch.from_numpy(vectors)}
    modules = json.loads((folder / "modules.json").read_text())
    # A Normalize of the encoder itself leaves unit vectors as they are.
    pooling = next(i for i, module in enumerate(modules) if module["type"].endswith(".Pooling"))
    for module in modules[pooling + 1 :]:
        is_dense = module["type"].endswith(".Dense")
        loaded = Dense.load(str(folder), subfolder=module["path"]) if is_dense else Normalize()
        features = loaded(features)
    return features["sentence_embedding"].detach().numpy()


def tables():
    """Vectors in Parquet and TSV against the .npy."""
    import pyarrow.parquet as parquet

    expected = np.load(FOLDER / "vectors.npy")
    for name in ["vectors.parquet", "vectors.atlas.parquet"]:
        table = parquet.read_table(FOLDER / name)
        print(name, table.schema.to_string().replace("\n", ", "))
        assert table["text"].to_pylist() == SENTENCES and table["row"].to_pylist() == list(range(len(SENTENCES)))
        embedding = np.array(table["embedding"].to_pylist(), dtype=np.float32)
        assert np.array_equal(embedding, expected.astype(np.float32))
    neighbours = table["neighbors"].to_pylist()
    unit = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    nearest = np.argsort(-(unit @ unit.T) + 10 * np.eye(len(unit)), axis=1, kind="stable")[:, 0]
    agreement = np.mean([row["ids"][0] == best for row, best in zip(neighbours, nearest)])
    print(f"first neighbours as NumPy finds them: {agreement:.3f}")
    assert np.array_equal(np.loadtxt(FOLDER / "vectors.tsv", dtype=np.float32), expected.astype(np.float32))
    metadata = (FOLDER / "vectors.metadata.tsv").read_text(encoding="utf-8").splitlines()
    assert len(metadata) == len(SENTENCES) + 1


def main():
    packages = ["numpy", "onnx", "onnxruntime", "torch", "transformers", "sentence-transformers", "safetensors", "pyarrow"]
    print(", ".join(f"{package} {version(package)}" for package in packages))
    for model in MODELS:
        vectors = np.load(FOLDER / f"{model}.npy")
        expected = np.load(FOLDER / f"{model}.expected.npy")
        show(model, "NumPy snippet", difference(numpy_snippet(model, vectors), expected))
        show(model, "ONNX tail, onnxruntime", difference(onnx_tail(model, vectors), expected))
        show(model, "merged ONNX, transformers and onnxruntime", difference(onnx_merged(model), expected))
        if model != "embedded":
            encoded, modules = sentence_transformers(model)
            show(model, "SentenceTransformer.encode", difference(encoded, expected))
            print(" " * 12, " → ".join(modules))
        show(model, "Dense modules, sentence-transformers", difference(dense_modules(model, vectors), expected))
    tables()


main()
