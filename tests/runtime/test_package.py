"""Unpacking packages and layers."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import pytest

from labkit.runtime.package import BadPackage, unpack, unpack_all


def with_entry(name, mode, content="x"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        opened.writestr(entry, content)
    return archive.getvalue()


def test_files_arrive_with_their_content(make_zip, tmp_path):
    unpack(make_zip({"a.py": "1", "deep/er/b.txt": "é"}), tmp_path / "task")
    assert (tmp_path / "task/a.py").read_text() == "1"
    assert (tmp_path / "task/deep/er/b.txt").read_text() == "é"


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o100755, 0o755), (0o100600, 0o644), (0o100200, 0o644), (0o104755, 0o755)]
)
def test_permissions_are_kept_always_readable_and_without_special_bits(tmp_path, mode, expected):
    unpack(with_entry("run", mode), tmp_path)
    assert stat.S_IMODE(os.stat(tmp_path / "run").st_mode) == expected


@pytest.mark.parametrize("name", ["../outside", "/absolute", "a/../../outside", "..\\outside"])
def test_nothing_is_written_outside_the_folder(make_zip, tmp_path, name):
    task = tmp_path / "inner" / "task"
    unpack(make_zip({name: "x", "good": "y"}), task)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(everything) == 2 and all(task in path.parents for path in everything)


def test_a_link_is_refused(tmp_path):
    with pytest.raises(BadPackage, match="contains the link 'link'"):
        unpack(with_entry("link", stat.S_IFLNK | 0o777, "/etc/passwd"), tmp_path)


@pytest.mark.parametrize("archive", [b"", b"no zip", b"PK\x03\x04" + b"\x00" * 40])
def test_what_is_no_zip_is_refused(tmp_path, archive):
    with pytest.raises(BadPackage, match="could not be unpacked"):
        unpack(archive, tmp_path)


def test_a_damaged_zip_is_refused(make_zip, tmp_path):
    whole = make_zip({"a": "content" * 20})
    with pytest.raises(BadPackage, match="could not be unpacked"):
        unpack(whole.replace(b"contentcontent", b"tampered------", 1), tmp_path)


def test_later_layers_win(make_zip, tmp_path):
    unpack_all([make_zip({"a": "1", "b": "1"}), make_zip({"b": "2"})], tmp_path / "opt")
    assert [(tmp_path / "opt" / name).read_text() for name in "ab"] == ["1", "2"]
    unpack_all([], tmp_path / "none")
    assert (tmp_path / "none").is_dir()
