"""`python -m train.prior`: a flow learns what it is shown, and the better prior is kept."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from gen_lab import checkpoint, registry
from gen_lab.models.parts.flow import FlowPrior
from gen_lab.models.vae import MixturePrior
from train import prior as command

QUICK = command.Settings(steps=400, batch_size=256, width=48, blocks=2, ema=0.98, noise=1.0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_flow_fitted_to_a_gaussian_has_its_moments():
    factor = torch.tensor([[2.0, 0, 0], [1.5, 0.5, 0], [0, 0, 0.1]])
    means = torch.tensor([5.0, -1, 0]) + torch.randn(4000, 3, generator=seeded()) @ factor.T
    flow = command.fit_flow(means, torch.full_like(means, -12.0), QUICK)
    draws = flow.sample(4000, seeded(1))
    assert torch.allclose(draws.mean(0), means.mean(0), atol=0.15)
    assert torch.allclose(torch.corrcoef(draws.T), torch.corrcoef(means.T), atol=0.06)
    assert torch.allclose(draws.std(0), means.std(0), rtol=0.1)


def test_a_flow_finds_islands_and_leaves_the_sea_empty():
    sides = torch.randint(2, (4000, 1), generator=seeded()) * 4.0 - 2
    means = sides + 0.3 * torch.randn(4000, 2, generator=seeded(1))
    draws = command.fit_flow(means, torch.full_like(means, -12.0), QUICK).sample(2000, seeded(1))
    assert 0.4 < (draws.mean(1) > 0).float().mean() < 0.6
    assert (draws.mean(1).abs() > 1).float().mean() > 0.95


@pytest.mark.parametrize("noise, std", [(0.0, 1.0), (1.0, math.sqrt(2))])
def test_the_data_keep_a_share_of_the_posteriors_noise(noise, std):
    means = torch.randn(4000, 2, generator=seeded())
    flow = command.fit_flow(means, torch.zeros_like(means), replace(QUICK, noise=noise))
    assert torch.allclose(flow.sample(4000, seeded(1)).std(0), torch.full((2,), std), rtol=0.08)


def test_a_seed_is_a_flow():
    means = torch.randn(50, 2, generator=seeded())
    few = replace(QUICK, steps=3)
    one, two, other = (command.fit_flow(means, means, settings) for settings in (few, few, replace(few, seed=1)))
    assert torch.equal(one.sample(3, seeded()), two.sample(3, seeded()))
    assert not torch.equal(one.enter.weight, other.enter.weight)


def test_its_width_follows_the_latents():
    few = replace(QUICK, steps=1, width=0)
    latents = [torch.zeros(9, dim) for dim in (2, 64, 200)]
    widths = [command.fit_flow(means, means, few).enter.out_features for means in latents]
    assert widths == [128, 256, 512]


@pytest.fixture
def fit(checkpoints, monkeypatch):
    """Runs the command on `vae-avatars` with a tiny budget. `fd_lite0` of the mixture is 20, of the flow as given."""
    from tests.tiny import make_avatars

    make_avatars()

    def run(flow: float, *also: str) -> int:
        monkeypatch.setattr(command, "distances", lambda *_: {"mixture": 20.0, "flow": flow})
        return command.main(["vae-avatars", "--steps", "2", "--batch-size", "8", "--width", "16", "--blocks", "1",
                             "--pictures", "8", *also])  # fmt: skip

    return run


def test_a_flow_that_wins_is_kept_and_drawn_from(fit, capsys):
    before = registry.load("vae-avatars", "cpu")
    assert fit(10.0) == 0
    after = registry.load("vae-avatars", "cpu")
    assert isinstance(after.model.prior, FlowPrior) and after.card["config"]["flow_width"] == 16
    assert after.card["prior"]["kind"] == "flow" and after.card["prior"]["fd_lite0"] == {"mixture": 20.0, "flow": 10.0}
    assert after.model.sample(3, seeded()).shape == (3, after.model.latent_dim)
    for key, weight in after.model.decoder.state_dict().items():
        assert torch.equal(weight, before.model.decoder.state_dict()[key])
    assert "python -m train.evaluate vae-avatars" in capsys.readouterr().out


def test_a_new_prior_keeps_files_and_what_came_from_samples_goes(fit):
    folder = registry.folder("vae-avatars")
    checkpoint.write_card(folder, checkpoint.read_card(folder) | {"opening": {"seed": 3}, "metrics": {"kl_nats": 1}})
    (folder / "novelty.npz").write_bytes(b"")
    directions = (folder / "directions.safetensors").read_bytes()
    assert fit(10.0) == 0
    card = checkpoint.read_card(folder)
    assert "opening" not in card and card["metrics"] == {} and not (folder / "novelty.npz").exists()
    assert (folder / "directions.safetensors").read_bytes() == directions and (folder / "atlas.npz").is_file()


def test_a_flow_that_loses_is_left_out(fit):
    before = checkpoint.read_card(registry.folder("vae-avatars"))
    assert fit(30.0) == 0
    after = registry.load("vae-avatars", "cpu")
    assert isinstance(after.model.prior, MixturePrior) and after.card["prior"]["kind"] == "mixture"
    assert after.card["sha256"] == before["sha256"]


def test_a_mixture_takes_over_again_where_it_is_better(fit):
    assert fit(10.0) == 0 and fit(30.0) == 0
    assert isinstance(registry.load("vae-avatars", "cpu").model.prior, MixturePrior)


def test_with_no_pictures_nothing_is_compared(fit):
    assert fit(30.0, "--pictures", "0") == 0
    assert "fd_lite0" not in checkpoint.read_card(registry.folder("vae-avatars"))["prior"]


def test_what_has_no_prior_is_refused_in_words(fit, capsys):
    assert command.main(["judge-avatars"]) == 1 and "lacks" in capsys.readouterr().err


def test_a_hostile_setting_is_refused_in_words(capsys):
    assert command.main(["vae-avatars", "--noise", "2"]) == 1
    assert "--noise is 2.0: use a number from 0 to 1" in capsys.readouterr().err


def test_each_prior_is_measured_by_its_own_samples(monkeypatch):
    class Means:
        def __init__(self, device):
            pass

        def __call__(self, batches):
            return np.concatenate([np.asarray(batch).mean((2, 3)) for batch in batches])

    class Painter(torch.nn.Linear):
        def decode(self, latents):
            return latents[:, :, None, None].expand(-1, 3, 4, 4) / 8

    monkeypatch.setattr(command, "Lite0Features", Means)
    flow, shifted = FlowPrior(3, 8, 1), MixturePrior(1, 3)
    shifted.means.fill_(4)
    pictures = np.random.default_rng(0).integers(100, 150, (40, 4, 4, 3), dtype=np.uint8)
    figures = command.distances(Painter(1, 1), {"mixture": shifted, "flow": flow}, pictures)
    assert figures["mixture"] > figures["flow"]
