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


def with_links(**links):
    """A zip with the file `lib/real` and these links."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, target in links.items():
            entry = zipfile.ZipInfo(name.replace("__", "/"))
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            opened.writestr(entry, target)
        opened.writestr("lib/real", "content")
    return archive.getvalue()


@pytest.mark.parametrize("target", ["real", "../lib/real", "./real"])
def test_a_link_within_the_package_is_made(tmp_path, target):
    unpack(with_links(lib__link=target), tmp_path / "task")
    assert (tmp_path / "task/lib/link").is_symlink() and (tmp_path / "task/lib/link").read_text() == "content"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "../..", "../lib/../../outside", "/"])
def test_a_link_out_of_the_package_is_refused(tmp_path, target):
    with pytest.raises(BadPackage, match=r"the link 'lib/link' leads to .* outside of the package"):
        unpack(with_links(lib__link=target), tmp_path / "task")


def test_a_link_that_leads_out_by_way_of_another_is_refused(tmp_path):
    with pytest.raises(BadPackage, match="outside of the package"):
        unpack(with_links(deep__er__up="../..", out="deep/er/up/../outside"), tmp_path / "task")


def test_nothing_is_written_by_way_of_a_link(make_zip, tmp_path):
    with pytest.raises(BadPackage, match="'link/real': a link is in the place of a folder"):
        unpack(with_links(link="lib", link__real="x"), tmp_path / "task")
    unpack(with_links(link="lib"), tmp_path / "opt")
    with pytest.raises(BadPackage, match="a link is in the place of a folder"):
        unpack(make_zip({"link/real": "changed"}), tmp_path / "opt")
    assert (tmp_path / "opt/lib/real").read_text() == "content"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": "1", "a/b": "2"}, "'a/b': File exists"),
        ({"a/b": "1", "a": "2"}, "'a': File exists"),
        ({"x" * 300: "1"}, "File name too long"),
        ({"/".join(["d" * 100] * 60): "1"}, "File name too long"),
    ],
)
def test_names_that_no_machine_can_have_are_the_packages_fault(make_zip, tmp_path, files, reason):
    with pytest.raises(BadPackage, match=reason) as refused:
        unpack(make_zip(files), tmp_path / "task")
    assert str(tmp_path) not in str(refused.value)


def test_a_name_of_nothing_is_left_out(make_zip, tmp_path):
    unpack(make_zip({zipfile.ZipInfo(""): "1", ".": "2", "./a": "3"}), tmp_path / "task")
    assert [path.name for path in (tmp_path / "task").iterdir()] == ["a"]


@pytest.mark.parametrize("archive", [b"", b"no zip", b"PK\x03\x04" + b"\x00" * 40])
def test_what_is_no_zip_is_refused(tmp_path, archive):
    with pytest.raises(BadPackage, match="could not be unpacked"):
        unpack(archive, tmp_path)


def test_a_damaged_zip_is_refused(make_zip, tmp_path):
    whole = make_zip({"a": "content" * 20})
    with pytest.raises(BadPackage, match="could not be unpacked"):
        unpack(whole.replace(b"contentcontent", b"tampered------", 1), tmp_path)


def test_later_layers_win(make_zip, tmp_path):
    layers = [make_zip({"a": "1", "b": "1"}), make_zip({"b": "2"}), with_links(b="lib/real"), make_zip({"b": "3"})]
    for count, expected in enumerate(["1", "2", "content", "3"], start=1):
        folder = tmp_path / str(count)
        unpack_all(layers[:count], folder)
        assert [(folder / name).read_text() for name in "ab"] == ["1", expected]
    unpack_all([], tmp_path / "none")
    assert (tmp_path / "none").is_dir()
