import torch

from gen_lab import load

faces = load("vae-avatars")  # or "vae-faces"
smile = faces.directions["Smiling"]  # one unit: one standard deviation of the data

latents = faces.model.sample(4, torch.Generator().manual_seed(1))
before = faces.model.decode(latents)  # (4, 3, 64, 64) in [-1, 1]
after = faces.model.decode(latents + 2 * smile)

mean, log_var = faces.model.encode(after)  # and back: (4, 128) each

# Move Smiling, hold Eyeglasses
held = faces.directions.locked(["Smiling"], ["Eyeglasses"])[0]
careful = faces.model.decode(latents + 2 * held)
