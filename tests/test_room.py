"""A room with many laptops and one server: memory, with the shipped models in a real browser."""

import psutil
import pytest

from gen_lab import registry


def megabytes(process) -> float:
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return sum(each.memory_info().rss for each in family) / 1e6


@pytest.fixture(scope="module")
def room(serve, browser):
    """(megabytes with every shipped face model on screen once, megabytes per further idle user)."""
    faces = [name for name, card in registry.cards().items() if isinstance(card, dict) and card.get("sliders")]
    contexts = []

    def visit(address, model):
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.goto(f"{address}/faces?model={model}")
        page.locator(".status[data-state=live]").wait_for()
        page.get_by_role("heading", name=f"Model card: {model}").wait_for()
        page.wait_for_timeout(500)

    with serve("app.py", env={"GEN_LAB_DEVICE": "cpu"}) as (address, process):
        for model in [*faces, *faces]:  # twice: a second user warms what the first one only loaded
            visit(address, model)
        first = megabytes(process)
        for _ in range(4):
            visit(address, faces[0])
        yield first, (megabytes(process) - first) / 4
    for context in contexts:
        context.close()


def test_all_face_models_stay_under_one_and_a_half_gigabytes(room):
    assert room[0] < 1500


def test_a_further_idle_user_costs_under_twenty_megabytes(room):
    assert room[1] < 20
