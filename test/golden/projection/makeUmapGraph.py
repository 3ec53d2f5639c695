"""UMAP's fuzzy graph of small neighbour tables, by umap-learn (0.5): the reference for src/core/projection/umap/fuzzyGraph.ts. Run: python makeUmapGraph.py"""

import json
from pathlib import Path

import numpy as np
import umap
from umap.umap_ import find_ab_params, fuzzy_simplicial_set


def table(distances, k):
    """The k nearest of each point, itself first; equal distances by number."""
    np.fill_diagonal(distances, -1)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    np.fill_diagonal(distances, 0)
    return order.astype(np.int32), np.take_along_axis(distances, order, axis=1).astype(np.float32)


def case(name, distances, k):
    neighbours, lengths = table(distances.copy(), k)
    graph, _, _ = fuzzy_simplicial_set(
        distances, k, np.random.RandomState(0), "precomputed", knn_indices=neighbours, knn_dists=lengths
    )
    graph = graph.tocsr()
    graph.sort_indices()
    return {
        "name": name,
        "k": k,
        "neighbours": neighbours.ravel().tolist(),
        "distances": [float(value) for value in lengths.ravel()],
        "starts": graph.indptr.tolist(),
        "ends": graph.indices.tolist(),
        "weights": [float(value) for value in graph.data],
    }


def cosine_distances(rows):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.clip(1 - unit @ unit.T, 0, None)


random = np.random.RandomState(1)
cloud = random.normal(size=(40, 6))
near = random.normal(size=(20, 4))
near[10:] = near[:10] + 1e-3 * random.normal(size=(10, 4))
ring = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
ring = np.minimum(ring, 12 - ring).astype(float)
far = np.vstack([random.normal(size=(8, 3)) + 20, random.normal(size=(8, 3)) - 20])

a, b = find_ab_params(1.0, 0.1)
golden = {
    "tool": f"umap-learn {umap.__version__}",
    "a": float(a),
    "b": float(b),
    "cases": [
        case("a cloud", cosine_distances(cloud), 15),
        case("pairs", cosine_distances(near), 5),
        case("equal distances", ring, 5),
        case("two groups", np.linalg.norm(far[:, None] - far[None], axis=2), 7),
        case("all neighbours", cosine_distances(cloud[:6]), 6),
    ],
}
Path(__file__).with_name("umapGraph.json").write_text(json.dumps(golden) + "\n")
