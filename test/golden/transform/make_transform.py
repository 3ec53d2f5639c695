"""Writes transform.json beside this file: small matrices and what NumPy, SciPy and scikit-learn make of them.

Run with NumPy 2.4, SciPy 1.17, scikit-learn 1.9: python make_transform.py
Everything in float64. Coordinates of pca and pca-cor have arbitrary signs: the test compares their absolute values, and
inner products of rows ("gram") everywhere.
"""
import json
from pathlib import Path

import numpy as np
import scipy.linalg as la
from sklearn.covariance import OAS, LedoitWolf, ledoit_wolf_shrinkage
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(20240607)


def full():
    """12 x 4, full rank, graded variances, off-centre."""
    x = rng.normal(size=(12, 4)) @ np.diag([3, 1, 0.4, 0.1]) @ la.qr(rng.normal(size=(4, 4)))[0]
    return np.round(x + [1, -2, 0.5, 3], 3)


def deficient():
    """10 x 6 of rank 4: dimension 1 is dead, dimension 5 is the sum of 0 and 2."""
    x = np.round(rng.normal(size=(10, 6)) * [2, 0, 1, 0.5, 3, 0] + [1, 0.25, 0, 2, -1, 0], 3)
    x[:, 5] = x[:, 0] + x[:, 2]
    return x


def wide():
    """5 x 7: fewer rows than dimensions."""
    return np.round(rng.normal(size=(5, 7)) + 0.5, 3)


def line():
    """6 x 1."""
    return np.round(rng.normal(size=(6, 1)) * 2 + 3, 3)


def tall():
    """16 x 3, one row of zeros."""
    x = np.round(rng.gamma(2, size=(16, 3)) * [1, 0.3, 2], 3)
    x[7] = 0
    return x


def centred(x):
    return x - x.mean(0)


def cov(x):
    return np.atleast_2d(np.cov(x, rowvar=False))


def pca(x, k=None):
    rank = np.linalg.matrix_rank(centred(x), tol=1e-9)
    k = min(k or x.shape[1], rank)
    fit = PCA(n_components=k, whiten=True, svd_solver="full").fit(x)
    return fit.transform(x), fit.components_


def zca(x, k=None):
    y, components = pca(x, k)
    return y @ components


def parametric(x, covariance, k=None, eps=0.0, beta=1.0, gamma=1.0, back=False):
    mean = x.mean(0)
    values, vectors = la.eigh(covariance + (1 - beta) ** 2 * np.outer(mean, mean))
    order = np.argsort(values)[::-1]
    values, vectors = np.maximum(values[order], 0), vectors[:, order]
    if eps == 0:
        k = min(k or len(values), int(np.sum(values > 1e-12 * values[0])))
    k = min(k or len(values), len(values))
    w = vectors[:, :k] * (values[:k] + eps) ** (-gamma / 2)
    return (x - beta * mean) @ (w @ vectors[:, :k].T if back else w)


def cholesky(x, covariance):
    # Kessy, Lewin & Strimmer 2018: W = L', L L' = inverse of the covariance; rows: y = (x - m) L
    return centred(x) @ la.cholesky(la.inv(covariance), lower=True)


def cor_parts(covariance):
    sd = np.sqrt(np.diag(covariance))
    live = sd > 1e-6 * sd.max()
    inverse = np.where(live, 1 / np.where(live, sd, 1), 0)
    values, vectors = la.eigh(covariance * np.outer(inverse, inverse))
    order = np.argsort(values)[::-1]
    return inverse, values[order], vectors[:, order]


def cor(x, covariance, k=None, eps=0.0, back=False):
    inverse, values, vectors = cor_parts(covariance)
    if eps == 0:
        k = min(k or len(values), int(np.sum(values > 1e-12 * values[0])))
    k = min(k or len(values), len(values))
    w = (inverse[:, None] * vectors[:, :k]) * (np.maximum(values[:k], 0) + eps) ** -0.5
    return centred(x) @ (w @ vectors[:, :k].T if back else w)


def zca_cor_by_power(x):
    # The definition, by a matrix power instead of an eigendecomposition of our own.
    covariance = cov(x)
    scale = np.diag(1 / np.sqrt(np.diag(covariance)))
    correlation = np.corrcoef(x, rowvar=False)
    return centred(x) @ scale @ la.fractional_matrix_power(correlation, -0.5).real


def abtt(x, d):
    components = PCA(n_components=d, svd_solver="full").fit(x).components_
    c = centred(x)
    return c - c @ components.T @ components


