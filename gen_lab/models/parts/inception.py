"""Inception v3 (Szegedy et al. 2016, "Rethinking the Inception Architecture") up to its last map, as a frozen eye.

The layers are torchvision's, and so are the ImageNet weights, which it fetches.
"""

from typing import Self

import torch
from torch import nn

from gen_lab.models.parts.lite import Eye

SIZE = 299  # pixels a side, of which it makes 8 x 8 places
CHANNELS = 2048  # after the last block
NAMES = (
    *("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "maxpool2"),
    *("Mixed_5b", "Mixed_5c", "Mixed_5d"),
    *("Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"),
    *("Mixed_7a", "Mixed_7b", "Mixed_7c"),
)  # of the blocks, as torchvision has them


class Inception(Eye):
    """The last maps are 8 x 8 places of pictures of 299 x 299 pixels."""

    def __init__(self, taps: tuple[int, ...]):
        from torchvision.models import inception_v3

        super().__init__()
        self.taps = tuple(taps)
        network = inception_v3(weights=None, aux_logits=False, init_weights=False)
        self._blocks = nn.ModuleList(getattr(network, name) for name in NAMES[: max(taps) + 1])
        self.train(False).requires_grad_(False)

    def load_imagenet(self) -> Self:
        """torchvision's weights, fetched unless they are in its cache. Raises OSError with the remedy."""
        from torchvision.models import Inception_V3_Weights

        weights = Inception_V3_Weights.IMAGENET1K_V1
        try:
            state = weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
        except OSError as error:
            raise OSError(
                f"Inception's weights could not be fetched ({error}): put the file of {weights.url} into "
                f"{torch.hub.get_dir()}/checkpoints, or train with --encoder lite0"
            ) from error
        for name, block in zip(NAMES, self._blocks, strict=False):
            own = {key.removeprefix(f"{name}."): tensor for key, tensor in state.items() if key.startswith(f"{name}.")}
            block.load_state_dict(own)
        return self
