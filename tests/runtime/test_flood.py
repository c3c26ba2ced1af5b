"""What a flood of log takes on the disk is given back while it is written, and what is read of it stays."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import labkit.runtime

sys.path.insert(0, str(Path(labkit.runtime.__file__).parent / "supervisor"))

import linux
from flood import PIECE, Flood

KEPT = 1 << 20


@pytest.fixture
def log(tmp_path):
    """A log file, and what it takes on the disk."""
    path = tmp_path / "log"
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, bytes(2 * PIECE))
    linux.punch_hole(descriptor, 0, 2 * PIECE)
    if path.stat().st_blocks > 0:
        pytest.skip("this file system gives nothing back")
    os.truncate(descriptor, 0)
    yield descriptor
    os.close(descriptor)


def on_disk(log):
    return os.fstat(log).st_blocks * 512


def test_the_beginning_is_kept_and_the_length_too(log):
    flood = Flood(log, KEPT)
    for _ in range(10):
        os.write(log, b"x" * PIECE)
        flood.look()
    assert os.fstat(log).st_size == 10 * PIECE
    assert KEPT <= on_disk(log) < 3 * PIECE
    assert os.pread(log, KEPT, 0) == b"x" * KEPT


def test_each_invocation_keeps_its_own_beginning(log):
    flood = Flood(log, KEPT)
    for word in (b"a", b"b", b"c"):
        start = os.fstat(log).st_size
        flood.begin()
        for _ in range(3):
            os.write(log, word * PIECE)
            flood.look()
        assert os.pread(log, KEPT, start) == word * KEPT
    assert on_disk(log) < 4 * PIECE


def test_a_log_in_small_pieces_is_given_back_when_it_was_read(log):
    flood = Flood(log, KEPT)
    for _ in range(60):
        flood.begin()
        os.write(log, b"x" * (1 << 20))
        flood.look()
    assert on_disk(log) < 3 * PIECE
