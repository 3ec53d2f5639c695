"""Golden files of static vectors: python makeStatic.py REFERENCE (numpy 2, model2vec 0.10, tokenizers, safetensors, scikit-learn)

REFERENCE holds models/ and golden/encoder/static/, made by gensim, model2vec and NumPy (see index.json there for the rule). Writes, beside this script,
  sentences.json, *.npy             the reference's sentences and vectors, as they are
  glove.txt.gz, w2v.txt, w2v.bin    the words that the sentences use and the 150 most frequent, with the reference's own digits and bytes
  w2v-original.bin                  the same with a line feed after each vector, as the original word2vec tool writes it
  sif.npy, sif-weights.npy, max.npy of glove.txt.gz, by NumPy: weights a/(a + p) with a = 1e-3 and p from the rank, first singular vector (numpy.linalg.svd, float64)
  model2vec-tiny/                   the reference's Model2Vec folder
  m2v-*/                            the same model as model2vec writes it otherwise: fewer rows than tokens (mapping), float16, int8, short texts only, word-level tokenizer
  static-embedding/                 in the layout of sentence-transformers' StaticEmbedding, which keeps [UNK]: its vectors are means over all token ids
  index.json                        which vectors belong to which file
"""

import gzip
import json
import shutil
import sys
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

HERE = Path(__file__).parent
FREQUENT = 150


def words_of(sentences):
    return {word for sentence in sentences for word in sentence.lower().split()}


