"""The adversarial families: networks as the papers have them, and what they all offer."""

from dataclasses import replace

import pytest
import torch

from gen_lab.models import cgan, dcgan, gan, r3gan, wgan_gp
from tests.tiny import count_parameters

DIGITS = tuple("0123456789")
SMALL = {"widths": (16, 8), "critic_widths": (8, 16)}
MODELS = {
    "gan": lambda: gan.GAN(gan.Config(latent_dim=8, widths=(16, 16), critic_widths=(16,))),
    "gan textbook": lambda: gan.GAN(gan.Config(latent_dim=8, network="textbook", prior="uniform")),
    "dcgan": lambda: dcgan.DCGAN(dcgan.Config(latent_dim=8, widths=(32, 16, 8, 8), critic_widths=(8, 8, 16, 16))),
    "dcgan faces": lambda: dcgan.DCGAN(dcgan.FACES),
    "wgan_gp": lambda: wgan_gp.WGAN(wgan_gp.Config(latent_dim=8, widths=(16, 8, 8, 8))),
    "wgan_gp textbook": lambda: wgan_gp.WGAN(replace(wgan_gp.TEXTBOOK, widths=(16, 8, 8, 8), critic_widths=(8, 8))),
    "r3gan": lambda: r3gan.R3GAN(r3gan.Config(latent_dim=8, widths=(16, 8, 8, 8), critic_widths=(8, 16))),
    "cgan": lambda: cgan.CGAN(cgan.Config(28, 1, 8, classes=DIGITS, critic="pixels", **SMALL)),
    "cgan embedding": lambda: cgan.CGAN(
        cgan.Config(28, 1, 8, classes=DIGITS, critic="pixels", labels="embedding", **SMALL)
    ),
    "cgan dense": lambda: cgan.CGAN(
        cgan.Config(28, 1, 8, "dense", classes=DIGITS, critic="pixels", labels="embedding", **SMALL)
    ),
    "cgan projected": lambda: cgan.CGAN(cgan.Config(latent_dim=8, widths=(16, 8, 8, 8), classes=("no", "yes"))),
}


def test_the_dense_gan_has_the_layers_that_were_asked_for():
    model = gan.GAN(gan.Config())
    widths = [layer.out_features for layer in model.generator.modules() if isinstance(layer, torch.nn.Linear)]
    assert widths == [256, 512, 1024, 784] and model.latent_dim == 512
    widths = [layer.out_features for layer in model.critic.modules() if isinstance(layer, torch.nn.Linear)]
    assert widths == [1024, 512, 256, 1]


@pytest.mark.parametrize(
    ("config", "generator", "critic"),
    [(dcgan.Config(), 3_574_656, 2_763_520), (dcgan.FACES, 3_979_651, 404_801)],
    ids=["paper", "faces"],
)
def test_dcgans_have_as_many_parameters_as_published(config, generator, critic):
    model = dcgan.DCGAN(config)
    assert count_parameters(model.generator) == generator and count_parameters(model.critic) == critic


@pytest.fixture(params=MODELS)
def model(request):
    torch.manual_seed(0)
    return MODELS[request.param]().eval()


def labels_for(model, count: int):
    return torch.eye(len(model.classes))[torch.arange(count) % len(model.classes)] if model.classes else None


def test_the_interface_of_the_families(model):
    latents = model.sample(3, torch.Generator().manual_seed(1))
    assert torch.equal(latents, model.sample(3, torch.Generator().manual_seed(1)))
    labels = labels_for(model, 3)
    pictures = model.decode(latents, labels)
    assert latents.shape == (3, model.latent_dim) and pictures.shape == (3, *model.image_shape)
    assert pictures.abs().max() <= 1 and model.score(pictures, labels).shape == (3,)
    early = model.early(latents, labels)
    assert early.shape[0] == 3 and model.first_weight.shape[1] == model.latent_dim
    with pytest.raises(ValueError, match="labels"):
        model.decode(latents, None if model.classes else torch.ones(3, 1))


def test_the_first_weight_is_what_the_first_layer_does(model):
    a, b = model.sample(2, torch.Generator().manual_seed(2))
    labels = labels_for(model, 1)
    joined = [z[None] if labels is None else torch.cat([z[None], model.generator.labels(labels)], 1) for z in (a, b)]
    moved = (model.generator.linear(joined[0]) - model.generator.linear(joined[1])).flatten()
    assert torch.allclose(moved, model.first_weight @ (a - b), atol=1e-5)


def test_a_critic_judges_each_picture_alone(model):
    """Without batch normalisation, or with its statistics frozen: the penalty needs it of Wasserstein critics."""
    if model.is_critic:
        model.train()
    pictures = torch.rand(4, *model.image_shape, generator=torch.Generator().manual_seed(3)) * 2 - 1
    labels = labels_for(model, 4)
    with torch.no_grad():
        together = model.score(pictures, labels)
        alone = torch.cat(
            [model.score(pictures[i : i + 1], None if labels is None else labels[i : i + 1]) for i in range(4)]
        )
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_blocks_of_the_residual_critic_begin_as_the_identity():
    """Fix-up initialisation (Huang et al. 2024, section 3.2): the way back starts through the shortcuts alone."""
    block, features = r3gan.SmoothBlock(8), torch.randn(2, 8, 4, 4)
    assert torch.equal(block(features), features)


def test_the_residual_critic_halves_the_picture_until_one_number_a_channel_is_left():
    config = r3gan.Config(image_size=32, widths=(16, 8), critic_widths=(8, 16, 24))
    critic = r3gan.residual_critic(config)
    blocks = sum(2 * (9 * width * width + width) for width in config.critic_widths)
    between = 9 * 12 * 8 + 8 + (8 * 16 + 16) + (16 * 24 + 24)
    ends = 24 * 4 * 4 + 24 + (24 + 1)
    assert count_parameters(critic) == blocks + between + ends
    assert critic(torch.randn(3, 3, 32, 32)).shape == (3, 1)
