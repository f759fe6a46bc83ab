"""The HTML of every page."""

import json
from pathlib import Path

from streamlit import file_util

from gen_lab.ui import index


def test_our_script_comes_before_streamlits():
    html = index.html()
    assert html.index("<head><script>{") < html.index("history.pushState = ") < html.index('<script type="module"')


def test_every_page_has_a_route_under_the_base_path():
    assert [route.path for route in index.routes(["faces"], "/lab/one/")] == ["/lab/one/", "/lab/one/faces"]


def test_the_programs_that_pages_need_are_files_of_streamlits():
    html = index.html()
    folder = Path(file_util.get_static_dir())
    programs = json.loads(html.partition("{string[]} */ (")[2].partition(")")[0])
    assert len(programs) == len(index.ELEMENTS)
    assert all((folder / program).is_file() for program in programs)