def write_glove(source, wanted):
    with gzip.open(source, "rb") as file:
        lines = file.read().split(b"\n")[:-1]
    kept = [line for i, line in enumerate(lines) if i < FREQUENT or line.split(b" ")[0].decode() in wanted]
    with open(HERE / "glove.txt.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(b"\n".join(kept) + b"\n")
    return {line.split(b" ")[0].decode(): np.array(line.split(b" ")[1:], np.float32) for line in kept}


def write_word2vec(stem, wanted):
    header, *lines = Path(f"{stem}.txt").read_bytes().split(b"\n")[:-1]
    count, dimension = map(int, header.split())
    binary = Path(f"{stem}.bin").read_bytes()
    at = binary.index(b"\n") + 1
    text, plain, original = [], [], []
    for i, line in enumerate(lines):
        end = binary.index(b" ", at) + 1 + 4 * dimension
        if i < FREQUENT or line.split(b" ")[0].decode() in wanted:
            text.append(line)
            plain.append(binary[at:end])
            original.append(binary[at:end] + b"\n")
        at = end
    assert at == len(binary) and len(lines) == count
    head = b"%d %d\n" % (len(text), dimension)
    (HERE / "w2v.txt").write_bytes(head + b"\n".join(text) + b"\n")
    (HERE / "w2v.bin").write_bytes(head + b"".join(plain))
    (HERE / "w2v-original.bin").write_bytes(head + b"".join(original))


def sif(vectors, sentences):
    names = list(vectors)
    ranks = np.arange(1, len(names) + 1, dtype=np.float64)
    frequency = 1 / (ranks + 2.7)
    frequency /= frequency.sum()
    weight = dict(zip(names, 1e-3 / (1e-3 + frequency)))
    dimension = len(vectors[names[0]])
    weighted = np.zeros((len(sentences), dimension))
    for i, sentence in enumerate(sentences):
        known = [w for w in sentence.lower().split() if w in vectors]
        if known:
            weighted[i] = np.mean([weight[w] * vectors[w].astype(np.float64) for w in known], axis=0)
    component = np.linalg.svd(weighted, full_matrices=False)[2][0]
    return weighted - np.outer(weighted @ component, component), weighted


def largest(vectors, sentences):
    known = [[vectors[w] for w in s.lower().split() if w in vectors] for s in sentences]
    return np.stack([np.max(rows, axis=0) if rows else np.zeros(50) for rows in known])


def write_model2vec(tiny, sentences):
    """Folders by model2vec itself; the vectors are its own."""
    quantized = StaticModel.from_pretrained(tiny, vocabulary_quantization=40)
    save(quantized, "m2v-mapping", sentences)
    for name, precision in (("m2v-float16", "float16"), ("m2v-int8", "int8")):
        save(StaticModel.from_pretrained(tiny, quantize_to=precision), name, sentences)
    plain = StaticModel.from_pretrained(tiny, normalize=False, max_length=4)
    plain.weights = None
    save(plain, "m2v-short", sentences)
    names = ["[UNK]", *(t for t in plain.tokens if t.isalpha())]
    tokenizer = Tokenizer(models.WordLevel({t: i for i, t in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    rows = np.random.default_rng(3).standard_normal((len(names), 8)).astype(np.float32)
    save(StaticModel(rows, tokenizer, normalize=True), "m2v-wordlevel", sentences)


def save(model, name, sentences):
    model.save_pretrained(HERE / name)
    for extra in ("README.md",):
        (HERE / name / extra).unlink(missing_ok=True)
    reference = StaticModel.from_pretrained(HERE / name).encode(sentences, use_multiprocessing=False)
    np.save(HERE / f"{name}.npy", np.asarray(reference, np.float32))


def write_static_embedding(tiny, sentences):
    folder = HERE / "static-embedding"
    (folder / "0_StaticEmbedding").mkdir(parents=True, exist_ok=True)
    tensors = load_file(tiny / "model.safetensors")
    rows = (tensors["embeddings"] * tensors["weights"][:, None]).astype(np.float32)
    save_file({"embedding.weight": rows}, folder / "0_StaticEmbedding/model.safetensors")
    tokenizer = Tokenizer.from_file(str(tiny / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(folder / "0_StaticEmbedding/tokenizer.json"))
    modules = [
        {"idx": 0, "name": "0", "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    prompts = {"prompts": {"query": "a man : ", "document": ""}, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts, indent=2))
    ids = [e.ids for e in tokenizer.encode_batch(sentences, add_special_tokens=False)]
    means = np.stack([rows[i].astype(np.float64).mean(axis=0) if i else np.zeros(rows.shape[1]) for i in ids])
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    np.save(HERE / "static-embedding.npy", (means / np.where(norms > 0, norms, 1)).astype(np.float32))


if __name__ == "__main__":
    reference = Path(sys.argv[1])
    golden, given = reference / "golden/encoder/static", reference / "models"
    for file in ("sentences.json", "glove50k.npy", "w2v2k.npy", "model2vec.npy"):
        shutil.copyfile(golden / file, HERE / file)
    sentences = json.loads((HERE / "sentences.json").read_text())
    vectors = write_glove(given / "glove.6B.50d.top50k.txt.gz", words_of(sentences))
    write_word2vec(given / "glove.6B.50d.top2k.w2v", words_of(sentences))
    removed, weighted = sif(vectors, sentences)
    np.save(HERE / "sif.npy", removed.astype(np.float32))
    np.save(HERE / "sif-weights.npy", weighted.astype(np.float32))
    np.save(HERE / "max.npy", largest(vectors, sentences).astype(np.float32))
    (HERE / "model2vec-tiny").mkdir(exist_ok=True)
    for file in ("config.json", "model.safetensors", "modules.json", "tokenizer.json"):
        shutil.copyfile(given / "model2vec-tiny" / file, HERE / "model2vec-tiny" / file)
    write_model2vec(HERE / "model2vec-tiny", sentences)
    write_static_embedding(HERE / "model2vec-tiny", sentences)
    whole = {"glove.txt.gz": "glove.6B.50d.top50k.txt.gz", "w2v.txt": "glove.6B.50d.top2k.w2v.txt", "w2v.bin": "glove.6B.50d.top2k.w2v.bin", "model2vec-tiny": "model2vec-tiny"}
    mean = [("glove.txt.gz", "glove50k"), ("w2v.txt", "w2v2k"), ("w2v.bin", "w2v2k"), ("w2v-original.bin", "w2v2k"), ("model2vec-tiny", "model2vec")]
    folders = ["m2v-mapping", "m2v-float16", "m2v-int8", "m2v-short", "m2v-wordlevel", "static-embedding"]
    entries = [{"encoder": e, "file": f"{f}.npy", "pooling": "mean", "whole": whole.get(e)} for e, f in mean]
    entries += [{"encoder": "glove.txt.gz", "file": f"{p}.npy", "pooling": p, "whole": None} for p in ("sif", "sif-weights", "max")]
    entries += [{"encoder": f, "file": f"{f}.npy", "pooling": "mean", "whole": None} for f in folders]
    (HERE / "index.json").write_text("[\n" + ",\n".join("  " + json.dumps(e) for e in entries) + "\n]\n")
