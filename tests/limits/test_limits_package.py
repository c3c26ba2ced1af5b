"""Zip packages: sizes come from the archive's directory; broken or hostile archives are findings, not exceptions."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import facts, limits

DIRECT = facts.QUOTAS["zip_direct"].maximum
UNZIPPED = facts.QUOTAS["unzipped"].maximum


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def claiming(size):
    """A zip of one small file whose directory says that it unpacks to `size` bytes."""
    data = bytearray(zipped(a="a"))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def of_length(size):
    """A readable zip of exactly this many bytes: an archive may have anything before it."""
    archive = zipped(a="a")
    return bytes(size - len(archive)) + archive


GOOD = zipped(**{"lambda_function.py": "def lambda_handler(event, context): return 1", "lib/x.py": ""})


def refused(findings):
    return limits.refusal(findings)


def test_a_good_package_has_no_findings():
    assert not limits.check(Code={"ZipFile": GOOD})
    assert not limits.check_package(GOOD)


def test_fifty_mb_are_allowed_and_one_byte_more_is_refused_with_413():
    assert not limits.check(Code={"ZipFile": of_length(DIRECT)})
    answer = refused(limits.check(Code={"ZipFile": of_length(DIRECT + 1)}))
    assert (answer.status, answer.code, answer.type) == (413, "RequestEntityTooLargeException", None)
    assert answer.message == "Zipped size must be smaller than 52428800 bytes"


def test_a_request_that_is_too_large_is_refused_unless_its_zip_is():
    body = facts.QUOTAS["create_request"].maximum
    assert not limits.check(Code={"ZipFile": of_length(DIRECT)}, request_size=body)
    large = limits.check(
        Code={"ZipFile": of_length(DIRECT)}, Environment={"Variables": {"A1": "x" * 5000}}, request_size=body + 1
    )
    message = "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    assert (refused(large).status, refused(large).message) == (413, message)
    zipped_too = limits.check(operation="update_function_code", ZipFile=of_length(DIRECT + 1), request_size=body + 1)
    assert refused(zipped_too).message.startswith("Zipped size")
    update = limits.check(operation="update_function_code", ZipFile=GOOD, request_size=body + 1)
    assert "UpdateFunctionCode" in refused(update).message


def test_a_large_zip_from_s3_is_bounded_by_its_unzipped_size_only():
    assert not limits.check_package(of_length(DIRECT + 1))


def test_the_unzipped_size_is_read_not_measured_and_includes_layers():
    assert not limits.check_package(claiming(UNZIPPED - 1))
    assert (
        refused(limits.check_package(claiming(UNZIPPED))).message
        == "Unzipped size must be smaller than 262144000 bytes"
    )
    assert refused(limits.check_package(claiming(UNZIPPED - 10), layers_unzipped=11)).message == (
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. "
        "The actual size is 262144001 bytes."
    )
    assert limits.check(Code={"ZipFile": GOOD}, layers_unzipped=UNZIPPED)


@pytest.mark.parametrize("data", [b"def lambda_handler(): pass", b"PK\x03\x04", GOOD[:-30]])
def test_what_is_no_zip_is_refused(data):
    assert refused(limits.check(Code={"ZipFile": data})).message == (
        "Could not unzip uploaded file. Please check your file, then try to upload again."
    )


@pytest.mark.parametrize("data", [b"", zipped()])
def test_an_empty_package_is_refused(data):
    assert refused(limits.check(Code={"ZipFile": data})).message == "Uploaded file must be a non-empty zip"


@pytest.mark.parametrize("name", ["../evil.py", "/etc/passwd", "a/../../b", "..\\evil.py", "C:\\evil.py", "C:evil.py"])
def test_an_entry_that_leads_outside_is_a_finding(name):
    found = limits.check_package(zipped(**{"good.py": "", name: ""}))[0]
    assert repr(name) in found.given and "good.py" not in found.given and found.inferred


def test_names_with_dots_are_harmless():
    assert not limits.check_package(zipped(**{"..a/b..py": "", "a/.hidden": "", "lib/x:y": ""}))


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
def test_a_damaged_zip_never_raises(damage, at):
    limits.check_package(GOOD[:at] + damage + GOOD[at + len(damage) :])
