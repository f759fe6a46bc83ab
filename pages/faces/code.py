import torch

from gen_lab import load

faces = load("vae-avatars")  # or "vae-faces"
smile = faces.directions["Smiling"]
# one unit of it: one standard deviation of the data

seed = torch.Generator().manual_seed(1)
latents = faces.model.sample(4, seed)
before = faces.model.decode(latents)
after = faces.model.decode(latents + 2 * smile)
# both (4, 3, 64, 64), values in [-1, 1]

# and back: where in latent space do these lie?
mean, log_var = faces.model.encode(after)

# move Smiling, hold Eyeglasses
move, hold = ["Smiling"], ["Eyeglasses"]
direction = faces.directions.locked(move, hold)[0]
careful = faces.model.decode(latents + 2 * direction)
