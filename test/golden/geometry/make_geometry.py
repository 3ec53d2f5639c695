"""Matrices of many kinds and what NumPy, SciPy, IsoScore and scikit-dimension say of them.

    pip install numpy scipy scikit-learn scikit-dimension
    python make_geometry.py            # writes matrices/*.npy and geometry.json beside itself

Every value is computed another way than Isoscope computes it where there is one: singular values of the centred matrix, all pairs in one array,
scikit-dimension's own estimators. The IsoScore package's formula is asserted.
"""
import json
import pathlib
import warnings

import numpy as np
from scipy.special import logsumexp
from scipy.stats import skew
from sklearn.preprocessing import normalize

import skdim

HERE = pathlib.Path(__file__).parent
RANK = 1e-12
QUANTILES = ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"]


def matrices():
    rng = np.random.default_rng(20240607)
    normal = rng.standard_normal

    yield "isotropic", normal((200, 16)).astype("f4")
    yield "commonMean", (normal((200, 24)) + 5 * normal(24)).astype("f4")
    yield "graded", normal((240, 14)) * 10.0 ** (-np.arange(14) / 2.8) @ np.linalg.qr(normal((14, 14)))[0]
    hidden = normal((150, 24)) * np.linspace(2, 0.1, 24) + normal(24)
    hidden[:, [3, 11, 17]] = 0
    live = [k for k in range(24) if k not in (3, 11, 17)]
    hidden[:, live] -= hidden[:, live].mean(axis=1, keepdims=True)  # a closing LayerNorm: every row sums to 0
    hidden[:, [3, 11, 17]] = [0.25, -1.5, 0]
    yield "rankDeficient", hidden.astype("f4")
    centres = 4 * normal((6, 12))
    yield "clustered", (centres[rng.integers(6, size=240)] + 0.3 * normal((240, 12))).astype("f4")
    few = normal((70, 10)) + 1
    yield "duplicates", few[np.r_[np.arange(70), rng.integers(12, size=50)]].astype("f4")
    zeros = normal((80, 8)) + 0.5
    zeros[[0, 7, 8, 40, 79]] = 0
    yield "zeroRows", zeros.astype("f4")
    yield "wide", (normal((30, 40)) + 1).astype("f4")
    yield "simplex", normal((9, 8))
    yield "twoRows", normal((2, 6)).astype("f4")
    yield "threeRows", normal((3, 2))
    yield "oneDimension", (normal((50, 1)) + 0.7).astype("f4")
    yield "twoDimensions", (normal((100, 2)) * [3, 1] + [2, 0]).astype("f4")
    yield "largeOffset", normal((150, 8)) + 1e3
    yield "tiny", (1e-20 * (normal((100, 10)) + 0.5)).astype("f4")
    yield "huge", 1e60 * (normal((60, 6)) * np.linspace(1, 2, 6) + 0.5)
    rogue = normal((150, 32))
    rogue[:, 5] += 40
    rogue[:, 20] *= 15
    yield "rogue", rogue.astype("f4")
    yield "unitRows", normalize(normal((180, 20)) + 0.6).astype("f4")
    outlier = normal((90, 6))
    outlier[0] *= 1e4
    yield "outlier", outlier
    yield "equalRows", np.tile(normal(5), (12, 1)).astype("f4")
    yield "oneRow", normal((1, 4)).astype("f4")
    manifold = rng.uniform(size=(260, 3))
    yield "manifold", np.c_[manifold, np.sin(3 * manifold), np.cos(2 * manifold[:, :2])] @ normal((8, 15))
    yield "counts", rng.integers(0, 3, (150, 9)).astype("f4")  # cosines that are equal in exact arithmetic


def geometry(x):
    x = np.asarray(x, dtype=np.float64)
    n, d = x.shape
    out = {"count": n, "dimension": d}
    norms = np.sqrt((x / np.abs(x).max()) ** 2 @ np.ones(d)) * np.abs(x).max()
    out["meanNorm"] = norms.mean()
    out["normStd"] = norms.std(ddof=1) if n > 1 else None
    out["meanVectorNorm"] = np.linalg.norm(x.mean(axis=0))
    out.update(spectrum(x))
    out["partitionIsotropy"] = partition(x)
    out.update(cosines(x, norms))
    out["hubness"] = hubness(x[norms > 0] / norms[norms > 0, None])
    out["intrinsicDimension"] = intrinsic(np.unique(x, axis=0))
    return out


def spectrum(x):
    n, d = x.shape
    keys = ["eigenvalues", "totalVariance", "effectiveRank", "participationRatio", "isoScore", "stableRank", "conditionNumber",
            "componentsFor", "decayExponent"]
    out = dict.fromkeys(keys)
    if n < 2:
        return out
    constant = np.all(x == x[0])
    singular = np.zeros(d)
    if not constant:
        values = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) / np.sqrt(n - 1)
        singular[: len(values)] = values
    eigen = singular**2
    out["eigenvalues"] = eigen
    out["totalVariance"] = np.trace(np.atleast_2d(np.cov(x, rowvar=False))) if not constant else 0.0
    if constant:
        return out
    counted = eigen > RANK * eigen[0]
    rank = counted.sum()
    p = singular[counted] / singular[counted].sum()
    out["effectiveRank"] = np.exp(-(p * np.log(p)).sum())
    out["participationRatio"] = (eigen / eigen[0]).sum() ** 2 / ((eigen / eigen[0]) ** 2).sum()
    out["isoScore"] = (out["participationRatio"] - 1) / (d - 1) if d > 1 else None
    out["stableRank"] = eigen.sum() / eigen[0]
    out["conditionNumber"] = eigen[0] / eigen[-1] if rank == d else None
    share = np.cumsum(eigen) / eigen.sum()
    out["componentsFor"] = {q: int(np.argmax(share >= float(q) - 1e-12)) + 1 for q in ["0.9", "0.95", "0.99"]}
    if rank > 1:
        out["decayExponent"] = -np.polyfit(np.log(np.arange(1, rank + 1)), np.log(eigen[:rank]), 1)[0]
    check_iso_score(x, out["isoScore"])
    return out


