"""Run the README's example in IPython, draw its figure, and put the figure's words into the README."""

from __future__ import annotations

import re
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from labkit.plots import Figure

README = Path(__file__).parent.parent / "README.md"
PICTURE = Path(__file__).with_name("first-figure.png")
CELL = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMAGE = re.compile(rf"!\[[^]]*\]\(docs/{re.escape(PICTURE.name)}\)")


def run_example(readme: str) -> Figure:
    """The value of the last Python block, after all were run in order; the exception of the one that fails."""
    shell = InteractiveShell.instance()
    for cell in CELL.findall(readme):
        result = shell.run_cell(cell)
        result.raise_error()
    return result.result


def main() -> None:
    readme = README.read_text(encoding="utf-8")
    figure = run_example(readme)
    figure.save(PICTURE)
    README.write_text(IMAGE.sub(lambda _: f"![{figure.alt}](docs/{PICTURE.name})", readme), encoding="utf-8")


if __name__ == "__main__":
    main()
