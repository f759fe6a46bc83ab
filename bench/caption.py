"""From a picture to its first word, to its greedy caption, and to one with five beams.

Medians over scikit-learn's two sample photos (640 x 427 pixels), as a page has them.
"""

import statistics
import time

from sklearn.datasets import load_sample_images

import gen_lab
from bench import device_words
from gen_lab.images import to_float

TIMES = 8  # that each photo is captioned


def measure() -> dict:
    model = gen_lab.load("caption-photos").model
    device = next(model.parameters()).device
    pictures = [to_float(photo[None]).to(device) for photo in load_sample_images().images]

    def median_ms(caption) -> float:
        caption(pictures[0])  # warm up
        times = []
        for picture in pictures * TIMES:
            start = time.perf_counter()
            caption(picture)
            times.append(1000 * (time.perf_counter() - start))
        return round(statistics.median(times), 1)

    return {
        "device": device_words(),
        "greedy_ms": median_ms(lambda picture: model.caption(picture)),
        "beam5_ms": median_ms(lambda picture: model.caption(picture, beam=5)),
        "first_word_ms": median_ms(lambda picture: next(model.stream(model.features(picture)))),
    }
