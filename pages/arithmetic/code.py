import torch

from gen_lab import load
from gen_lab.latent import analogy
from pages.arithmetic import state as arithmetic

faces = load("vae-avatars")  # or "vae-faces"
judge = load("judge-avatars").model

# 400 random pictures, as the judge sees them
pictures = arithmetic.samples(faces, judge)
filters = (
    ("Eyeglasses", "-Wearing_Hat"),
    ("-Eyeglasses", "-Wearing_Hat"),
    ("-Eyeglasses", "Wearing_Hat"),
)
made = arithmetic.Sum(
    "vae-avatars",
    **arithmetic.chosen(filters, faces, pictures, judge),
)

# up to five latents each
a, b, c = arithmetic.terms(faces, made)
z = analogy(a, b, c)  # the same as the next line
z = a.mean(0) - b.mean(0) + c.mean(0)
result = faces.model.decode(z[None])

seen = judge.probabilities(result)[0]
glasses = judge.config.attribute_names.index("Eyeglasses")
print(f"glasses: {seen[glasses]:.0%}", torch.norm(z))
