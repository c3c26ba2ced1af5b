"""Rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def csv_text(columns: Sequence[str], rows: Iterable[Any], path: str | None = None) -> str:
    """These attributes of the rows as CSV text, also written to `path` when one is given."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([getattr(row, name) for name in columns] for row in rows)
    if path is not None:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
    return text.getvalue()
