import torch

from gen_lab import load

vae = load("vae-digits").model  # or "ae-digits"

# a 5 x 5 piece of the plane
steps = torch.linspace(-2, 2, 5)
plane = torch.cartesian_prod(steps, steps)
pictures = vae.decode(plane)  # (25, 1, 28, 28) in [-1, 1]

# and back: where do they lie, and how sure is the encoder?
mean, log_var = vae.encode(pictures)

# what the judge sees in each: ten probabilities
judge = load("judge-digits").model
digit = judge.probabilities(pictures).argmax(1)
