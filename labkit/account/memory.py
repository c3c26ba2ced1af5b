"""Memory that large requests took is given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import sys

M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
LARGE = 1 << 20  # bytes


def give_back_large_blocks() -> None:
    """Have glibc map large blocks by themselves; left alone it raises that limit, and a 24 MB upload stays for good."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
