import torch

from gen_lab import load
from gen_lab.latent.principal import principal, truncated

# or "gan-digits", "wgan_gp-faces"
gan = load("dcgan-bricks").model
seed = torch.Generator().manual_seed(1)
z = gan.sample(8, seed)
pictures = gan.decode(z)  # values in [-1, 1]

# the discriminator's probability that each is real
real = gan.score(pictures).sigmoid()

# SeFa: eigenvectors of A^T A, the last is the first
A = gan.first_weight  # (F, D)
values, vectors = torch.linalg.eigh(A.T @ A)
direction = vectors[:, -1]
moved = gan.decode(z + 3 * direction)

# both methods, with the share of each direction
sefa, _ = principal(gan, "sefa", 6)  # (6, D), (6,)
pca, shares = principal(gan, "pca", 6)

# the truncation trick, then two of one direction
typical = gan.decode(truncated(z, 1.0) + 2 * pca[0])
