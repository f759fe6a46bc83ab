"""Polishing the faces' decoder: when it begins, what it logs, and the discriminator that sees pixels."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from gen_lab import checkpoint
from gen_lab.data import fake
from gen_lab.models import vae
from train import loop
from train.recipes import vae_avatars, vae_faces

SMALL = vae_faces.Settings(
    name="small", data="fake", steps=12, batch_size=8, widths=(8, 16), latent_dim=8, kl_warm_up=2, polish=9,
    pixels_widths=(8, 16), log_every=1, sliders=fake.ATTRIBUTE_NAMES,
)  # fmt: skip


@pytest.fixture
def polishing(tmp_path):
    """(run, settings, parts) of the small run where polishing begins."""

    def begin(precision: str = "32-true", **changes):
        settings = replace(SMALL, **changes)
        run = loop.Run(loop.make_fabric(precision), settings, tmp_path)
        torch.manual_seed(0)
        parts = vae_faces.setup(run, settings)
        run.step = vae_faces.first_of_polish(settings)
        return run, settings, parts

    return begin


@pytest.mark.parametrize(("steps", "polish", "first"), [
    (24_000, 16_000, 8_000), (5_900, 1_500, 4_400), (20, 1_500, 10), (2, 2, 1), (1, 1_500, 1), (30, 0, 30),
])  # fmt: skip
def test_polishing_takes_as_many_steps_as_asked_of_a_run_that_has_them(steps, polish, first):
    assert vae_faces.first_of_polish(vae_faces.Settings(steps=steps, polish=polish)) == first


def test_polishing_logs_the_elbo_as_training_does(tmp_path):
    loop.train(vae_faces, SMALL, runs=tmp_path / "runs", checkpoints=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "runs/small/history.jsonl").read_text().splitlines()]
    names = {"reconstruction", "kl", "total", "beta", "squared_error", "perceptual"}
    assert len(lines) == 12 and all(names <= line.keys() for line in lines)
    for before, after in zip(lines[2:], lines[3:], strict=False):
        for name in names - {"beta"}:
            assert after[name] == pytest.approx(before[name], rel=0.5, abs=2), name


def test_the_total_is_what_the_first_part_minimises(polishing):
    run, settings, parts = polishing()
    losses = next(vae_faces.steps(run, settings, parts))
    expected = losses["reconstruction"] + losses["beta"] * losses["kl"] + settings.perceptual * losses["perceptual"]
    assert losses["total"].item() == pytest.approx(expected.item(), rel=1e-5)
    squares = losses["squared_error"] * 3 * 64 * 64 / (2 * settings.variance)
    constant = 3 * 64 * 64 / 2 * torch.tensor(2 * torch.pi * settings.variance).log()
    assert losses["reconstruction"].item() == pytest.approx(float(squares + constant), rel=1e-4)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_every_critic_and_the_decoder_move_and_the_encoder_stays(precision, polishing):
    run, settings, parts = polishing(precision)
    names = ("model", "discriminator", "classifier", "pixels")
    before = {name: {key: value.clone() for key, value in run._modules[name].named_parameters()} for name in names}
    steps = vae_faces.steps(run, settings, parts)
    for _ in range(9):  # with a penalty among them
        losses = next(steps)
        assert all(value.isfinite() for value in losses.values())
        run.after_step()
    for name in names:
        after = dict(run._modules[name].named_parameters())
        moved = {key for key, value in before[name].items() if not torch.equal(value, after[key])}
        frozen = {key for key in after if name == "model" and key.startswith(("encoder", "to_posterior"))}
        assert moved and not moved & frozen, name
    assert parts["pixels_weight"] > 0


def test_without_a_weight_there_is_no_discriminator_on_pixels(polishing):
    run, settings, parts = polishing(pixels=0.0)
    assert "pixels" not in parts
    assert not [name for name in next(vae_faces.steps(run, settings, parts)) if name.startswith("pixels")]


def test_the_textbook_has_no_discriminator(tmp_path):
    settings = loop.dry_run(vae_faces.TEXTBOOK)
    run = loop.Run(loop.make_fabric(), settings, tmp_path)
    assert vae_faces.setup(run, settings).keys() == {"model", "log_beta"}


def test_the_avatars_recipe_is_the_same_on_other_data(tmp_path):
    fields = ("pixels", "pixels_widths", "pixels_penalty")
    one, other = vae_faces.Settings(), vae_avatars.Settings()
    assert [getattr(one, name) for name in fields] == [getattr(other, name) for name in fields]
    folder = loop.train(vae_avatars, loop.dry_run(other), runs=tmp_path / "runs", checkpoints=tmp_path)
    assert checkpoint.read_card(folder)["limits"] == vae_avatars.LIMITS


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of checkpoints with the small run's."""
    folder = tmp_path_factory.mktemp("finished")
    loop.train(vae_faces, SMALL, runs=folder / "runs", checkpoints=folder)
    return folder


@pytest.fixture
def longer(finished, monkeypatch):
    monkeypatch.setenv("GEN_LAB_CHECKPOINTS", str(finished))
    return replace(SMALL, name="longer", start="small", steps=16, polish=13)


def lines_of(folder) -> list[str]:
    return (folder / "history.jsonl").read_text().splitlines()


