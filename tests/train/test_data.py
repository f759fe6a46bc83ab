"""`python -m train.data`: what is listed, decoded, and said of what is missing."""

import pytest

from gen_lab import data
from gen_lab.data import celeba, lego
from tests.sources import write_celeba, write_flickr8k, write_lego
from train import data as command


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """An empty data folder for each test."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GEN_LAB_DATA", str(folder))
    monkeypatch.delenv("GEN_LAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return folder


def test_the_command_lists_every_data_set(capsys):
    assert command.main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in data.NAMES)
    assert "missing: python -m train.data avatars" in listed and "non-commercial" in listed


def test_the_command_decodes_celeba(root, capsys):
    write_celeba(root)
    assert command.main(["celeba"]) == 0
    assert "celeba is ready: 3 train, 3 valid, 3 test" in capsys.readouterr().out


def test_the_command_tells_what_was_left_out(root, capsys):
    folder = write_celeba(root, packed=False)
    (folder / "img_align_celeba" / "000000.jpg").unlink()
    assert command.main(["celeba"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("celeba is ready: 2 train, 3 valid, 3 test")
    assert lines[1:] == ["left out 1 named in the lists but not in img_align_celeba: 000000"]
    assert command.main(["celeba"]) == 0 and "left out 1 named" in capsys.readouterr().out  # also when it was ready


def test_one_data_set_that_is_not_in_order_does_not_end_the_list(root, capsys):
    folder = write_flickr8k(root)
    (folder / "Flickr8k.token.txt").write_bytes(b"caf\xe9")
    assert command.main([]) == 0
    listing = capsys.readouterr().out
    assert "there, but not in order:" in listing and "Flickr8k.token.txt is no text in UTF-8" in listing
    assert "fake_captions" in listing


def test_the_command_says_which_file_is_missing(root, capsys):
    (write_flickr8k(root) / "Flickr8k.token.txt").unlink()
    assert command.main(["flickr8k"]) == 1
    lack = "has Flicker8k_Dataset.zip, Flickr_8k.trainImages.txt, but not Flickr8k.token.txt"
    assert lack in capsys.readouterr().err
    assert command.main([]) == 0
    listing = capsys.readouterr().out
    assert f"missing (the data set 'flickr8k' {lack}): python -m" in listing
    assert "missing: python -m train.data coco" in listing


def test_the_command_says_where_photos_with_captions_belong(root, capsys):
    for name, needed in (("flickr8k", ("Flickr8k.token.txt", "Flickr_8k.devImages.txt")), ("coco", ("val2017.zip",))):
        assert command.main([name]) == 1
        message = capsys.readouterr().err
        assert str(root / name) in message and all(file in message for file in needed)
    write_flickr8k(root)
    assert command.main(["flickr8k"]) == 0
    assert "flickr8k is ready: 2 train, 1 valid; 5 captions each" in capsys.readouterr().out


def test_the_command_says_what_to_do_when_celeba_cannot_be_fetched(monkeypatch, capsys, root):
    import torchvision

    def no_network(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "CelebA", no_network)
    assert command.main(["celeba"]) == 1
    message = capsys.readouterr().err
    assert "no route to host" in message and str(root / "celeba") in message
    assert all(file in message for file in ("img_align_celeba.zip", *celeba.FILES))


def test_the_command_decodes_lego_or_says_what_to_do_by_hand(root, capsys):
    assert command.main(["lego"]) == 1
    message = capsys.readouterr().err
    assert str(root / "lego") in message and lego.ARCHIVE in message and "Train/<kind>/" in message
    write_lego(root)
    assert command.main([]) == 0
    assert "there, not decoded yet: python -m train.data lego" in capsys.readouterr().out
    assert command.main(["lego"]) == 0
    assert "lego is ready: 32 train, 4 valid, 4 test; 64 x 64 pixels, 2 attributes" in capsys.readouterr().out
