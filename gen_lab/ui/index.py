"""The HTML that every page begins with: Streamlit's own, with a script of ours before its script."""

import json
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import file_util

# The programs of Streamlit's elements that most pages need, the first of them for every picture.
ELEMENTS = ("BidiComponent", "ButtonGroup", "NumberInput", "Selectbox", "PlotlyChart", "StreamlitSyntaxHighlighter",
            "rehype-katex")  # fmt: skip
SCRIPT = Path(__file__).with_name("index.js")


def html() -> str:
    """Streamlit's index.html with index.js in its head."""
    folder = Path(file_util.get_static_dir())
    before, head, after = (folder / "index.html").read_text("utf-8").partition("<head>")
    programs = [f"./static/js/{path.name}" for name in ELEMENTS for path in folder.glob(f"static/js/{name}.*.js")]
    script = SCRIPT.read_text("utf-8").replace("([])", f"({json.dumps(programs)})")
    return f"{before}{head}<script>{{{script}}}</script>{after}"


def routes(pages: Iterable[str], base_path: str = "") -> list[Route]:
    """The routes of these pages for `st.App`, and of "/"; `base_path` is Streamlit's `server.baseUrlPath`."""
    content = html()

    async def index(_: Request) -> HTMLResponse:
        return HTMLResponse(content, headers={"Cache-Control": "no-cache"})

    base = "".join(f"/{part}" for part in base_path.split("/") if part)
    return [Route(f"{base}/{page}", index) for page in ("", *pages)]
