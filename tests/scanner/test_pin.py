"""The reading process's pin: a bundle that comes, changes and goes while it runs."""

import os
from pathlib import Path

from scanner.decode import Knowledge
from scanner.own_tags import Pin
from tests.scanner.cast import NOW, STRANGER, bundle, forged_url, signed, tag_url


def put(path: Path, data: bytes) -> None:
    """As the server does: a new file takes the old one's place."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.replace(path)


def test_without_a_file_nothing_is_known() -> None:
    assert Pin(None).knowledge((), NOW) == Knowledge()


def test_a_bundle_that_comes_and_goes_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    pin = Pin(path)
    assert pin.knowledge((), NOW) == Knowledge()
    put(path, signed(bundle()))
    known = pin.knowledge((), NOW)
    assert known.prefixes == ("HTTPS://ID.EXAMPLE.COM/",)
    assert known.is_ours(tag_url())
    assert not known.is_ours(forged_url())
    put(path, signed(bundle(version=4), STRANGER))
    assert pin.knowledge((), NOW).is_ours(tag_url())
    path.unlink()
    assert pin.knowledge((), NOW) == Knowledge()


def test_a_file_that_is_no_bundle_is_none(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_bytes(b"{")
    pin = Pin(path)
    assert pin.knowledge((), NOW) == Knowledge()
    put(path, signed(bundle()))
    assert pin.knowledge((), NOW).is_ours(tag_url())


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    put(path, signed(bundle()))
    pin = Pin(path)
    assert pin.knowledge((), NOW).is_ours(tag_url())
    status = path.stat()
    path.write_bytes(b"{")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert pin.knowledge((), NOW).is_ours(tag_url())
