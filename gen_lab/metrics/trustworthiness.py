"""How far a map of a latent space can be trusted: do neighbours share labels on it as they do in the space?"""

import numpy as np

from gen_lab.latent.layouts import some

READ = 2_000  # points that the readings are taken on
NEAR = 10  # neighbours that the readings look at


def readings(latents: np.ndarray, positions: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """How far a map can be trusted, on `READ` random points: latents (N, D), positions (N, 2), labels (N, L).

    "latent", "map": the share of a point's `NEAR` nearest neighbours with its label, in the latent space and on the
    map, averaged over points and columns; "chance": the same for two random points. "trustworthiness": 1 where all
    neighbours on the map are neighbours in the latent space (Venna and Kaski 2001). "points": how many were read.
    """
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    rows = some(len(latents), READ)
    latents, positions, labels = latents[rows], positions[rows], labels[rows]
    near = min(NEAR, max((len(latents) - 1) // 2, 1))

    def agreement(points: np.ndarray) -> float:
        nearest = NearestNeighbors(n_neighbors=near).fit(points).kneighbors(return_distance=False)  # (n, near)
        return float((labels[nearest] == labels[:, None]).mean())

    shares = [np.unique(column, return_counts=True)[1] / len(column) for column in labels.T]
    return {
        "latent": agreement(latents),
        "map": agreement(positions),
        "chance": float(np.mean([np.square(share).sum() for share in shares])),
        "trustworthiness": float(trustworthiness(latents, positions, n_neighbors=near)) if len(latents) > 2 else 1.0,
        "points": len(latents),
    }
