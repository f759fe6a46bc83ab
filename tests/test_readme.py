"""What the README shows works as it stands."""

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_library_in_five_lines():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    found = {}
    exec(code, found)
    assert found["images"].shape == (4, 3, 64, 64)


def test_its_pictures_and_paths_exist():
    root = Path(__file__).parents[1]
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (root / path).is_file(), path
