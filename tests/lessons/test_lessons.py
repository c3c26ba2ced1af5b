"""Every lesson: how it is built, that it runs, and that its sentences follow what the learner changes.

A lesson runs twice, whatever the number of tests: as it stands, with a stand-in for the prediction buttons, and with
all its mutations and its lab's solution, the buttons being real.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import tokenize
from functools import cache
from pathlib import Path

import nbformat
import pytest
from mutations import MUTATIONS

from labkit import facts, quiz
from labkit.classroom.lab_running import LabRunner
from labkit.classroom.reading import submission_in
from labkit.labs import labs
from labkit.notebook.rehearsal import execute

ROOT = Path(__file__).parent.parent.parent
PATHS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
LESSONS = [stem for stem in PATHS if stem[:2].isdigit() and stem < "16"]  # then come self-quiz and mock exam
MEASURE = re.compile(r"\d\s?(?:ms|s|seconds?|MB|GB|USD|%)(?!\w)")

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

# What a learner hands in, as it would stand in the file.
HAND_IN = """
import os
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    labkit.submit("s1")
    print(Path("submission-s1.json").read_text(encoding="utf-8"))
"""


@pytest.fixture(params=PATHS)
def stem(request):
    return request.param


@pytest.fixture(params=LESSONS)
def lesson(request):
    return request.param


def read(stem):
    return nbformat.read(PATHS[stem], as_version=4)


@pytest.fixture(scope="module")
def runner():
    with LabRunner() as runner:
        yield runner


@cache
def as_it_stands(stem):
    notebook = read(stem)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(ANY_OPTION))
    return execute(notebook, PATHS[stem].parent)


@cache
def changed(stem):
    notebook = read(stem)
    for mutation in {m.old: m for m in MUTATIONS if m.lesson == stem}.values():
        cell = next((c for c in code_cells(notebook) if mutation.old in c.source), None)
        assert cell is not None, f"no code cell of {stem} holds {mutation.old!r}"
        cell.source = cell.source.replace(mutation.old, mutation.new, 1)
    lab_check = next(c.source for c in code_cells(notebook) if "labkit.check(" in c.source)
    for source in (solution(notebook), lab_check, HAND_IN):
        notebook.cells.append(nbformat.v4.new_code_cell(source))
    return execute(notebook, PATHS[stem].parent)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def lab_of(notebook):
    (lab,) = {m[1] for cell in code_cells(notebook) for m in re.finditer(r'labkit\.check\("(.*?)"\)', cell.source)}
    return lab


def solution(notebook):
    """The Python in the folded part of the lab."""
    folded = [c.source for c in markdown_cells(notebook) if c.source.startswith("<details>")]
    assert len(folded) == 1, "one folded cell holds the lab's solution"
    return re.search(r"```python\n(.*?)```", folded[0], re.DOTALL)[1]


def outputs(notebook, mime):
    found = [o.data[mime] for c in code_cells(notebook) for o in c.outputs if "data" in o and mime in o.data]
    return ["".join(text) for text in found]


def shown_by(cell):
    return "\n".join(o.data["text/plain"] for o in cell.outputs if "data" in o)


def lines_of(source):
    return [line for line in source.splitlines() if line.strip()]


def python_of(source):
    """The cell without lines of magic and of the shell."""
    return "\n".join("" if line.startswith(("%", "!")) else line for line in source.splitlines())


def said(source):
    """The fixed text inside each `say(...)` of a cell."""
    for call in ast.walk(ast.parse(python_of(source))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say":
            yield from fixed_text(call.args[0])


def fixed_text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for name, child in ast.iter_fields(node):
        if name != "format_spec":
            for part in child if isinstance(child, list) else [child]:
                if isinstance(part, ast.AST):
                    yield from fixed_text(part)


# How it is built.


def test_it_is_a_clean_notebook(stem):
    notebook = read(stem)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not [c.id for c in code_cells(notebook) if c.outputs or c.execution_count]


def test_code_comes_in_small_pieces(lesson):
    for cell in code_cells(read(lesson)):
        most = 15 if cell.source.startswith("%%function") else 5
        assert len(lines_of(cell.source)) <= most, f"more than {most} lines:\n{cell.source}"


def test_code_needs_no_comment(lesson):
    for cell in code_cells(read(lesson)):
        tokens = tokenize.generate_tokens(io.StringIO(python_of(cell.source)).readline)
        assert not [token.string for token in tokens if token.type == tokenize.COMMENT], cell.source


def test_text_comes_in_small_pieces(lesson):
    assert statistics.median(len(c.source.split()) for c in markdown_cells(read(lesson))) <= 45


def test_every_prediction_is_asked_before_what_happens_is_said(lesson):
    sources = [cell.source for cell in code_cells(read(lesson))]
    guesses = {m[1]: i for i, s in enumerate(sources) if (m := re.match(r"(\w+) = predict\(", s))}
    assert len(guesses) >= 3
    for name, asked in guesses.items():
        told = [i for i, source in enumerate(sources) if re.search(rf"\bsay\(.*\b{name}\b", source, re.DOTALL)]
        assert told and min(told) > asked, f"nothing is said of the prediction {name} after it was asked"


def test_it_invites_to_change_one_thing(lesson):
    assert sum("**Change one thing.**" in c.source for c in markdown_cells(read(lesson))) >= 2


def test_it_has_a_lab_with_a_folded_solution_and_three_questions(lesson):
    notebook = read(lesson)
    code = "\n".join(cell.source for cell in code_cells(notebook))
    lab = lab_of(notebook)
    assert lab in labs()
    asked = re.findall(rf'labkit\.ask\("({lab}/.*?)"\)', code)
    assert len(set(asked)) == 3 and set(asked) <= {question.id for question in quiz.questions(lab)}
    assert solution(notebook)


def test_no_measured_number_is_typed(lesson):
    """Numbers with a unit come from the run or from the facts; tables, code, labels of exact settings may name one."""
    notebook = read(lesson)
    for cell in markdown_cells(notebook):
        prose = re.sub(r"```.*?```|`[^`]*`|^\|.*$", "", cell.source, flags=re.DOTALL | re.MULTILINE)
        assert not MEASURE.search(prose), cell.source
    for cell in code_cells(notebook):
        assert not [text for text in said(cell.source) if MEASURE.search(text)], cell.source


def test_facts_are_cited_with_their_own_date(lesson):
    text = "\n".join(c.source for c in markdown_cells(read(lesson)))
    for name, as_of in re.findall(r"\b([A-Z]+-\d+), as of ([^:,.)\n]+)", text):
        assert facts.get(name).as_of == as_of.strip()
    families = {name.split("-")[0] for name in facts.FACTS}
    for name in re.findall(r"\b[A-Z]+-\d\d\b", text):
        assert name in facts.FACTS or name.split("-")[0] not in families, f"{name} is no fact"


def test_exam_and_today_stand_side_by_side_with_a_source(lesson):
    for cell in markdown_cells(read(lesson)):
        if "True today" in cell.source:
            assert re.search(r"as of \d{4}.*https://", cell.source, re.DOTALL), cell.source


def test_links_lead_somewhere(stem):
    text = "\n".join(c.source for c in markdown_cells(read(stem)))
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (PATHS[stem].parent / target).exists(), target


def test_it_ends_with_its_takeaway(lesson):
    last = markdown_cells(read(lesson))[-1].source.splitlines()[-1]
    assert last.endswith(".") and 8 <= len(last.split()) <= 50, last


# As it stands.


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


# Changed.


def test_the_solution_passes_its_lab(lesson):
    assert ": done," in shown_by(code_cells(changed(lesson))[-2])


def test_the_solution_passes_when_it_is_graded(lesson, runner):
    """In an account that has nothing but what was handed in."""
    handed_in = submission_in(code_cells(changed(lesson))[-1].outputs[0].text.encode())
    lab = lab_of(read(lesson))
    seen = runner({lab: handed_in.labs[lab]}, "seed")[lab]
    if runner.refuses:
        pytest.skip(seen.problem)
    assert seen.criteria and not [one for one in seen.criteria if not one.met], seen


def test_nothing_is_said_of_a_prediction_that_nobody_made(lesson):
    assert not re.search(r"prediction (held|was)", " ".join(outputs(changed(lesson), "text/markdown")))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{m.lesson[:2]} {m.old} {m.told}")
def test_the_sentence_follows_the_change(mutation):
    assert not mutation.is_told(outputs(as_it_stands(mutation.lesson), "text/markdown"))
    assert mutation.is_told(outputs(changed(mutation.lesson), "text/markdown"))


def test_every_lesson_has_mutations(lesson):
    assert [mutation for mutation in MUTATIONS if mutation.lesson == lesson]