def test_a_run_goes_on_from_a_finished_one(longer, finished, tmp_path):
    loop.train(vae_faces, longer, runs=tmp_path, checkpoints=tmp_path / "out", until=14)  # is stopped, and resumed
    loop.train(vae_faces, longer, runs=tmp_path, checkpoints=tmp_path / "out")
    before, after = lines_of(finished / "small"), lines_of(tmp_path / "out/longer")
    assert after[:12] == before and [json.loads(line)["step"] for line in after[12:]] == [13, 14, 15, 16]
    old, new = (checkpoint.read_card(folder) for folder in (finished / "small", tmp_path / "out/longer"))
    assert new["steps"] == 16 and new["seconds"] >= old["seconds"]
    assert new["replay"]["steps"] == [*old["replay"]["steps"], 14, 16]  # stopped at 14
    encoders = (checkpoint.load(folder).model.encoder for folder in (finished / "small", tmp_path / "out/longer"))
    for one, other in zip(*(encoder.parameters() for encoder in encoders), strict=True):
        assert torch.equal(one, other)  # it is only polished further


def test_it_begins_with_the_finished_run_s_weights_and_beta(longer, finished, tmp_path):
    run = loop.Run(loop.make_fabric(), longer, tmp_path)
    parts = vae_faces.setup(run, longer)
    start = checkpoint.load(finished / "small")
    assert run.step == run.first == 12
    assert parts["log_beta"].exp().item() == pytest.approx(start.card["beta"], rel=1e-4)
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    latents = start.model.encode(images)[0]
    assert torch.equal(run.averaged["model"].encode(images)[0], latents)
    assert torch.equal(run.averaged["model"].decode(latents), start.model.decode(latents))


def test_a_run_goes_on_only_from_one_that_fits(longer, tmp_path):
    cases = (({"steps": 12}, "use --steps 13 or more"), ({"latent_dim": 4}, "'small' is not the network"))
    for changes, words in cases:
        settings = replace(longer, **changes)
        with pytest.raises(ValueError, match=words):
            loop.train(vae_faces, settings, runs=tmp_path / "runs", checkpoints=tmp_path / "out")


ALONE = SimpleNamespace(fabric=SimpleNamespace(all_reduce=lambda tensor, reduce_op: tensor))


def test_the_ratio_of_gradients_by_hand():
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    ratio = vae_faces.gradient_ratio(ALONE, weight, weight.square().sum(), 2 * weight[0])
    assert ratio.item() == pytest.approx(10 / 2, rel=1e-5)
    assert weight.grad is None


@pytest.mark.parametrize(("config", "layer"), [
    (vae.Config(widths=(8, 16)), lambda model: model.decoder[-2]),  # before its sub-pixels
    (vae.Config(widths=(8, 16), residual=False), lambda model: model.decoder[-1]),
    (vae.Config(28, 1, 2, network="textbook"), lambda model: model.decoder[-1]),
    (vae.Config(28, 1, 2, widths=(), hidden=(8,)), lambda model: model.from_latent[-1]),
])  # fmt: skip
def test_the_last_weight_is_that_of_the_layer_whose_output_is_the_picture(config, layer):
    model = vae.VAE(config)
    assert vae_faces.last_weight(model) is layer(model).weight


def test_the_weight_of_pixels_rises_from_zero_and_has_a_bound(polishing):
    run, settings, parts = polishing(pixels_most=0.25, polish=10, steps=22)
    run.step = 16
    losses = next(vae_faces.polish(run, settings, parts, 16))
    assert losses["pixels_weight"].item() == pytest.approx(0.25 * vae_faces.CATCH_UP)
    assert run.tensors["pixels_weight"] is parts["pixels_weight"]  # so a resumed run has it


def test_the_critic_of_pixels_has_one_value_for_each_picture():
    critic = vae_faces.pixel_critic(32, 1, (8, 16))
    assert critic(torch.zeros(3, 1, 32, 32)).shape == (3,)
    with pytest.raises(ValueError, match="cannot be halved 4 times"):
        vae_faces.pixel_critic(28, 1, (8, 8, 8, 8))


def test_the_gradient_penalty_comes_every_eighth_step(polishing):
    run, settings, parts = polishing()
    critic, optimiser = parts["pixels"]
    for step, is_penalised in ((15, False), (16, True)):
        run.step = step
        real, other = torch.rand(4, 3, 64, 64), torch.rand(8, 3, 64, 64)
        losses = vae_faces.step_of_pixels(run, settings, critic, optimiser, real, other)
        assert ("pixels_penalty" in losses) == is_penalised


def test_gradients_pass_the_augmentation_of_decoded_pictures_alone(polishing):
    run, _, _ = polishing()
    images, reconstruction, samples = (torch.rand(4, 3, 64, 64, requires_grad=True) for _ in range(3))
    real, other = vae_faces.pixel_views(run, images, reconstruction, samples)
    assert real.shape == images.shape and other.shape == (8, 3, 64, 64)
    assert not real.requires_grad
    other.square().sum().backward()
    assert images.grad is None or not images.grad.any()
    assert reconstruction.grad.any() and samples.grad.any()


def test_samples_are_of_the_encoded_data_and_the_same_in_a_resumed_run(polishing):
    run, settings, _ = polishing()
    model = run.averaged["model"]
    pool = vae_faces.prior_latents(run, model)
    assert pool.shape == (vae_faces.POOL, settings.latent_dim)
    assert torch.equal(pool, vae_faces.prior_latents(run, model))
    mean, log_var = vae_faces.encode_all(model, run.data.images)
    assert torch.allclose(pool.mean(0), mean.mean(0), atol=0.5)
    of_both = log_var.exp().mean(0) + mean.var(0)
    assert torch.allclose(pool.var(0), of_both, rtol=0.5)
    first = vae_faces.draw_samples(run, pool)
    assert first.shape == (4, settings.latent_dim) and torch.equal(first, vae_faces.draw_samples(run, pool))
    run.step += 1
    assert not torch.equal(first, vae_faces.draw_samples(run, pool))