def zscore(x):
    sd = x.std(0, ddof=1)
    live = sd > 1e-6 * sd.max()
    return np.where(live, centred(x) / np.where(live, sd, 1), 0)


def unit(x):
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    return np.where(norms > 0, x / np.where(norms > 0, norms, 1), 0)


def shrunk(x, estimator):
    # scikit-learn divides by N; Isoscope shrinks the covariance with N - 1 by the same intensity.
    return estimator().fit(x).covariance_ * len(x) / (len(x) - 1)


matrices = {"full": full(), "deficient": deficient(), "wide": wide(), "line": line(), "tall": tall()}
cases = []


def case(matrix, spec, y, coordinates="exact"):
    """coordinates: exact, signs (columns up to their sign) or rotated (inner products only)"""
    cases.append({"matrix": matrix, "spec": spec, "coordinates": coordinates, "y": np.asarray(y).tolist()})


for name, x in matrices.items():
    case(name, "none", x)
    case(name, "center", StandardScaler(with_std=False).fit_transform(x))
    case(name, "zscore", zscore(x))
    case(name, "l2", unit(x))
    case(name, "pca", pca(x)[0], "signs")
    case(name, "zca", zca(x))
    case(name, "pca:eps=0.01", parametric(x, cov(x), eps=0.01), "signs" if name in ("full", "tall", "line") else "rotated")
    case(name, "zca:eps=0.01", parametric(x, cov(x), eps=0.01, back=True))
    case(name, "pca:gamma=0.5", parametric(x, cov(x), gamma=0.5), "signs")
    case(name, "pca:beta=0.5,gamma=0.7", parametric(x, cov(x), beta=0.5, gamma=0.7), "signs")
    case(name, "zca:beta=0.5,gamma=0.7", parametric(x, cov(x), beta=0.5, gamma=0.7, back=True))
    case(name, "pca:beta=0,gamma=0", parametric(x, cov(x), beta=0, gamma=0), "signs")
    case(name, "zca:eps=0.02,beta=0,gamma=1", parametric(x, cov(x), eps=0.02, beta=0, back=True))
    if name != "line":
        case(name, "pca:k=2", pca(x, 2)[0], "signs")
        case(name, "zca:k=2", zca(x, 2))
        case(name, "cholesky:k=2", pca(x, 2)[0], "rotated")
        case(name, "abtt:d=1", abtt(x, 1))
        case(name, "abtt:d=2", abtt(x, 2))
        case(name, "truncate:k=2", x[:, :2])
        case(name, "pca-cor", cor(x, cov(x)), "rotated")
        case(name, "zca-cor:k=2", cor(x, cov(x), k=2, back=True))
        case(name, "zca-cor:eps=0.05", cor(x, cov(x), eps=0.05, back=True))
        case(name, "center+l2", unit(centred(x)))
        case(name, "l2+zca", zca(unit(x)))
        case(name, "abtt:d=1+zca:k=2", zca(abtt(x, 1), 2))
        case(name, "truncate:k=2+zscore", zscore(x[:, :2]))
    if name in ("full", "tall"):
        case(name, "cholesky", cholesky(x, cov(x)))
        case(name, "zca-cor", zca_cor_by_power(x))
    else:
        # Any whitening of a rank-deficient covariance has the inner products of its pseudo-inverse.
        case(name, "cholesky", pca(x)[0], "rotated")
        case(name, "zca-cor", cor(x, cov(x), back=True))
    for short, estimator in (("lw", LedoitWolf), ("oas", OAS)):
        s = shrunk(x, estimator)
        case(name, f"zca:shrinkage={short}", parametric(x, s, back=True))
        case(name, f"pca:k=1,shrinkage={short}", parametric(x, s, k=1), "signs")
        case(name, f"cholesky:shrinkage={short}", cholesky(x, s))
        case(name, f"zca:eps=0.1,shrinkage={short},beta=0.25,gamma=0.6",
             parametric(x, s, eps=0.1, beta=0.25, gamma=0.6, back=True))
        if name != "line":
            case(name, f"zca-cor:shrinkage={short}", cor(x, s, back=True))

golden = {
    "matrices": {name: x.tolist() for name, x in matrices.items()},
    "shrinkage": {
        name: {"lw": float(ledoit_wolf_shrinkage(x)), "oas": float(OAS().fit(x).shrinkage_)}
        for name, x in matrices.items()
    },
    "cases": cases,
}
rounded = json.loads(json.dumps(golden), parse_float=lambda text: float(f"{float(text):.12g}"))
Path(__file__).with_name("transform.json").write_text(json.dumps(rounded, separators=(",", ":")) + "\n")
