"""The image holds what .dockerignore lets in: that is there, and is all that the app needs."""

import re
import shutil

import pytest

from bench import ROOT
from bench.soak import Student
from tests import browsing
from tests.deploy.conftest import DEPLOY

CONTENTS = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.M)


def test_the_files_that_compose_mounts_are_there():
    mounts = re.findall(r"- \./([\w.]+):", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert mounts == ["nginx.conf", "certificate.sh"]
    assert all((DEPLOY / name).is_file() for name in mounts)


def test_compose_fills_in_every_name_in_braces():
    names = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx.conf").read_text("utf-8")))
    assert names <= set(re.findall(r"^ {6}(\w+): ", (DEPLOY / "compose.yaml").read_text("utf-8"), re.M))


@pytest.mark.slow
def test_every_page_opens_with_what_is_in_the_image(tmp_path, serve):
    for name in CONTENTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)

    async def visit(address) -> set[str]:
        student = Student(address)
        await student.open("")
        for page in student.pages:
            await student.go(page)
        return set(student.pages)

    # PYTHONSAFEPATH: or Python would look for modules in the folder where it starts, too.
    alone = {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1", "GEN_LAB_DATA": str(tmp_path / "data")}
    with serve(tmp_path / "app.py", env=alone | {"OMP_NUM_THREADS": "1"}) as (address, _):
        pages = browsing.run(visit(address))
    assert pages == {"", *(path.parent.name for path in tmp_path.glob("pages/*/page.py"))} - {"home"}
