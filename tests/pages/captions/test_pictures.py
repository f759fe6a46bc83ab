"""Attention over pictures."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from pages.captions.pictures import COLOURS, COLUMNS, FOLDER, GAP, PHOTOS, TILE, overlay, smooth, strip

maps = arrays(np.float32, (7, 7), elements=st.floats(0, 1, width=32))


def test_every_photo_that_ships_can_be_opened_and_is_credited():
    credit_list = (FOLDER / "CREDITS.md").read_text("utf-8")
    assert 6 <= len(PHOTOS) <= 9
    for photo in PHOTOS.values():
        assert max(photo.open().size) <= 512 and photo.credit
        assert f"`{photo.path.name}`" in credit_list
    assert {photo.path for photo in PHOTOS.values()} == set(FOLDER.glob("*.webp"))
    assert sum(photo.path.stat().st_size for photo in PHOTOS.values()) < 300_000


@pytest.mark.parametrize("name", COLOURS)
def test_more_attention_is_always_lighter(name):
    table = COLOURS[name]
    assert table.shape == (256, 3) and table.dtype == np.uint8
    luminance = table @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > -0.5).all() and luminance[-1] > luminance[0] + 100


@given(maps)
def test_a_smoothed_map_reaches_from_nothing_to_its_own_maximum(grid):
    fine = smooth(torch.from_numpy(grid), (50, 30))
    assert fine.shape == (30, 50) and fine.min() >= 0 and fine.max() <= 1
    assert fine.max() > 0.999 or grid.max() < 1e-9
    louder = smooth(torch.from_numpy(grid / 2), (50, 30))
    assert np.allclose(fine, louder, atol=1e-3) or grid.max() < 1e-9


def test_an_even_map_is_even_and_a_peak_stays_where_it_is():
    assert np.allclose(smooth(torch.full((7, 7), 1 / 49), (70, 70)), 1)
    peak = torch.zeros(7, 7)
    peak[1, 5] = 1
    row, column = np.unravel_index(smooth(peak, (140, 70)).argmax(), (70, 140))
    assert 10 <= row < 20 and 100 <= column < 120


def test_without_strength_the_picture_is_left_and_with_all_of_it_only_colours_are():
    picture, grid = PHOTOS["coffee"].open(), torch.rand(7, 7, generator=torch.Generator().manual_seed(0))
    assert np.array_equal(overlay(picture, grid, 0), picture)
    alone = np.asarray(overlay(picture, grid, 1, "viridis"))
    assert {tuple(pixel) for pixel in alone.reshape(-1, 3)} <= {tuple(colour) for colour in COLOURS["viridis"]}
    half = np.asarray(overlay(picture, grid, 0.5, "viridis"), int)
    assert np.abs(half - (np.asarray(picture, int) + alone) / 2).max() <= 1


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (1024, 1), (1, 1024)])
def test_a_strip_has_the_picture_and_then_every_word(size):
    picture = Image.new("RGB", size, "red")
    words = ("a", "photographer", "antidisestablishmentarianism", *"bcdefghijklmnopqr")
    sheet = strip(picture, words, torch.rand(len(words), 7, 7))
    columns = -(-(len(words) + 1) // 4)
    assert columns == COLUMNS and sheet.mode == "RGB"
    width, tall = TILE + GAP, (sheet.height - GAP) // 4
    assert sheet.width == columns * width + GAP
    for place in range(len(words) + 1):  # a title is dark on white, the picture's own has none
        left, top = GAP + place % columns * width, GAP + place // columns * tall
        title = np.asarray(sheet.crop((left, top, left + TILE, top + TILE // 6)))
        assert (title.min() < 60) == (place > 0) and title.max() == 255


def test_no_words_give_the_picture_alone():
    assert strip(Image.new("RGB", (64, 64)), (), torch.empty(0, 7, 7)).width == TILE + 2 * GAP
