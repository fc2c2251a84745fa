import stat
from pathlib import Path

import pytest

from gtvision.adapters.media import FolderMedia, FsspecMedia, open_media
from gtvision.domain.errors import BadConfiguration, BadInput, NotFound, StoreUnavailable
from gtvision.ports import MediaStore

KEY = "2026/11/23/north/0b5c.jpg"


@pytest.fixture(params=["folder", "file", "memory"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    urls = {"folder": str(tmp_path), "file": f"file://{tmp_path}", "memory": f"memory://{tmp_path.name}"}
    return open_media(urls[request.param])


def test_content_comes_back_and_is_replaced(media: MediaStore) -> None:
    for content in (b"first", b"", b"second" * 100_000):
        media.put(KEY, content)
        assert media.get(KEY) == content


def test_what_was_never_put_is_not_found(media: MediaStore) -> None:
    media.put(KEY, b"x")
    for key in ("other.jpg", f"{KEY}/below"):
        with pytest.raises(NotFound, match=r"other|below"):
            media.get(key)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "a\\b", "a b", "a\n", "~/a", "x" * 513]
)
def test_a_key_stays_below_the_root(media: MediaStore, key: str) -> None:
    for call in (lambda: media.put(key, b"x"), lambda: media.get(key)):
        with pytest.raises(BadInput, match="media key"):
            call()


def test_a_folder_keeps_pictures_for_its_user_alone(tmp_path: Path) -> None:
    FolderMedia(tmp_path / "media").put(KEY, b"x")
    assert stat.S_IMODE((tmp_path / "media" / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "media").stat().st_mode) == 0o700


def test_nothing_half_written_lies_beside_the_content(tmp_path: Path) -> None:
    FolderMedia(tmp_path).put("a.jpg", b"x")
    assert [file.name for file in tmp_path.iterdir()] == ["a.jpg"]


def test_a_folder_that_does_not_take_content_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "2026").touch()
    with pytest.raises(StoreUnavailable, match="does not take"):
        FolderMedia(tmp_path).put(KEY, b"x")


class BrokenFiles:
    """A file system whose library raises errors of its own."""

    class LoginFailedError(Exception):
        pass

    def cat_file(self, path: str) -> bytes:
        raise self.LoginFailedError(f"{path}: key=hush")


def test_errors_of_foreign_libraries_are_unavailable_and_keep_their_secrets() -> None:
    with pytest.raises(StoreUnavailable, match="LoginFailedError") as caught:
        FsspecMedia(BrokenFiles(), "bucket").get(KEY)
    assert "hush" not in str(caught.value)


def test_an_unknown_kind_of_address_is_a_wrong_setting() -> None:
    with pytest.raises(BadConfiguration, match=r"^media\.url: ") as caught:
        open_media("nosuch://user:hush@host/path")
    assert "hush" not in str(caught.value)


def test_what_is_removed_is_gone_and_what_is_not_there_is_no_fault(media: MediaStore) -> None:
    for key in (KEY, "2026/11/23/north/0b5d.jpg"):
        media.put(key, b"x")
    media.remove([KEY, "2026/11/24/never.jpg", KEY])
    with pytest.raises(NotFound):
        media.get(KEY)
    assert media.get("2026/11/23/north/0b5d.jpg") == b"x"


def test_a_folder_leaves_no_empty_days_behind(tmp_path: Path) -> None:
    media = FolderMedia(tmp_path)
    media.put(KEY, b"x")
    media.put("2026/11/24/north/0b5d.jpg", b"x")
    media.remove([KEY])
    assert [folder.name for folder in (tmp_path / "2026" / "11").iterdir()] == ["24"]
    media.remove(["2026/11/24/north/0b5d.jpg"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_let_content_go_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="does not let"):
        FolderMedia(tmp_path).remove([KEY])
