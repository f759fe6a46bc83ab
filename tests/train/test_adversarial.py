"""What recipes of adversarial models share: who moves when, presets, and how a network begins."""

from dataclasses import replace

import pytest
import torch

from gen_lab import checkpoint
from gen_lab.models import cgan, judge, vae, wgan_gp
from train import adversarial as game
from train import loop
from train.__main__ import main, parser, presets
from train.recipes import cgan_digits, cgan_faces, dcgan_bricks, gan_digits, r3gan_faces, wgan_gp_faces

SMALL = {"widths": (16, 8), "critic_widths": (8, 16)}
GAMES = {
    "gan_digits": gan_digits, "dcgan_bricks": dcgan_bricks, "cgan_digits": cgan_digits, "r3gan_faces": r3gan_faces,
}  # fmt: skip


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


def test_lazy_penalties_weigh_as_much_as_those_of_every_step(tmp_path, monkeypatch):
    """Every second step of four is penalised, and from the first weight to the last it goes geometrically."""
    small = {"widths": (8, 8), "critic_widths": (8, 8), "penalty": 4.0, "last_penalty": 0.25, "penalty_every": 2}
    settings = replace(loop.dry_run(r3gan_faces.Settings()), steps=4, **small)
    run = loop.Run(loop.make_fabric("32-true"), settings, tmp_path)
    parts = r3gan_faces.setup(run, settings)
    critic, totals = parts["model"].critic, []
    update = game.update

    def watched(run, settings, module, optimiser, rate, loss):
        if module is critic:
            totals.append(loss.item())
        update(run, settings, module, optimiser, rate, loss)

    monkeypatch.setattr(game, "update", watched)
    steps = r3gan_faces.steps(run, settings, parts)
    for step in range(4):
        losses = {name: float(value) for name, value in next(steps).items()}
        run.after_step()
        assert ("r1" in losses) == (step % 2 == 0)
        penalty = 2 * 4.0 * (0.25 / 4.0) ** (step / 4) / 2 * (losses.get("r1", 0) + losses.get("r2", 0))
        assert totals[step] == pytest.approx(losses["critic"] + penalty, rel=1e-5)


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


@pytest.mark.parametrize("other", [
    judge.Judge(judge.Config(("Smiling",), widths=(8,))),
    vae.VAE(vae.Config(latent_dim=8, widths=(8, 16))),
    vae.VAE(vae.Config(28, 1, 8, widths=(), hidden=(8,))),
])  # fmt: skip
def test_a_checkpoint_whose_networks_are_others_is_refused(tmp_path, monkeypatch, other):
    checkpoint.save(tmp_path / "other", other, {"name": "other", "family": type(other).__name__.lower()})
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(tmp_path))
    model = wgan_gp.WGAN(wgan_gp.Config(latent_dim=8, widths=(16, 8, 8, 8), critic="pixels"))
    with pytest.raises(ValueError, match="^'other' has other networks than this: use its widths, or another --start$"):
        game.begin_with(model, "other")


def test_a_layer_on_a_subspace_keeps_the_length_of_its_output():
    torch.manual_seed(0)
    weight = torch.randn(64, 100)
    whole, part = (torch.randn(2000, inputs) @ game.on_subspace(weight, inputs).T for inputs in (100, 25))
    assert abs(part.norm(dim=1).mean() / whole.norm(dim=1).mean() - 1) < 0.1
