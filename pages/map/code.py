import numpy as np
import torch

from gen_lab import load
from gen_lab.latent import layouts
from gen_lab.metrics.trustworthiness import readings
from pages.map import state

faces = load("vae-avatars")  # or "vae-faces"
# for real pictures: mean, _ = faces.model.encode(images)
seed = torch.Generator().manual_seed(1)
latents = faces.model.sample(500, seed).numpy()

# a map: PCA, or layouts.umap, or layouts.tsne
plane = layouts.Plane.of(layouts.pca(latents, 1, 2))

# what would the picture be at a place, x and y from 0 to 1?
scene = state.scene(faces.model, plane, latents)
picture = scene([-1, 0.25, 0.5])  # uint8 (64, 64, 3)

# the way from the left half to the right half
corners = [0, 0, 0.5, 0, 0.5, 1, 0, 1]
left = layouts.inside(plane.positions, corners)
direction = state.difference(latents, left, ~left)

# how far can the map be believed?
halves = np.sign(latents[:, :1])  # instead of labels
figures = readings(latents, plane.positions, halves)
