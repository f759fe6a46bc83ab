"""`python -m train.sliders`: what a move is asked for, and a run with a tiny budget."""

import json

import pytest
import torch

from gen_lab import checkpoint, registry
from gen_lab.checkpoint import learned_sliders
from train import sliders as command


def test_a_slider_asks_for_nothing_at_zero_and_for_certainty_at_two():
    before = torch.tensor([-4.0, -4, -4, -4, 2, 2, 2])
    units = torch.tensor([0.001, 0.5, 1, 2, 0.5, 1, 3])
    target = torch.tensor([-4, -2, 0, command.SURE, 2, 2, 2 * command.SURE])
    assert torch.allclose(command.wanted(before, units), target, atol=0.01)
    assert torch.allclose(command.wanted(-before, -units), -target, atol=0.01)


def test_what_stays_costs_nothing():
    logits = torch.linspace(-8, 8, 9)
    assert torch.allclose(command.divergence(logits, logits), torch.zeros(9), atol=1e-6)
    assert (command.divergence(logits, logits + 1) > 0).all()


@pytest.fixture
def moves() -> command.Moves:
    present = torch.rand(50, 3, generator=torch.Generator().manual_seed(0)) < 0.5
    return command.draw(present, command.Settings(batch_size=400), torch.Generator().manual_seed(1))


def test_the_first_of_two_moves_is_the_lesser(moves):
    of_concept = moves.values[:, torch.arange(400), moves.which] * moves.signs
    assert (of_concept[0] <= of_concept[1]).all() and (of_concept >= 0).all()


def test_some_pictures_are_moved_along_two_concepts_by_the_same_both_times(moves):
    moving = (moves.values != 0).sum(2)
    assert 0.15 < (moving == 2).float().mean() < 0.35 and moving.max() == 2
    others = moves.values.clone()
    others[:, torch.arange(400), moves.which] = 0
    assert torch.equal(others[0], others[1])


def test_most_moves_start_where_there_is_something_to_do():
    present = torch.zeros(50, 1, dtype=torch.bool)
    present[7] = True
    moves = command.draw(present, command.Settings(batch_size=400), torch.Generator().manual_seed(1))
    to_go = moves.signs < 0
    assert (moves.rows[to_go] == 7).float().mean() > 0.7


@pytest.fixture
def learn(checkpoints):
    """Runs the command on `vae-avatars` with a tiny budget; any pictures before it, so that both answers occur."""
    from tests.tiny import make_avatars

    make_avatars(200)
    return lambda *also: command.main(
        ["vae-avatars", "--steps", "2", "--batch-size", "4", "--width", "8", "--pool", "30", "--classifier-steps", "2",
         "--classifier-batch", "8", *also]
    )  # fmt: skip


def test_the_networks_are_beside_the_model_and_measured_on_its_card(learn):
    folder = registry.folder("vae-avatars")
    checkpoint.write_card(folder, checkpoint.read_card(folder) | {"metrics": {"kl_nats": 1}})
    assert learn() == 0
    loaded = registry.load("vae-avatars", "cpu")
    learned = learned_sliders.load(folder, loaded)
    assert learned is not None and list(learned.names) == loaded.card["sliders"] and learned.out.abs().max() > 0
    assert loaded.card["learned"]["settings"]["steps"] == 2 and loaded.card["metrics"]["kl_nats"] == 1
    assert "learned" in loaded.card["metrics"]["side_effects"]["curves"]
    assert len(json.dumps(loaded.card["metrics"]["side_effects"])) < 50_000


def test_a_run_that_fails_leaves_nothing(learn, monkeypatch):
    def fail(*_):
        raise OSError("no room")

    monkeypatch.setattr(command.side_effects, "measure", fail)
    folder = registry.folder("vae-avatars")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert learn() == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["judge-avatars", "nothing"])
def test_what_has_no_sliders_is_refused_in_words(checkpoints, capsys, name):
    assert command.main([name]) == 1
    assert name in capsys.readouterr().err


def test_settings_are_checked(checkpoints, capsys):
    assert command.main(["vae-avatars", "--both", "2"]) == 1
    assert "--both" in capsys.readouterr().err
