import numpy as np

from gen_lab import registry
from gen_lab.checkpoint import replay

folder = registry.folder("vae-avatars")
run = replay.read(folder)

# the losses, and when
for name, values in run.losses.items():
    print(name, values[-1])
print(run.steps[-1], run.epochs[-1])

# the pictures of the latents at each snapshot, uint8
rows, latents = run.pictures.shape[:2]

# how different a row's pictures are, in [0, 1]
apart = replay.diversity(run.pictures)
last = run.pictures[-1] / 255
same = np.sqrt(2 * last.var(0, ddof=1).mean())

# signs of trouble, measured or written by hand
for note in run.notes:
    print(note.step, note.title, note.text)
