"""Paths and the links that carry them; films, decoded again."""

import io
import re
import sys

import imageio.v2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gen_lab import links
from gen_lab.checkpoint import Checkpoint
from gen_lab.errors import MissingPackage
from gen_lab.images import enlarge, to_uint8
from gen_lab.latent import lerp, slerp
from gen_lab.models import judge, vae
from gen_lab.scenes import Request, render
from gen_lab.sources import TOKEN, from_token, pack
from pages.paths import film, state, widgets
from pages.paths.state import DEFAULT, LEAST, MOST, Course, Route

tokens = st.one_of(
    st.integers(0, 999_999).map("s{}".format),
    st.integers(0, 999_999).map("d{}".format),
    st.lists(st.floats(-9, 9, width=16), min_size=1, max_size=6).map(lambda x: "p" + pack(torch.tensor(x))),
)
states = st.builds(
    Route,
    model=st.sampled_from(["vae-faces", "vae-avatars"]),
    keys=st.lists(tokens, min_size=LEAST, max_size=MOST).map(tuple),
    t=st.floats(0, 1).map(lambda t: float(f"{t:g}")),
    speed=st.booleans(),
)


@settings(deadline=None)
@given(states)
def test_a_link_restores_the_path(path):
    assert links.read(Route, links.write(path)) == path


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["model", "keys", "t", "speed", "x"]), st.text(max_size=60)))
def test_any_link_gives_a_path(query):
    path = links.read(Route, query, model="vae-faces")
    assert LEAST <= len(path.keys) <= MOST and 0 <= path.t <= 1
    assert all(re.fullmatch(TOKEN, token) for token in path.keys)


def test_hostile_links():
    query = {"keys": "s1.../etc.d-1.s9999999.<b>.p!.d٣.x2", "t": "nan", "speed": "yes"}
    assert links.read(Route, query, model="m") == Route("m")
    assert links.read(Route, {"keys": "s1.evil.d2", "t": "1e999"}, model="m").keys == ("s1", "d2")
    assert links.read(Route, {"keys": ".".join(["s5"] * 5000), "t": "9" * 9999}, model="m").keys == ("s5",) * MOST
    assert links.read(Route, {"keys": "s4"}, model="m").keys == DEFAULT


def make(channels: int, size: int, latent_dim: int = 4) -> Checkpoint:
    torch.manual_seed(0)
    config = vae.Config(image_size=size, channels=channels, latent_dim=latent_dim, widths=(8, 8), components=2)
    model = vae.VAE(config).eval().requires_grad_(False)
    list(model.decoder.parameters())[-2].mul_(2)  # a fresh one's pictures are all but grey
    return Checkpoint(model, {"family": "vae", "config": {}, "data": {"name": "fake"}}, None)


@pytest.fixture(scope="module", params=[(3, 64), (1, 28)], ids=["colour", "grey"])
def tiny(request) -> Checkpoint:
    return make(*request.param)


@pytest.fixture(scope="module")
def course(tiny) -> Course:
    return state.course(tiny, torch.stack([from_token(tiny, token) for token in ("s1", "s2", "s3")]))


def test_a_scene_shows_line_arc_and_cross_fade(tiny, course):
    channels, side = tiny.model.image_shape[0], tiny.model.image_shape[1]
    picture = course.scene()([0.3])
    assert picture.shape == (5 * side + 4, 6 * side + 4, channels) and picture.dtype == np.uint8
    first, second = course.keyframes[:2]
    for between, left in ((lerp, 0), (slerp, 3 * side + 4)):
        expected = enlarge(to_uint8(tiny.model.decode(between(first, second, 0.6)[None]))[0], 3)
        assert np.abs(picture[: 3 * side, left : left + 3 * side].astype(int) - expected).max() <= 1
    below = [picture[-2 * side :, left : left + 2 * side] for left in (0, 2 * side + 2, 4 * side + 4)]
    faded = (0.4 * course.pixels[0] + 0.6 * course.pixels[1]).round().astype(np.uint8)
    for part, expected in zip(below, (course.pixels[0], faded, course.pixels[1]), strict=True):
        assert np.abs(part.astype(int) - enlarge(expected, 2)).max() <= 2


def test_scenes_of_two_users_do_not_mix_their_positions(course):
    scene = course.scene()
    pictures = render([Request(scene, [0.1]), Request(scene, [0.9])])
    for picture, t in zip(pictures, (0.1, 0.9), strict=True):
        assert np.abs(picture.astype(int) - scene([t])).max() <= 1


def test_changes_are_distances_between_neighbours(tiny, course):
    steps = course.changes()
    assert steps.shape == (3, 120) and (steps >= 0).all() and np.isfinite(steps).all()
    t = torch.linspace(0, 1, 121)
    faded = course.cross_fade(t).astype(np.float32) / 127.5 - 1
    by_hand = np.sqrt(((faded[1:] - faded[:-1]) ** 2).mean((1, 2, 3)))
    assert np.allclose(steps[2], by_hand, atol=1e-5)
    doubled = course.changes(lambda images: 2 * images.flatten(1))
    assert np.allclose(doubled, steps * 2 * np.prod(tiny.model.image_shape) ** 0.5, rtol=1e-4)


def test_a_straight_line_that_stands_still_half_of_the_way():
    """Keyframes A, A, B: at constant speed nothing stands still."""
    tiny = make(3, 64)
    first, second = from_token(tiny, "s1"), from_token(tiny, "s2")
    course = state.course(tiny, torch.stack([first, first, second]))
    even = course.at_constant_speed(course.changes())
    assert even.places(torch.tensor(0.02))[0] > 0.5
    linear, _ = even.latents(torch.linspace(0, 1, 9))
    assert (linear.diff(dim=0).norm(dim=1) > 0.01 * (second - first).norm()).all()


