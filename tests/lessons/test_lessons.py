"""How each lesson is built."""

from __future__ import annotations

import ast
import io
import re
import statistics
import tokenize

from lessons import PATHS, code_cells, lab_of, markdown_cells, read, solution

from labkit import facts, quiz
from labkit.labs import labs

MEASURE = re.compile(r"\d\s?(?:ms|s|seconds?|MB|GB|USD|%)(?!\w)")


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
