import torch

from gen_lab import load
from gen_lab.latent import analogy
from pages.arithmetic import state

faces = load("vae-avatars")  # or "vae-faces"
judge = load("judge-avatars").model

# 400 random pictures, as the judge sees them
pictures = state.samples(faces, judge)
filters = (
    ("Eyeglasses", "-Wearing_Hat"),
    ("-Eyeglasses", "-Wearing_Hat"),
    ("-Eyeglasses", "Wearing_Hat"),
)
formula = state.Sum(
    "vae-avatars",
    **state.fields(filters, faces, pictures, judge),
)

# up to five latents each
a, b, c = state.terms(faces, formula)
z = analogy(a, b, c)  # the same as the next line
z = a.mean(0) - b.mean(0) + c.mean(0)
result = faces.model.decode(z[None])

chances = judge.probabilities(result)[0]
glasses = judge.config.attribute_names.index("Eyeglasses")
print(f"glasses: {chances[glasses]:.0%}", torch.norm(z))
