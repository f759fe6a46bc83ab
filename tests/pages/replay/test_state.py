"""What the page of the training replay shows, as a link."""

from hypothesis import given
from hypothesis import strategies as st

from gen_lab import links
from pages.replay.state import View


@given(
    st.builds(
        View, model=st.text(min_size=1), step=st.none() | st.integers(0, 10**12 - 1), log_losses=st.booleans(),
        smoothing=st.integers(0, 99).map(lambda n: n / 100), log_steps=st.booleans(),
    )
)  # fmt: skip
def test_a_view_fits_its_link(view):
    assert links.read(View, links.write(view)) == view


@given(st.dictionaries(st.sampled_from(["model", "step", "smoothing", "log_losses", "log_steps"]), st.text()))
def test_any_link_gives_a_view(query):
    view = links.read(View, query, model="gan-digits")
    assert 0 <= view.smoothing <= 0.99 and (view.step is None or view.step >= 0)
