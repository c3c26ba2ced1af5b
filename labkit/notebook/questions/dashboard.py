"""What was learned so far: strengths, what is due, history, and a way to take it along."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import ipywidgets as widgets

from labkit.mistake import BadValue
from labkit.notebook.questions.layout import Status
from labkit.quiz.study.overview import Overview, overview
from labkit.quiz.study.store import progress as kept


def progress() -> widgets.VBox:
    """A dashboard of the learner's own progress, with a button to download it and one to bring it back."""
    status = Status()
    upload = widgets.FileUpload(accept=".json", description="Import progress", layout={"width": "auto"})
    page = widgets.HTML(as_html(overview(kept().events(), kept().now())) + _download())

    def take(change: dict[str, Sequence[dict[str, memoryview]]]) -> None:
        for file in change["new"]:
            try:
                count = kept().take(bytes(file["content"]).decode("utf-8", "replace"))
                status.say(f"<p>{count} entries are new.</p>")
            except BadValue as error:
                status.say(f"<p>✘ {html.escape(str(error))}</p>")
        page.value = as_html(overview(kept().events(), kept().now())) + _download()

    upload.observe(take, "value")
    return widgets.VBox([page, upload, status])


def as_html(found: Overview) -> str:
    """The dashboard's tables."""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in found.lines())
    return lines + "".join(_table(title, rows) for title, rows in found.tables().items() if rows)


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    head, *body = ["".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) for tag, row in _tagged(rows)]
    listed = "".join(f"<tr>{row}</tr>" for row in body)
    return (
        f'<table style="margin: 1em 0"><caption style="text-align: left; font-weight: bold">{html.escape(title)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{listed}</tbody></table>"
    )


def _tagged(rows: Sequence[Sequence[str]]) -> list[tuple[str, Sequence[str]]]:
    return [("td" if number else "th", row) for number, row in enumerate(rows)]


def _download() -> str:
    content = base64.b64encode(kept().exported().encode()).decode()
    return (
        '<p><a class="jupyter-button" style="padding: 0.4em 1em" download="labkit-progress.json" '
        f'href="data:application/json;base64,{content}">Download progress</a></p>'
    )
