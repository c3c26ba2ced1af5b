"""What others wrote, made fit to be shown and written: in a terminal, in a spreadsheet, as the name of a file."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

STRANGE = "\ufffd"
KEPT = "\n\t"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes a file for Latin-1
QUOTE = "'"  # in front of a cell it says that what follows is text


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode("utf-8", "replace"))
    os.replace(part, path)


def printable(text: str) -> str:
    """The text with a sign for whatever moves a cursor, changes the direction of reading, or is no character."""
    if text.isprintable():
        return text
    return "".join(one if one in KEPT or not _is_strange(one) else STRANGE for one in text)


def as_line(text: str) -> str:
    """The same in one line."""
    return " ".join(printable(text).split())


def as_id(text: str) -> str:
    """A student's id in the one form that all ways of writing it have, but for capitals."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def as_cell(text: str) -> str:
    """A text that no spreadsheet works out: what would be a formula begins with a quotation mark."""
    shown = printable(text)
    return f"{QUOTE}{shown}" if shown.lstrip(" ").startswith(FORMULA) else shown


def as_name(text: str) -> str:
    """A file's name that no other text has, of letters that every file system takes."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:60]
    return f"{plain or 'student'}-{digest_of_text(text)[:8]}"


def digest_of_text(text: str) -> str:
    """What stands for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_strange(one: str) -> bool:
    return unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
