import torch

from gen_lab import load
from pages.captions.pictures import PHOTOS, strip, tensor

model = load("caption-photos").model
photo = PHOTOS["camera"].open()  # any RGB picture
images = tensor(photo)  # (1, 3, H, W) in [-1, 1]

greedy = model.caption(images)[0]
best = model.caption(images, beam=5)[0]
print(best.words, best.log_probability)

# one map a word, (words, 7, 7); each sums to one
print(best.attention.sum((1, 2)))
slide = strip(photo, best.words, best.attention)

# word by word, with what else it might have said
features = model.features(images)  # (1, 7, 7, 320)
for step in model.stream(features):
    print(step.word, step.alternatives)

# continue from words of your own
captions = model.describe(features, prefix=("a", "woman"))

# where may it look? here: the left half only
mask = torch.arange(7).expand(1, 7, 7) < 4
half = model.describe(features, mask=mask)
