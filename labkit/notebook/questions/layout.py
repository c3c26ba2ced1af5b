"""Texts, buttons, and the lines that a screen reader announces."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import ipywidgets as widgets


def text(content: str) -> widgets.HTML:
    """A text, with `code` marked up."""
    return widgets.HTML(wrapped(marked_up(content)), layout={"flex": "1 1 0", "min_width": "0"})


def marked_up(content: str) -> str:
    """The text as HTML; what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(content))


def wrapped(content: str) -> str:
    """HTML in lines that are easy to read."""
    return f'<div style="max-width: 50em; line-height: 1.5; white-space: normal">{content}</div>'


class Status(widgets.HTML):  # type: ignore[misc]  # ipywidgets is untyped
    """A place whose content is read out when it changes."""

    def __init__(self) -> None:
        super().__init__()
        self.say("")

    def say(self, content: str) -> None:
        """Show HTML."""
        inner = wrapped(content) if content else ""
        self.value = f'<div role="status" aria-live="polite">{inner}</div>'


def button(label: str, action: Callable[[], object], tooltip: str = "", width: str = "auto") -> widgets.Button:
    """A button that does something."""
    made = widgets.Button(description=label, tooltip=tooltip, layout={"width": width})
    made.on_click(lambda _: action())
    return made


def row(control: widgets.Widget, content: str) -> widgets.HBox:
    """A control and the text beside it."""
    return widgets.HBox([control, text(content)], layout={"align_items": "baseline"})


def buttons(*controls: widgets.Widget) -> widgets.HBox:
    """Buttons side by side, in more lines where they don't fit."""
    return widgets.HBox(controls, layout={"flex_flow": "row wrap"})
