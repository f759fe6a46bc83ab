import numpy as np

from gen_lab import data, load, neighbours
from gen_lab.metrics import novelty
from gen_lab.metrics.spaces import texture

digits = load("vae-digits")
judge = load("judge-digits").model
# "fake_digits" needs no download; yours: "mnist"
train = data.load("fake_digits", "train").images
test = data.load("fake_digits", "test").images

# exact L1 neighbours: any uint8 rows, memory-mapped too
samples = novelty.sample(digits.model, 50)
query, rows = samples.reshape(50, -1), train.reshape(64, -1)
distances, indices = neighbours.nearest(query, rows, k=5)

# a memoriser's pictures, two pixels aside
copies = novelty.memorised(train, 50, seed=0)

# do they lie too near? by pixels, then by features
for space in (
    lambda images: images.reshape(len(images), -1),
    lambda images: texture(judge, images),
):
    points, held_out = space(train), space(test)
    for pictures in (samples, copies):
        query = space(pictures)
        print(novelty.copying_test(points, held_out, query))
print(np.median(distances[:, 0]))
