"""Pages in HTML: whatever is put into one is escaped, and runs nothing."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from labkit.classroom.texts import printable


def page(template: str, **values: object) -> str:
    """A page from a template of `templates/`."""
    return _environment().get_template(template).render(values) + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("labkit.classroom"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        finalize=_shown,
    )  # fmt: skip


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
