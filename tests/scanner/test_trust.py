"""The pinned bundle: what is loaded, what may replace it."""

from pathlib import Path

import pytest

from scanner.errors import TrustFileUnreadableError, TrustRollbackError
from scanner.trust import accept_update, load_trust, store_trust
from tagcore.errors import TrustError
from tests.scanner.cast import STRANGER, bundle, signed


def test_loads_the_file_that_is_the_pin(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(signed(bundle()))
    assert load_trust(path) == bundle()


def test_names_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TrustFileUnreadableError, match="No such file") as caught:
        load_trust(tmp_path / "missing.json")
    assert caught.value.code == "TRUST_FILE_UNREADABLE"
    with pytest.raises(TrustFileUnreadableError):
        load_trust("a\x00b")


def test_refuses_a_changed_bundle(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(signed(bundle()).replace(b"Distillery", b"Distillerz"))
    with pytest.raises(TrustError, match="not signed"):
        load_trust(path)


def test_takes_a_later_bundle_and_one_of_the_same_version() -> None:
    assert accept_update(bundle(version=3), signed(bundle(version=4))).version == 4
    assert accept_update(bundle(version=3), signed(bundle(version=3))).version == 3


def test_refuses_an_older_bundle_though_rightly_signed() -> None:
    with pytest.raises(TrustRollbackError) as caught:
        accept_update(bundle(version=3), signed(bundle(version=2)))
    assert (caught.value.got, caught.value.pinned) == (2, 3)


def test_refuses_another_root() -> None:
    with pytest.raises(TrustError, match="root"):
        accept_update(bundle(version=3), signed(bundle(version=4), STRANGER))


def test_stores_whole_files_and_keeps_their_mode(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    store_trust(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_store_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(b"old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(TrustFileUnreadableError, match="No space"):
        store_trust(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
