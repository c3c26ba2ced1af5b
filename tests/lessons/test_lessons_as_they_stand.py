"""Every lesson runs as it stands, once, with a stand-in for the prediction buttons."""

from __future__ import annotations

import re
from functools import cache

import nbformat
from lessons import PATHS, code_cells, outputs, read, shown_by
from mutations import MUTATIONS

from labkit.notebook.rehearsal import execute

# A prediction that holds if what happened is one of the options at all.
ANY_OPTION = """
import labkit.notebook

class AnyOption(str):
    def __new__(cls, options):
        self = super().__new__(cls, "none of " + ", ".join(options))
        self.options = options
        return self
    def __eq__(self, happened):
        return happened in self.options
    __hash__ = str.__hash__

class Guess:
    def __init__(self, question, *options):
        self.choice = AnyOption(options)

labkit.notebook.predict = Guess
"""


@cache
def as_it_stands(stem):
    notebook = read(stem)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(ANY_OPTION))
    return execute(notebook, PATHS[stem].parent)


def test_it_runs(stem):
    errors = [o for c in code_cells(as_it_stands(stem)) for o in c.outputs if o.output_type == "error"]
    assert not errors


def test_what_happens_is_one_of_the_options_it_offered(lesson):
    told = " ".join(outputs(as_it_stands(lesson), "text/markdown"))
    assert "✔ Your prediction held." in told
    assert "✘" not in told, told


def test_its_images_have_alt_text(stem):
    notebook = as_it_stands(stem)
    assert not outputs(notebook, "image/png"), "JupyterLab drops the alt text of image outputs; show HTML instead"
    for image in re.findall(r"<img[^>]*>", "".join(outputs(notebook, "text/html"))):
        assert re.search(r'alt="[^"]+"', image), image[:200]


def test_it_shows_no_answer_that_nobody_reads(lesson):
    assert not [text for text in outputs(as_it_stands(lesson), "text/plain") if "ResponseMetadata" in text]


def test_the_lab_waits_for_the_learner(lesson):
    report = next(c for c in code_cells(as_it_stands(lesson)) if "labkit.check(" in c.source)
    assert "not done yet" in shown_by(report)


def test_no_sentence_tells_of_a_change_that_nobody_made(lesson):
    told = outputs(as_it_stands(lesson), "text/markdown")
    assert not [mutation for mutation in MUTATIONS if mutation.lesson == lesson and mutation.is_told(told)]
