"""Bring a data set onto this machine: render it, decode it, or fetch it where its terms and the network allow.

    python -m train.data              lists the data sets
    python -m train.data avatars      renders 30,000 faces, in a minute or two
    python -m train.data celeba       decodes CelebA's files, or fetches them first
    python -m train.data mnist        fetches MNIST; fashion: Fashion-MNIST
    python -m train.data bricks       renders 40,000 toy bricks, in a few minutes; lego: decodes public renders
    python -m train.data flickr8k     says how photos with captions are had; coco: more of them
"""

import argparse
import signal
import sys

from gen_lab import data, files
from gen_lab.data import MissingData, celeba, coco, fashion, flickr8k, lego, mnist, reading
from gen_lab.data.captions import CaptionData

BY_HAND = {
    "celeba": f"""\
Fetch it by hand from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html (folder "Align&Cropped Images": Img, Anno and
Eval), and put these files into {{folder}}:
  img_align_celeba.zip (or unpacked, as the folder img_align_celeba)
  {celeba.FILES[0]}
  {celeba.FILES[1]}""",
    "mnist": """\
Fetch it by hand, and put these files into {folder}:
  train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz
  t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz""",
    "fashion": """\
Install Debian's package dataset-fashion-mnist, or fetch the data set by hand from
https://github.com/zalandoresearch/fashion-mnist, and put these files into {folder}:
  train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz
  t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz""",
    "lego": f"""\
Its terms are unclear, so nothing is fetched. If you have such renders, put them into {{folder}}:
  {lego.ARCHIVE} (or unpacked, as the folder {lego.FOLDER}), with the pictures as {lego.FOLDER}/<kind>/*.png""",
    "flickr8k": f"""\
Fetch it by hand (its authors' form: https://forms.illinois.edu/sec/1713398), and put these files into {{folder}}:
  {flickr8k.PICTURES}.zip (or unpacked, as the folder {flickr8k.PICTURES})
  {flickr8k.CAPTIONS}
  {", ".join(flickr8k.LISTS.values())}""",
    "coco": f"""\
Fetch it by hand from https://cocodataset.org/#download (19 GB), and put these files into {{folder}}:
  annotations/captions_train2017.json, annotations/captions_val2017.json
  {", ".join(f"{part}.zip" for part in coco.PARTS.values())} (or unpacked, as folders)""",
}
FETCHED = {
    "celeba": ("CelebA", "1.4 GB"), "mnist": ("MNIST", mnist.DOWNLOAD), "fashion": ("FashionMNIST", fashion.DOWNLOAD),
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m train.data", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", choices=data.NAMES, help="without a name: list the data sets")
    name = parser.parse_args(arguments).name
    try:
        if name is None:
            print_list()
            return 0
        if name in BY_HAND and (lack := reading.lack(name, data.module(name).sources())):
            fetch(name, lack)
        data.module(name).prepare()
        print(f"{name} is ready: {sizes(name)}")
    except (OSError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def print_list() -> None:
    print(f"Data sets under {data.data_root()} (set GEN_LAB_DATA to change), prepared under {data.cache_root()}:\n")
    for name in data.NAMES:
        module = data.module(name)
        if data.is_ready(name):
            try:
                state = sizes(name).replace("\n", f"\n{'':12}")
            except (OSError, ValueError) as error:
                state = f"there, but not in order: {error}"
        elif name not in BY_HAND:
            state = f"missing: python -m train.data {name}"
        elif lack := reading.lack(name, module.sources()):
            why = f" ({lack})" if any(module.sources().values()) else ""
            state = f"missing{why}: python -m train.data {name}"
        else:
            state = f"there, not decoded yet: python -m train.data {name}"
        print(f"{name:12}{state}\n{'':12}{str(module.__doc__).splitlines()[0]}\n{'':12}Licence: {module.LICENCE}\n")


def sizes(name: str) -> str:
    """The size of a data set that is ready, in words; on further lines, what was left out of it and why.

    Raises `MissingData` if no split has pictures, and ValueError for damaged files.
    """
    splits, problem = [], None
    for split in data.SPLITS:
        try:
            splits.append(data.load(name, split))
        except MissingData as error:  # sets of captions keep their test split to themselves
            problem = error
    if not splits and problem:
        raise problem
    counts = ", ".join(f"{len(part):,} {part.split}" for part in splits)
    left_out = "".join(dict.fromkeys(f"\n{part.left_out}" for part in splits if part.left_out))
    if isinstance(splits[0], CaptionData):
        return f"{counts}; {len(splits[0].captions[0])} captions each{left_out}"
    height, width = splits[0].images.shape[1:3]
    megabytes = sum(part.images.nbytes for part in splits) / 1e6
    attributes = len(splits[0].attribute_names)
    return f"{counts}; {width} x {height} pixels, {attributes} attributes, {megabytes:,.0f} MB{left_out}"


def fetch(name: str, lack: str) -> None:
    """Fetch a data set, whose `lack` is in words, with torchvision. Raises RuntimeError, which says what to do by hand,
    where that fails."""
    module = data.module(name)
    by_hand = BY_HAND[name].format(folder=module.folder())
    advice = f"Then run python -m train.data {name} again. Its terms: {module.LICENCE}."
    if name not in FETCHED:
        raise RuntimeError(f"{lack}\n\n{by_hand}\n{advice}")
    kind, size = FETCHED[name]
    print(f"{lack}; fetching {kind} ({size}) into {module.folder()}. Its terms: {module.LICENCE}.", flush=True)
    try:
        from torchvision import datasets  # takes seconds to import, and only this needs it

        getattr(datasets, kind)(str(data.data_root()), download=True)
    except Exception as error:  # no network, no gdown, a quota of the host, a checksum: the remedy is the same
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RuntimeError(f"{kind} could not be fetched: {reason}\n{lack}\n\n{by_hand}\n{advice}") from error


if __name__ == "__main__":
    for number in files.STOPS:  # a process that a script put into the background starts with Ctrl-C's signal ignored
        signal.signal(number, signal.default_int_handler)
    sys.exit(main())
