"""Captions of many pictures in Chromium: progress, stop, going on, the file."""

import csv
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browsing import violations
from tests.gen_lab.test_images import photo_bytes

COUNT = 16


def test_a_batch_shows_how_far_it_is_can_be_stopped_and_goes_on(page, parts):
    page.goto(f"{parts}/batch")
    page.get_by_text("Captions of many pictures").click()
    slow = photo_bytes(Image.effect_noise((600, 600), 50))  # a moment to open
    files = [{"name": f"{index}.png", "mimeType": "image/png", "buffer": slow} for index in range(COUNT)]
    files[1] |= {"name": "=1.png", "buffer": b"Dear diary"}
    page.set_input_files("input[type=file]", files)
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Write the captions").click()
    expect(main.get_by_text(f"of {COUNT} pictures")).to_be_visible()
    main.get_by_role("button", name="Stop").click()
    expect(main.get_by_text("Stopped after")).to_be_visible()
    done = int(main.get_by_text("Stopped after").inner_text().split()[2])
    rows = page.locator("table.captions tbody tr")
    expect(rows).to_have_count(done)
    assert 0 < done < COUNT
    main.get_by_role("button", name="Go on").click()
    expect(rows).to_have_count(COUNT)
    expect(main.get_by_role("button", name="Stop")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("please use a JPEG")
    assert violations(page) == []
    with page.expect_download() as download:
        main.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "caption-photos-captions.csv"
    lines = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == ["0.png", "'=1.png", *(f"{index}.png" for index in range(2, COUNT))]
    assert lines[1][1] == rows.first.locator("td").first.inner_text().split("\n")[0]
