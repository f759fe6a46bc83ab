"""The HTML of every page."""

from gen_lab.ui import index


def test_our_script_comes_before_streamlits():
    html = index.html()
    assert html.index("<head><script>{") < html.index("history.pushState = ") < html.index('<script type="module"')


def test_every_page_has_a_route_under_the_base_path():
    assert [route.path for route in index.routes(["faces"], "/lab/one/")] == ["/lab/one/", "/lab/one/faces"]