def check_iso_score(x, expected):
    """The formula of the IsoScore package (2.0.1, IsoScore.py), which does it in torch: (participation ratio - 1)/(d - 1) by another road."""
    if expected is None:
        return
    x = x / np.abs(x).max()
    d = x.shape[1]
    components = np.linalg.svd(np.cov(x.T), compute_uv=False)
    normed = components * np.sqrt(d) / np.linalg.norm(components)
    defect = np.linalg.norm(normed - 1) / np.sqrt(2 * (d - np.sqrt(d)))
    score = ((d - defect**2 * (d - np.sqrt(d))) ** 2 - d) / (d * (d - 1))
    assert abs(score - expected) < 1e-12, (score, expected)  # of d(d - 1) roundings


def partition(x):
    """min Z / max Z over both signs of every eigenvector."""
    _, vectors = np.linalg.eigh(x.T @ x)
    exponents = x @ vectors
    logs = np.r_[logsumexp(exponents, axis=0), logsumexp(-exponents, axis=0)]
    return np.exp(logs.min() - logs.max())


def cosines(x, norms):
    out = dict.fromkeys(["averageCosine", "cosineQuantiles", "uniformity", "rogueDimensions", "r2Without"])
    kept = x[norms > 0]
    m, d = kept.shape
    if m < 2:
        return out
    unit = kept / norms[norms > 0, None]
    upper = np.triu_indices(m, 1)
    pairs = (unit @ unit.T)[upper]
    out["averageCosine"] = pairs.mean()
    out["cosineQuantiles"] = {q: np.quantile(pairs, float(q)) for q in QUANTILES}
    squares = ((unit[upper[0]] - unit[upper[1]]) ** 2).sum(axis=1)
    out["uniformity"] = logsumexp(-2 * squares) - np.log(len(squares))
    share = np.array([np.outer(unit[:, k], unit[:, k])[upper].mean() for k in range(d)]) / pairs.mean()
    order = np.argsort(-share, kind="stable")
    out["rogueDimensions"] = [{"dimension": int(k), "share": share[k]} for k in order[:10]]
    r2 = {}
    for removed in (1, 3, 5):
        r2[str(removed)] = None
        rest = np.delete(kept, order[:removed], axis=1)
        if removed < d:
            lengths = np.linalg.norm(rest, axis=1)
            has = (lengths[upper[0]] > 0) & (lengths[upper[1]] > 0)
            rest = rest / np.where(lengths > 0, lengths, 1)[:, None]
            other = (rest @ rest.T)[upper]
            if has.sum() > 1 and pairs[has].std() > 1e-13 and other[has].std() > 1e-13:
                r2[str(removed)] = np.corrcoef(pairs[has], other[has])[0, 1] ** 2
    out["r2Without"] = r2 if any(value is not None for value in r2.values()) else None
    return out


def hubness(unit, k=10):
    m = len(unit)
    if m <= k:
        return None
    similar = np.round(unit @ unit.T, 13)  # cosines that are equal but for rounding are equal
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :k]
    counts = np.bincount(nearest.ravel(), minlength=m)
    return {
        "k": k,
        "skewness": skew(counts) if counts.std() > 0 else None,
        "antiHubRate": (counts == 0).mean(),
        "hubShare": counts[counts >= 2 * k].sum() / counts.sum(),
        "robinHood": 0.5 * np.abs(counts - counts.mean()).sum() / counts.sum(),
    }


def intrinsic(distinct):
    n, d = distinct.shape
    # scikit-dimension wants two columns; a column of zeros changes no distance.
    wide = np.c_[distinct, np.zeros(n)]
    wide = wide / np.abs(wide).max()
    # Distances by differences: scikit-learn's brute-force search takes them from products of uncentred rows.
    distances = np.sort(np.sqrt(((wide[:, None] - wide[None]) ** 2).sum(axis=2)), axis=1)[:, 1:]
    out = {"twoNN": None, "mle": None}
    if n >= 3 and int(n * 0.9) >= 2:
        out["twoNN"] = skdim.id.TwoNN(discard_fraction=0.1, dist=True).fit(distances[:, :2]).dimension_
    if n > 20:
        precomputed = (distances[:, :20], np.zeros((n, 20), dtype=int))
        out["mle"] = skdim.id.MLE().fit(wide, precomputed_knn_arrays=precomputed, n_neighbors=20, comb="mle").dimension_
    return out if any(value is not None for value in out.values()) else None


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


if __name__ == "__main__":
    warnings.simplefilter("error", RuntimeWarning)
    (HERE / "matrices").mkdir(exist_ok=True)
    golden = {}
    for name, matrix in matrices():
        np.save(HERE / "matrices" / f"{name}.npy", matrix)
        golden[name] = plain(geometry(matrix))
    text = json.dumps(golden, indent=1, allow_nan=False)
    (HERE / "geometry.json").write_text(text + "\n", encoding="utf-8")
