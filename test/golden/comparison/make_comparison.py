"""Pairs of spaces of the same rows, sentences, and what NumPy, SciPy and scikit-learn say of them.

    pip install numpy scipy scikit-learn
    python make_comparison.py          # writes spaces/*.npy, sentences.json and comparison.json beside itself

Every value is computed another way than Isoscope computes it: kernels of N x N, all pairs in one array, the libraries' own estimators.
"""
import json
import pathlib
import warnings

import numpy as np
from scipy.spatial import procrustes
from scipy.stats import pearsonr, spearmanr
from sklearn.neighbors import LocalOutlierFactor

HERE = pathlib.Path(__file__).parent
K = 10


def spaces():
    rng = np.random.default_rng(20250211)
    normal = rng.standard_normal

    x = normal((90, 12)) * np.linspace(2, 0.3, 12) + normal(12)
    rotation = np.linalg.qr(normal((12, 12)))[0]
    yield "rotated", x, 3.5 * x @ rotation + 2
    yield "noisy", x, x + 0.5 * normal(x.shape)
    yield "unrelated", x, normal((90, 9))
    yield "whitened", x, (x - x.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    yield "truncated", x, x[:, :5]
    yield "float32", (x + 4).astype("f4"), (x + 4 + 0.2 * normal(x.shape)).astype("f4")
    wide = normal((24, 40))
    yield "wide", wide, wide + normal((24, 40))
    yield "wideUnrelated", wide, normal((24, 30))
    low = normal((70, 4)) @ normal((4, 16))
    yield "rankDeficient", low, low @ normal((16, 11))
    zeros = normal((60, 8)) + 0.4
    zeros[[0, 13, 59]] = 0
    moved = zeros + 0.3 * normal(zeros.shape)
    moved[[5, 13]] = 0
    yield "zeroRows", zeros, moved
    copies = normal((40, 6))[rng.integers(40, size=70)]
    yield "duplicates", copies, copies * np.linspace(1, 3, 6)
    graded = normal((80, 14)) * 10.0 ** (-np.arange(14) / 2)
    yield "graded", graded, graded @ np.linalg.qr(normal((14, 14)))[0] + 1e-4 * normal((80, 14))
    yield "huge", 1e60 * (x + 1), 1e-60 * (x + 0.3 * normal(x.shape))
    counts = rng.integers(0, 3, (80, 9)).astype("f4")
    yield "counts", counts, rng.integers(0, 4, (80, 7)).astype("f4") + counts[:, :7]
    yield "oneDimension", normal((50, 1)) + 0.7, normal((50, 1)) + 0.7
    yield "threeRows", normal((3, 5)), normal((3, 4))
    yield "fourRows", normal((4, 5)), normal((4, 4))
    yield "twoRows", normal((2, 5)), normal((2, 4))
    yield "elevenRows", normal((11, 5)), normal((11, 4))
    yield "equalRows", np.tile(normal(5), (15, 1)), normal((15, 5))
    yield "oneRow", normal((1, 5)), normal((1, 5))


def comparison(x, y):
    x, y = (np.asarray(a, dtype=np.float64) for a in (x, y))
    n = len(x)
    return {
        "count": n,
        "neighbours": neighbour_change(x, y),
        "linearCka": cka(x, y),
        "procrustes": residual(x, y),
        "rsa": rsa(x, y),
    }


def kernels(x):
    x = x - x.mean(axis=0)
    norm = np.abs(x).max()
    if norm < 1e-300:
        return None
    x = x / norm
    return x @ x.T


def cka(x, y):
    if np.ptp(x, axis=0).max() == 0 or np.ptp(y, axis=0).max() == 0:
        return None
    # Uncentred, scaled: both estimators centre by themselves.
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    k, l = x @ x.T, y @ y.T
    n = len(k)
    h = np.eye(n) - 1 / n

    def hsic0(a, b):
        return np.trace(a @ h @ b @ h)

    def hsic1(a, b):  # Song et al. 2012, eq. 5, as it is printed
        a, b = a - np.diag(np.diag(a)), b - np.diag(np.diag(b))
        one = np.ones(n)
        both = one @ a @ one * (one @ b @ one) / ((n - 1) * (n - 2))
        return (np.trace(a @ b) + both - 2 / (n - 2) * (one @ a @ b @ one)) / (n * (n - 3))

    biased = hsic0(k, l) / np.sqrt(hsic0(k, k) * hsic0(l, l))
    debiased = None
    if n >= 4:
        own = hsic1(k, k), hsic1(l, l)
        if own[0] > 1e-12 * hsic0(k, k) and own[1] > 1e-12 * hsic0(l, l):
            debiased = min(1, max(-1, hsic1(k, l) / np.sqrt(own[0] * own[1])))
    return {"biased": biased, "debiased": debiased}


def residual(x, y):
    if np.ptp(x, axis=0).max() == 0 or np.ptp(y, axis=0).max() == 0:
        return None
    d = max(x.shape[1], y.shape[1])
    pad = lambda a: np.c_[a / np.abs(a).max(), np.zeros((len(a), d - a.shape[1]))]
    return procrustes(pad(x), pad(y))[2]


def unit_cosines(x):
    norms = np.sqrt((x / np.abs(x).max()) ** 2 @ np.ones(x.shape[1])) * np.abs(x).max()
    unit = x / np.where(norms > 0, norms, 1)[:, None]
    return norms > 0, unit @ unit.T


def merged(values):
    """Values that are equal but for rounding, made equal."""
    order = np.argsort(values)
    starts = np.diff(values[order], prepend=-np.inf) > 1e-12
    out = np.empty_like(values)
    out[order] = values[order][np.flatnonzero(starts)][np.cumsum(starts) - 1]
    return out


def rsa(x, y):
    has_x, cos_x = unit_cosines(x)
    has_y, cos_y = unit_cosines(y)
    upper = np.triu_indices(len(x), 1)
    has = (has_x & has_y)[upper[0]] & (has_x & has_y)[upper[1]]
    a, b = (merged(c[upper][has]) for c in (cos_x, cos_y))
    if len(a) < 2:
        return None
    varies = np.ptp(a) > 1e-12 and np.ptp(b) > 1e-12
    return {"count": len(a), "spearman": spearmanr(a, b)[0] if varies else None}


def nearest(x):
    has, cosines = unit_cosines(x)
    if has.sum() <= K:
        return None
    cosines = np.round(cosines, 13)
    np.fill_diagonal(cosines, -np.inf)
    cosines[:, ~has] = -np.inf
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :K]
    return [set(row) if has[i] else None for i, row in enumerate(order.tolist())]


