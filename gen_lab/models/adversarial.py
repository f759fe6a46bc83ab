"""A projected discriminator and the hinge loss: what makes a decoder draw texture instead of its average.

The discriminator sees a frozen network's feature maps instead of pixels (Sauer et al. 2021, "Projected GANs Converge
Faster"), so it has something to teach within a few hundred steps; its convolutions are spectrally normalised (Miyato
et al. 2018) and its losses are the hinge version of the adversarial loss (as used there).
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm


class ProjectedDiscriminator(nn.Module):
    """Feature maps [(B, C_i, H_i, W_i)] to logits (B, L), all places of all maps side by side; positive means real.

    Each map passes a fixed random mixture of its channels first, so that no few channels give a fake away (Sauer et
    al. 2021, section 3.2, cross-channel mixing).
    """

    def __init__(self, channels: tuple[int, ...], width: int = 64):
        super().__init__()
        self.heads = nn.ModuleList()
        for index, count in enumerate(channels):
            self.register_buffer(f"mixture{index}", nn.init.orthogonal_(torch.empty(count, count))[:, :, None, None])
            layers = [spectral_norm(nn.Conv2d(count, width, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
            self.heads.append(nn.Sequential(*layers, spectral_norm(nn.Conv2d(width, 1, 3, padding=1))))

    def forward(self, features: list[torch.Tensor]) -> torch.Tensor:
        logits = []
        for index, (head, each) in enumerate(zip(self.heads, features, strict=True)):
            mixed = F.conv2d(each, getattr(self, f"mixture{index}").to(each.dtype))
            logits.append(head(mixed).flatten(1).float())
        return torch.cat(logits, 1)


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Mean of max(0, 1 - real) plus mean of max(0, 1 + fake), over logits of any shape (Miyato et al. 2018, eq. 16)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def generator_loss(fake: torch.Tensor) -> torch.Tensor:
    """-mean(fake) (Miyato et al. 2018, eq. 17)."""
    return -fake.mean()