@pytest.mark.parametrize("with_judge", [True, False])
def test_constant_speed_evens_out_every_path(tiny, course, with_judge):
    channels, side = tiny.model.image_shape[:2]
    torch.manual_seed(1)
    judging = judge.Judge(judge.Config(("Smiling",), side, channels, (8, 8))).eval().requires_grad_(False)
    features = judging.features if with_judge else None
    before = course.changes(features)
    after = course.at_constant_speed(before).changes(features)
    spread = [(steps.std(1) / steps.mean(1)) for steps in (before, after)]
    # Of the cross-fade, whose pixels are whole numbers, the steps of a small picture are uneven whatever is done.
    assert (spread[1][:2] < 0.7 * spread[0][:2]).all(), spread


def test_constant_speed_keeps_the_ends(course):
    even = course.at_constant_speed(course.changes())
    for one, other in zip(
        even.latents(torch.tensor([0.0, 1.0])), course.latents(torch.tensor([0.0, 1.0])), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_film_goes_from_the_first_keyframe_to_the_last(course):
    pictures, scene = list(film.frames(course, 1.0)), course.scene()
    assert len(pictures) == film.count(1.0) == 25 and pictures[0].shape[2] == 3
    for picture, t in ((pictures[0], 0.0), (pictures[12], 0.5), (pictures[-1], 1.0)):
        assert np.abs(picture.astype(int) - scene([t])).max() <= 1


def smooth(count: int = 25) -> list[np.ndarray]:
    """Pictures (48, 64, 3) of a slope of colours that becomes brighter: what a codec is made for, unlike noise."""
    y, x = np.mgrid[:48, :64]
    colours = np.stack([2 * x, 3 * y, 128 + 0 * x], -1)
    return [(colours + 4 * n).clip(0, 255).astype(np.uint8) for n in range(count)]


def test_a_gif_is_decoded_again():
    pictures = smooth()
    gif = Image.open(io.BytesIO(film.gif(iter(pictures))))
    assert gif.format == "GIF" and gif.size == pictures[0].shape[1::-1] and gif.info["loop"] == 0
    duration = 0
    for index in range(gif.n_frames):  # Pillow joins frames that are alike
        gif.seek(index)
        duration += gif.info["duration"]
    assert duration == 1000
    gif.seek(0)
    assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - pictures[0]).mean() < 2.5
    gif.seek(gif.n_frames - 1)
    assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - pictures[-1]).mean() < 2.5


def test_a_gif_keeps_a_slope_of_colours_within_a_hundredth():
    y, x = np.mgrid[:324, :388]
    slope = np.stack([x * 255 // 388, 255 - x * 200 // 388, y * 128 // 324], -1).astype(np.uint8)
    gif = Image.open(io.BytesIO(film.gif([slope])))
    assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - slope).mean() < 2.75


def test_a_gif_keeps_all_shades_of_grey():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, 2)
    red = np.full((16, 16, 3), (200, 30, 30), np.uint8)
    gif = Image.open(io.BytesIO(film.gif([ramp, red])))
    assert np.array_equal(np.asarray(gif.convert("RGB")), ramp)
    gif.seek(1)
    assert np.array_equal(np.asarray(gif.convert("RGB")), red)


def test_an_mp4_is_decoded_again():
    pictures = smooth()
    with imageio.v2.get_reader(io.BytesIO(film.mp4(iter(pictures))), "mp4") as reader:
        about = reader.get_meta_data()
        frames = [np.asarray(picture) for picture in reader]
    assert about["codec"] == "h264" and about["fps"] == film.FPS and len(frames) == len(pictures)
    for index in (0, 12, 24):
        assert frames[index].shape == pictures[index].shape
        assert np.abs(frames[index].astype(int) - pictures[index]).mean() < 6


def test_an_mp4_of_odd_sides():
    picture = np.full((33, 41, 3), 200, np.uint8)
    with imageio.v2.get_reader(io.BytesIO(film.mp4([picture] * 5)), "mp4") as reader:
        assert reader.get_data(0).shape == (32, 40, 3)


def test_without_ffmpeg_the_command_that_brings_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingPackage, match="python -m pip install -r requirements.txt"):
        film.mp4(smooth(2))


def test_a_film_that_is_stopped_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def until_stopped():
        yield from smooth(3)
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.mp4(until_stopped())
    assert not list(tmp_path.iterdir())


def test_a_strip_has_a_row_for_each_path(tiny, course):
    side = tiny.model.image_shape[1]
    strip = Image.open(io.BytesIO(film.strip(course)))
    assert strip.size == (9 * (side + 2) - 2, 3 * (side + 2) - 2)
    pixels = np.asarray(strip).reshape(strip.height, strip.width, -1)
    for row in range(3):  # all begin at the first keyframe
        top = row * (side + 2)
        assert np.abs(pixels[top : top + side, :side].astype(int) - course.pixels[0]).max() <= 1


def test_the_latents_are_read_again(course):
    with np.load(io.BytesIO(film.latents(course, 1.0)), allow_pickle=False) as archive:
        assert set(archive) == {"t", "linear", "spherical", "keyframes"}
        assert archive["linear"].shape == archive["spherical"].shape == (25, 4) and archive["t"][-1] == 1
        assert np.allclose(archive["linear"][12], course.keyframes[1], atol=1e-5)
        assert np.array_equal(archive["keyframes"], course.keyframes)


def test_labels_are_written_on_the_picture():
    blank = np.zeros((324, 388, 3), np.uint8)
    picture = film.with_labels(blank, widgets.labels())
    for _, left, top in widgets.labels():
        x, y = int(left * 388), int(top * 324)
        assert picture[y : y + 30, x : x + 60].max() > 200
    assert blank.max() == 0