def neighbour_change(x, y):
    a, b = nearest(x), nearest(y)
    if a is None or b is None:
        return None
    shares = [len(p & q) / len(p | q) for p, q in zip(a, b) if p is not None and q is not None]
    return {"k": K, "count": len(shares), "meanJaccard": np.mean(shares)} if shares else None


def outliers(x):
    """Factors of the rows that have a direction, where they are more than K."""
    x = np.asarray(x, dtype=np.float64)
    has, _ = unit_cosines(x)
    if has.sum() <= K:
        return None
    model = LocalOutlierFactor(n_neighbors=K, metric="cosine", algorithm="brute")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on duplicates
        model.fit(x[has] / np.abs(x).max())
    factors = [None] * len(x)
    for row, factor in zip(np.flatnonzero(has), -model.negative_outlier_factor_):
        factors[row] = factor
    return factors


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        row, last = [i] + row[1:], row
        for j, q in enumerate(b, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (p != q))
    return row[-1]


def sentences(count):
    rng = np.random.default_rng(7)
    words = "the a cat dog sat lay on under mat rug Straße naïve 北京 ключ quickly and then".split()
    return [" ".join(rng.choice(words, rng.integers(1, 12))) for _ in range(count)]


def text_statistics(x, lines):
    x = np.asarray(x, dtype=np.float64)
    lengths = np.array([len(line) for line in lines], dtype=float)
    norms = np.linalg.norm(x, axis=1)
    has, cosines = unit_cosines(x)
    upper = np.triu_indices(len(x), 1)
    kept = has[upper[0]] & has[upper[1]]
    first, second = upper[0][kept], upper[1][kept]
    cosine = merged(cosines[first, second])
    edits = [levenshtein(lines[i], lines[j]) / max(len(lines[i]), len(lines[j])) for i, j in zip(first, second)]
    differences = np.abs(lengths[first] - lengths[second])
    return {
        "normWithLength": {
            "count": len(x),
            "pearson": pearsonr(norms, lengths)[0],
            "spearman": spearmanr(norms, lengths)[0],
        },
        "lexicalLeakage": {
            "count": len(cosine),
            "editDistance": spearmanr(cosine, edits)[0],
            "lengthDifference": spearmanr(cosine, differences)[0],
        },
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


if __name__ == "__main__":
    (HERE / "spaces").mkdir(exist_ok=True)
    golden = {}
    lines = sentences(90)
    for name, x, y in spaces():
        np.save(HERE / "spaces" / f"{name}A.npy", x)
        np.save(HERE / "spaces" / f"{name}B.npy", y)
        # Of equally near neighbours scikit-learn takes any.
        golden[name] = plain({"comparison": comparison(x, y), "outliers": None if name == "counts" else outliers(x)})
        if name in ("noisy", "zeroRows"):
            golden[name]["text"] = plain(text_statistics(x, lines[: len(x)]))
    (HERE / "sentences.json").write_text(json.dumps(lines, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "comparison.json").write_text(json.dumps(golden, indent=1, allow_nan=False) + "\n", encoding="utf-8")
