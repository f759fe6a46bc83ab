"""The critic's word on pictures."""

import torch

from gen_lab.images import to_uint8
from gen_lab.metrics.adversarial import verdicts
from tests.tiny import ADVERSARIAL


def model_of(name: str):
    family, config, _ = ADVERSARIAL[name]
    torch.manual_seed(0)
    return family.Model(config).eval().requires_grad_(False)


def test_a_discriminators_verdict_is_a_probability_and_a_critics_its_value():
    gan, wgan = model_of("gan-digits"), model_of("wgan_gp-faces")
    z = gan.sample(70, torch.Generator().manual_seed(0))  # more than one batch
    assert torch.allclose(verdicts(gan, z), gan.score(gan.decode(z)).sigmoid(), atol=1e-5)
    images = wgan.decode(wgan.sample(3, torch.Generator().manual_seed(0)))
    assert torch.allclose(verdicts(wgan, to_uint8(images)), wgan.score(images), atol=0.05)
