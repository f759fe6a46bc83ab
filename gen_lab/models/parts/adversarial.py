"""What the adversarial families share: generators, critics, and their losses.

A critic gives a picture a number, higher for what looks real: the logit of a discriminator (Goodfellow et al. 2014) or
the value of a Wasserstein critic (Arjovsky et al. 2017).
"""

from typing import Literal, cast

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from gen_lab.models.parts.lite import Lite

CriticKind = Literal["pixels", "projected"]  # what a critic sees pictures through: nothing, or a frozen network
EMBEDDING = 50  # numbers in a label's embedding, if it has one


class Adversarial(nn.Module):
    """A generator and its critic; pictures (B, C, H, W) in [-1, 1], latents (B, latent_dim).

    In a conditional family, `classes` are the names of the columns of labels (B, len(classes)): one-hot rows, or
    mixtures that sum to one.
    """

    is_critic = False  # True: `score` is a critic's value; False: sigmoid(score) is the probability of "real"
    prior = "normal"

    def __init__(self, config, generator: "Generator", critic: nn.Module, classes: tuple[str, ...] = ()):
        super().__init__()
        self.config, self.classes = config, tuple(classes)
        self.latent_dim = config.latent_dim
        self.image_shape = (config.channels, config.image_size, config.image_size)
        self.generator, self.critic = generator, critic

    def sample(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """Latents (count, latent_dim) from the prior, on the model's device; `generator` is a CPU one."""
        return draw(self.prior, (count, self.latent_dim), generator).to(next(self.parameters()).device)

    def decode(self, latents: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Pictures; a conditional family needs labels."""
        return self.generator(latents, self._checked(labels)).float().clamp(-1, 1)

    def score(self, images: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """(B,): how real they look to the critic."""
        return self.critic(images, self._checked(labels)).float()

    @property
    def first_weight(self) -> torch.Tensor:
        """(F, latent_dim): what the generator's first layer multiplies a latent with (Shen and Zhou 2021, eq. 2)."""
        return self.generator.first_weight()[:, : self.latent_dim]

    def early(self, latents: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """(B, F): the generator's activations after its first layer (as in Härkönen et al. 2020, section 2.2)."""
        return self.generator.early(latents, self._checked(labels)).flatten(1).float()

    def _checked(self, labels):
        if bool(self.classes) != (labels is not None):
            wants = f"needs labels (B, {len(self.classes)})" if self.classes else "takes no labels"
            raise ValueError(f"this model {wants}")
        return labels


def draw(prior: str, shape: tuple[int, ...], generator: torch.Generator | None = None) -> torch.Tensor:
    """Latents from a prior: "normal" is N(0, 1), "uniform" U(-1, 1), in each coordinate."""
    if prior == "uniform":
        return torch.rand(shape, generator=generator) * 2 - 1
    return torch.randn(shape, generator=generator)


class Generator(nn.Module):
    """A first affine layer on the latent, joined with its label, then an activation, and the rest.

    `labels`, if there is one, maps labels (B, L) to the vector that is joined to the latent.
    """

    def __init__(self, linear: nn.Module, activation: nn.Module, body: nn.Module, labels: nn.Module | None = None):
        super().__init__()
        self.linear, self.activation, self.body = linear, activation, body
        self.labels = nn.Identity() if labels is None else labels

    def early(self, latents, labels=None):
        if labels is not None:
            latents = torch.cat([latents, self.labels(labels.to(latents.dtype))], 1)
        return self.activation(self.linear(latents))

    def forward(self, latents, labels=None):
        return self.body(self.early(latents, labels))

    @property
    def stages(self) -> nn.Sequential:
        """Of a network of stages, all that follows the first layer: feature maps (B, C, h, w) to pictures, with the
        weights of a decoder by `layers.up_stages`. The first of the stages is part of the activation."""
        _reshape, first = cast(nn.Sequential, self.activation)
        return nn.Sequential(first, *cast(nn.Sequential, self.body))

    @torch.no_grad()
    def first_weight(self) -> torch.Tensor:
        first = next(self.linear.parameters())  # of a transposed convolution (in, out, h, w), else (out, in)
        inputs = first.shape[0] if first.ndim == 4 else first.shape[1]
        unit = torch.eye(inputs, device=first.device, dtype=first.dtype)
        return (self.linear(unit) - self.linear(torch.zeros_like(unit))).flatten(1).T


class Critic(nn.Module):
    """A network that sees pictures: (B, C, H, W) to (B,). Labels come as further channels: constant planes, one for
    each class, or the image that `labels` (B, L) -> (B, 1, H, W) makes of them."""

    def __init__(self, body: nn.Module, labels: nn.Module | None = None):
        super().__init__()
        self.body, self.labels = body, labels

    def inputs(self, images: torch.Tensor) -> list[torch.Tensor]:
        """What a gradient penalty is measured at: the pictures."""
        return [images]

    def value(self, inputs: list[torch.Tensor], labels: torch.Tensor | None = None) -> torch.Tensor:
        (images,) = inputs
        if labels is not None:
            planes = self.labels(labels.to(images.dtype)) if self.labels else labels.to(images.dtype)[:, :, None, None]
            images = torch.cat([images, planes.expand(-1, -1, *images.shape[2:])], 1)
        return self.body(images).flatten().float()

    def forward(self, images, labels=None):
        return self.value(self.inputs(images), labels)


class ProjectedCritic(nn.Module):
    """A critic that sees a frozen network's feature maps instead of pixels (Sauer et al. 2021): (B, 3, H, W),
    or grey (B, 1, H, W), to (B,).

    The value is the mean over all places of all maps. Where no gradient penalty bounds the critic, its layers can be
    spectrally normalised (Miyato et al. 2018). Labels enter by projection: the inner product of their embedding
    with the features is added (Miyato and Koyama 2018, eq. 4), at every place.
    """

    TAPS = (0, 3, 6, 10)  # blocks of an EfficientNet-Lite1
    LENGTH = 5.0

    def __init__(self, width: int = 64, classes: int = 0, spectral: bool = False):
        super().__init__()
        bounded = spectral_norm if spectral else (lambda module: module)
        self.eye = Lite(self.TAPS, variant=1)
        self.heads, self.ends, self.embeddings = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for count in self.eye.channels:
            head = bounded(nn.Conv2d(count, width, 4, stride=2, padding=1))
            self.heads.append(nn.Sequential(head, nn.LeakyReLU(0.2)))
            self.ends.append(bounded(nn.Conv2d(width, 1, 3, padding=1)))
            self.embeddings.append(nn.Linear(classes, width, bias=False) if classes else nn.Identity())

    def inputs(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The feature maps: of the same direction at every place, and so long that each map's length is `LENGTH`.

        So a distance between pictures has a size like that between pictures themselves, where the penalty's weight of
        10 comes from, and no map outweighs the others.
        """
        images = images.expand(-1, 3, -1, -1)  # a grey picture as one of colour
        # On a CPU, bfloat16 takes twice as long in training: the way back through convolutions of one channel is slow.
        kind = images.device.type
        sooner = kind != "cpu" or torch.is_inference_mode_enabled()
        with torch.autocast(kind, enabled=sooner and torch.is_autocast_enabled(kind)):
            maps = self.eye(images.float().contiguous(memory_format=torch.channels_last))
        return [F.normalize(part.float(), dim=1, eps=1e-6) * (self.LENGTH / self._places(part)) for part in maps]

    @staticmethod
    def _places(features: torch.Tensor) -> float:
        return (features.shape[2] * features.shape[3]) ** 0.5

    def value(self, inputs: list[torch.Tensor], labels: torch.Tensor | None = None) -> torch.Tensor:
        values = []
        for head, end, embedding, features in zip(self.heads, self.ends, self.embeddings, inputs, strict=True):
            hidden = head(features * (self._places(features) * features.shape[1] ** 0.5 / self.LENGTH))
            value = end(hidden).flatten(1).float().mean(1)
            if labels is not None:
                value = value + (hidden.float().mean((2, 3)) * embedding(labels.to(hidden.dtype)).float()).sum(1)
            values.append(value)
        return torch.stack(values).mean(0)

    def forward(self, images, labels=None):
        return self.value(self.inputs(images), labels)


def gradient_penalty(critic, real: list[torch.Tensor], fake: list[torch.Tensor], share: torch.Tensor, labels=None):
    """E[(|grad f(x)| - 1)^2] at x = share * real + (1 - share) * fake (Gulrajani et al. 2017, eq. 3), unweighted.

    `critic.value(inputs, labels)` gives (B,); `real` and `fake` are lists of its inputs, (B, ...) each, and the norm
    is over all of them together; `share` (B,) is uniform in [0, 1].
    """
    mixtures = []
    for a, b in zip(real, fake, strict=True):
        of_real = share.view(-1, *[1] * (a.ndim - 1)).to(a.dtype)
        mixtures.append((of_real * a + (1 - of_real) * b).detach().requires_grad_())
    values = critic.value(mixtures, labels)
    gradients = torch.autograd.grad(values.sum(), mixtures, create_graph=True)
    squares = sum((gradient.float().square().flatten(1).sum(1) for gradient in gradients), torch.zeros_like(values))
    return ((squares + 1e-12).sqrt() - 1).square().mean()  # the root of zero has no gradient


def zero_centred_penalty(values: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """E[|grad f(x)|^2] at inputs x (B, ...) that require gradients, with values f(x) (B,), unweighted: R1 at real
    pictures (Mescheder et al. 2018, eq. 9), R2 at generated ones."""
    (gradients,) = torch.autograd.grad(values.sum(), inputs, create_graph=True)
    return gradients.float().square().flatten(1).sum(1).mean()


def relativistic_loss(higher: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
    """mean softplus(lower - higher), from values (B,) of pairs of pictures: the critic minimises it for (real, fake),
    the generator for (fake, real) (Jolicoeur-Martineau 2019; Huang et al. 2024, eq. 2)."""
    return F.softplus(lower - higher).mean()


def wasserstein_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """mean(fake) - mean(real), what a critic minimises (Arjovsky et al. 2017, eq. 3 with its sign turned)."""
    return fake.mean() - real.mean()


def cross_entropy_loss(
    real: torch.Tensor,
    fake: torch.Tensor,
    real_target: float | torch.Tensor = 1.0,
    fake_target: float | torch.Tensor = 0.0,
) -> torch.Tensor:
    """A discriminator's binary cross-entropy, (of real + of fake) / 2, from logits (B,) (Goodfellow et al. 2014, eq. 1,
    negated). Targets may be numbers or tensors (B,), also slightly outside of [0, 1] (label noise)."""

    def cross_entropy(logits, target):
        target = torch.as_tensor(target, device=logits.device).expand_as(logits)
        return F.binary_cross_entropy_with_logits(logits, target.to(logits.dtype))

    return (cross_entropy(real, real_target) + cross_entropy(fake, fake_target)) / 2


def non_saturating_loss(fake: torch.Tensor) -> torch.Tensor:
    """-log sigmoid(fake), averaged: what a generator minimises (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake).mean()


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
        for index, (head, maps) in enumerate(zip(self.heads, features, strict=True)):
            mixture = F.conv2d(maps, getattr(self, f"mixture{index}").to(maps.dtype))
            logits.append(head(mixture).flatten(1).float())
        return torch.cat(logits, 1)


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Mean of max(0, 1 - real) plus mean of max(0, 1 + fake), over logits of any shape (Miyato et al. 2018, eq. 16)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def generator_loss(fake: torch.Tensor) -> torch.Tensor:
    """-mean(fake) (Miyato et al. 2018, eq. 17)."""
    return -fake.mean()
