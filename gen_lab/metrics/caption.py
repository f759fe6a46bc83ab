"""The figures of a captioner's card: BLEU and CIDEr of its sentences against those of people.

Sentences are compared as words (`gen_lab.models.parts.text.tokenize`), BLEU by sacrebleu (requirements-dev.txt).
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gen_lab import data
from gen_lab.errors import MissingPackage
from gen_lab.images import to_float
from gen_lab.models.parts.text import tokenize

BATCH = 50
ORDERS = (1, 2, 3, 4)
Sentence = Sequence[str]


def bleu(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> dict[str, float]:
    """BLEU-1 to BLEU-4 in per cent (Papineni et al. 2002), of the whole corpus, against all references of each
    picture; sacrebleu without its own tokenizer and without smoothing."""
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ModuleNotFoundError as error:
        raise MissingPackage("BLEU is sacrebleu's") from error
    sentences = [" ".join(words) for words in candidates]
    most = max(len(captions) for captions in references)
    # sacrebleu wants the first reference of every picture, then the second, ...; None where there is none.
    streams: list[list[Any]] = [
        [" ".join(captions[number]) if number < len(captions) else None for captions in references]
        for number in range(most)
    ]
    figures = {}
    for order in ORDERS:
        metric = BLEU(tokenize="none", smooth_method="none", max_ngram_order=order, force=True)
        figures[f"bleu_{order}"] = metric.corpus_score(sentences, streams).score
    return figures


def cider(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]], sigma: float = 6.0) -> float:
    """CIDEr-D (Vedantam et al. 2015, section 6) as COCO's server reports it, without stemming; 1.0 is 100 %.

    Per n-gram length 1 to 4, the cosine of TF-IDF vectors of candidate and reference, the candidate's counts clipped
    to the reference's, times exp(-(difference of lengths)^2 / (2 sigma^2)); the mean over references and n, times 10.
    IDF is that of the references: log(pictures / pictures with the n-gram in a reference).
    """
    pictures = len(references)
    containing = Counter(gram for captions in references for gram in {g for words in captions for g in _grams(words)})

    def weight(grams: Counter) -> dict:
        return {gram: count * math.log(pictures / max(1, containing[gram])) for gram, count in grams.items()}

    def norms(vector: dict) -> list[float]:
        return [math.sqrt(sum(v * v for gram, v in vector.items() if len(gram) == n)) for n in ORDERS]

    scores = []
    for words, captions in zip(candidates, references, strict=True):
        ours = weight(_grams(words))
        our_norms = norms(ours)
        total = 0.0
        for reference in captions:
            theirs = weight(_grams(reference))
            penalty = math.exp(-((len(words) - len(reference)) ** 2) / (2 * sigma**2))
            for n, a, b in zip(ORDERS, our_norms, norms(theirs), strict=True):
                if a and b:
                    product = sum(min(v, theirs[g]) * theirs[g] for g, v in ours.items() if len(g) == n and g in theirs)
                    total += penalty * product / (a * b)
        scores.append(10 * total / len(ORDERS) / len(captions))
    return float(np.mean(scores))


def _grams(words: Sentence) -> Counter:
    """Every run of one to four words, with its count."""
    return Counter(tuple(words[i : i + n]) for n in ORDERS for i in range(len(words) - n + 1))


def scores(candidates: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> dict[str, float]:
    """BLEU-1 to BLEU-4, CIDEr, words per caption, and how many different words are used."""
    return {
        **{name: round(value, 2) for name, value in bleu(candidates, references).items()},
        "cider": round(cider(candidates, references), 4),
        "words": round(float(np.mean([len(words) for words in candidates])), 2),
        "different_words": len({word for words in candidates for word in words}),
    }


def references_of(pictures) -> list[list[Sentence]]:
    """The captions of a `CaptionData` as words, for each picture."""
    return [[tokenize(caption) for caption in captions] for captions in pictures.captions]


def measure(checkpoint, log=print) -> dict:
    """Every figure of the card, greedy and with five beams, on the validation split (of Flickr8k: dev)."""
    model, dev = checkpoint.model, data.load(checkpoint.card["data"]["name"], "valid")
    references = references_of(dev)
    device = next(model.parameters()).device
    sentences = {"greedy": [], "beam_5": []}
    for start in range(0, len(dev), BATCH):
        log(f"picture {start} of {len(dev)} ...")
        with torch.inference_mode():
            pictures = (to_float(np.asarray(dev.images[i])[None]) for i in range(start, min(start + BATCH, len(dev))))
            features = torch.cat([model.features(picture.to(device)) for picture in pictures])
        for name, beam in (("greedy", 1), ("beam_5", 5)):
            sentences[name] += [caption.words for caption in model.describe(features, beam)]
    return {
        "valid_images": len(dev),
        "bleu_by": "sacrebleu, corpus, all references, lower-case without punctuation, no smoothing",
        **{name: scores(candidates, references) for name, candidates in sentences.items()},
        "people": {
            "words": round(float(np.mean([len(words) for captions in references for words in captions])), 2),
            "different_words": len({word for captions in references for words in captions for word in words}),
        },
    }
