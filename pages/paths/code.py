import torch

from gen_lab import load
from gen_lab.latent import along, lerp, slerp
from gen_lab.sources import from_token
from pages.paths import film, state

faces = load("vae-avatars")  # or "vae-faces"
judge = load("judge-avatars").model

# three random pictures, as rows
tokens = ("s1", "s2", "s3")
keys = torch.stack([from_token(faces, t) for t in tokens])
t = torch.linspace(0, 1, 9)
straight = faces.model.decode(along(keys, t, lerp))
arc = faces.model.decode(along(keys, t, slerp))
# both (9, 3, 64, 64), values in [-1, 1]

# how far each step goes: linear, spherical, cross-fade
course = state.course(faces, keys)
steps = course.changes(judge.features)

# the same at constant speed, as a film
even = course.at_constant_speed(steps)
gif = film.gif(film.frames(even, seconds=1))
