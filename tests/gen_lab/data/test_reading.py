"""What people bring: where things lie, texts in any Unicode, pictures in folders and zips, and what is left out."""

import zipfile

import pytest

from gen_lab.data import MissingData, reading
from tests.sources import photo

WORDS = "000001.jpg 0\n000002.jpg 1 é\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with a mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_every_unicode_and_with_every_line_end(tmp_path, coding, end):
    path = tmp_path / "list.txt"
    content = WORDS.replace("\n", end)
    path.write_bytes(("\ufeff" + content).encode("utf-16-le") if "mark" in coding else content.encode(coding))
    assert reading.text(path) == WORDS
    assert reading.lines(path) == ["000001.jpg 0", "000002.jpg 1 é"]


NO_UNICODE = [b"caf\xe9\n", b"\0\1\2", "list".encode("utf-16-le"), b"\xff\xfe\0", b"\xff\xfe\0\xd8"]


@pytest.mark.parametrize("content", NO_UNICODE)
def test_what_is_no_unicode_is_refused_by_name(tmp_path, content):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="list.txt is no text in UTF-8 or UTF-16: save it as UTF-8, or fetch it again"):
        reading.lines(path)


def test_an_empty_or_huge_list_is_refused_by_name(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("\n \n")
    with pytest.raises(ValueError, match="list.txt is empty: fetch it again"):
        reading.lines(path)
    with open(path, "wb") as file:
        file.truncate(10_000_000_000)  # takes no room on the disk
    with pytest.raises(ValueError, match="list.txt is larger than 400 MB"):
        reading.text(path)


@pytest.mark.parametrize("spelling", ["celeba", "CelebA", "Celeb-A", "CELEB_A"])
def test_a_data_sets_folder_is_found_in_any_spelling(root, spelling):
    assert reading.folder("celeba") == root / "celeba"
    (root / spelling).mkdir(parents=True)
    assert reading.folder("celeba").samefile(root / spelling)


def test_what_lies_on_top_is_found_first_and_what_is_hidden_never(tmp_path):
    for place in ("Anno/List.TXT", "Anno/deep/list.txt", ".trash/list.txt", "__MACOSX/list.txt"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert reading.find_file(tmp_path, "list.txt") == tmp_path / "Anno/List.TXT"
    assert reading.find_file(tmp_path, "another.txt") is None
    assert reading.find_file(tmp_path / "absent", "list.txt") is None


def test_an_empty_folder_does_not_hide_the_zip_beside_it(tmp_path):
    (tmp_path / "faces").mkdir()
    (tmp_path / "Faces.ZIP").touch()
    assert reading.find_pictures(tmp_path, "faces") == tmp_path / "Faces.ZIP"
    (tmp_path / "faces/faces").mkdir()
    (tmp_path / "faces/faces/1.JPG").touch()
    assert reading.find_pictures(tmp_path, "faces") == tmp_path / "faces"


def test_a_loop_of_links_ends(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    assert reading.find_file(tmp_path, "list.txt") is None


@pytest.mark.parametrize("zipped", [True, False])
def test_pictures_are_found_at_any_depth_and_what_is_left_out_is_named(tmp_path, zipped):
    files = {
        "all/of/them/my face 1.JPG": photo("red"),
        "2.jpg": photo("blue"),
        "again/2.png": photo("lime"),
        "all/._2.jpg": b"macOS",
        "readme.txt": b"text",
    }
    if zipped:
        with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.writestr("__MACOSX/all/3.jpg", b"macOS")
            archive.writestr("windows\\4.jpg", photo("black"))
        pictures = reading.Pictures(tmp_path / "faces.zip")
    else:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        pictures = reading.Pictures(tmp_path)
    members = pictures.by_name()
    assert members.keys() - {"4"} == {"my face 1", "2"} and ("4" in members) == zipped
    assert pictures.open(members["my face 1"]).getpixel((5, 5))[0] > 250
    assert pictures.open(members["2"]).getpixel((5, 5))[2] > 250
    account = reading.account(pictures.left_out)
    assert f" hidden, as macOS makes them{', such as __MACOSX/all/3.jpg' if zipped else ': all/._2.jpg'}; " in account
    assert account.endswith("; 1 with a name that another has: again/2.png")


@pytest.mark.parametrize("content", [b"", b"<html>quota exceeded</html>", b"PK\3\4" + bytes(50)])
def test_what_is_no_zip_is_named(tmp_path, content):
    (tmp_path / "faces.zip").write_bytes(content)
    with pytest.raises(ValueError, match="faces.zip is damaged, or no zip: fetch it again"):
        reading.Pictures(tmp_path / "faces.zip")


def test_a_zip_bomb_is_refused_before_it_takes_memory(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "faces.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.png", bytes(1_000_000))
    monkeypatch.setattr(reading, "PICTURE_BYTES", 100_000)
    with pytest.raises(ValueError, match="1.png in .*zip cannot be used, for it is larger than 0 MB: fetch it again"):
        reading.Pictures(tmp_path / "faces.zip").open("1.png")


def test_names_are_compared_without_folder_case_and_kind():
    assert reading.key("img/000001.JPG") == reading.key("a\\000001.png") == reading.key("000001") == "000001"
    assert reading.key("photo.v2.jpg") == reading.key("Photo.V2") == "photo.v2"


def test_the_account_counts_and_gives_an_example():
    left_out = {"in no list": ["3.jpg", "2.jpg"], "without a caption": ["1.jpg"], "hidden": []}
    assert reading.account(left_out) == "left out 2 in no list, such as 2.jpg; 1 without a caption: 1.jpg"
    assert reading.account({"hidden": []}) == ""
    assert reading.account({"hidden": ["a\n\x1b[2Jb"]}) == r"left out 1 hidden: 'a\n\x1b[2Jb'"


def test_what_a_data_set_lacks_is_named_beside_what_is_there(root):
    sources = {"faces.zip": root / "Faces.ZIP", "list.txt": None}
    with pytest.raises(MissingData, match="'celeba' has Faces.ZIP, but not list.txt: run python -m train.data celeba"):
        reading.require("celeba", sources)
    with pytest.raises(MissingData, match="no data set 'celeba' under .*: run python -m train.data celeba"):
        reading.require("celeba", {"faces.zip": None, "list.txt": None})
    reading.require("celeba", {"faces.zip": root / "Faces.ZIP"})


def test_the_stamp_changes_with_names_and_contents(tmp_path):
    (tmp_path / "faces/one").mkdir(parents=True)
    (tmp_path / "faces/one/1.png").write_bytes(b"1")
    stamps = [reading.stamp(tmp_path / "faces")]
    (tmp_path / "faces/one/1.png").write_bytes(b"12")
    stamps.append(reading.stamp(tmp_path / "faces"))
    (tmp_path / "faces/one").rename(tmp_path / "faces/two")
    stamps.append(reading.stamp(tmp_path / "faces"))
    assert len({*stamps}) == 3 and reading.stamp(tmp_path / "faces") == stamps[-1]


def test_a_folder_that_took_long_to_look_through_is_not_looked_through_again_at_once(tmp_path, monkeypatch):
    (tmp_path / "1.jpg").write_bytes(b"one")
    monkeypatch.setattr(reading, "LONG", -1.0)
    monkeypatch.setattr(reading, "REMEMBERED", 1e9)
    stamp = reading.stamp(tmp_path)
    (tmp_path / "2.jpg").write_bytes(b"two")
    assert reading.stamp(tmp_path) == stamp
    reading._stamps.clear()
    assert reading.stamp(tmp_path) != stamp
