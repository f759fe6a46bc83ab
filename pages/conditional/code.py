import torch

from gen_lab import load
from gen_lab.latent.principal import sefa

cgan = load("cgan-digits").model  # or "cgan-faces"
print(cgan.classes)  # what the labels stand for

# one latent under every label
seed = torch.Generator().manual_seed(1)
z = cgan.sample(1, seed).expand(10, -1)
labels = torch.eye(10)
row = cgan.decode(z, labels)  # (10, 1, 28, 28)

# the same latent, moved along its first direction
directions, _ = sefa(cgan.first_weight, 4)
moved = cgan.decode(z + 2 * directions[0], labels)

# from a 4 to a 9
t = torch.linspace(0, 1, 10)[:, None]
mixed = (1 - t) * labels[4] + t * labels[9]
between = cgan.decode(z, mixed)

# what does the judge read?
judge = load("judge-digits").model
read = judge.probabilities(row).argmax(1)
