"""The first lesson in JupyterLab and Chromium, by keyboard alone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab_process import LabProcess, lab_process
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from labkit.cli import FIRST_LESSON, LESSONS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WINDOW: ViewportSize = {"width": 1280, "height": 900}
SECONDS = 1000  # playwright counts milliseconds
MOST_TABS = 12  # from a cell to a control in its output
COMPLAINTS = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
ALL_CELLS_RAN = """complaints => document.querySelector(complaints)
    || [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(it => /\\[\\d+\\]/.test(it.textContent))"""
TEXT, OUTPUTS = ".jp-MarkdownOutput", ".jp-OutputArea"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")


@dataclass
class Seen:
    """The page after the lesson ran, and what the browser has told of until now."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The first lesson, opened by `labkit lab`, after all its cells ran."""
    before = (LESSONS / FIRST_LESSON).read_bytes()
    with lab_process(FIRST_LESSON, tmp_path_factory.mktemp("lab")) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        seen = watched_page(browser)
        run_all(seen.page, lab)
        yield seen
        browser.close()
    assert (LESSONS / FIRST_LESSON).read_bytes() == before


def watched_page(browser: Browser) -> Seen:
    seen = Seen(browser.new_page(viewport=WINDOW))
    seen.page.set_default_timeout(60 * SECONDS)
    seen.page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("websocket", lambda websocket: seen.requests.append(websocket.url))
    return seen


def run_all(page: Page, lab: LabProcess) -> None:
    """Open the lesson and run its cells with the command palette."""
    page.goto(f"{lab.url}/lab/tree/{LESSONS.name}/{FIRST_LESSON}?token={lab.token}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    wait_for_the_kernel(lab)
    command(page, "Run All Cells")
    page.wait_for_function(ALL_CELLS_RAN, arg=COMPLAINTS, timeout=180 * SECONDS)


def wait_for_the_kernel(lab: LabProcess, timeout: float = 120) -> None:
    """JupyterLab's status bar says idle before the kernel is, so the server is asked."""
    deadline = time.monotonic() + timeout
    while not any(session["kernel"]["execution_state"] == "idle" for session in lab.api("sessions")):
        assert time.monotonic() < deadline, "the kernel is not idle"
        time.sleep(0.05)


def command(page: Page, name: str) -> None:
    """Choose a command of JupyterLab's palette."""
    page.keyboard.press("Control+Shift+C")
    page.keyboard.type(name)
    page.locator(".lm-CommandPalette-item.lm-mod-active", has_text=name).wait_for()
    page.keyboard.press("Enter")


def select_cell(page: Page, code: str) -> Locator:
    """Go with the arrow keys to the cell with this code, wherever the selection is."""
    page.keyboard.press("Escape")
    wanted, active = page.locator(".jp-Notebook-cell", has_text=code), page.locator(".jp-Notebook-cell.jp-mod-active")
    steps = position(wanted) - position(active)
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    assert position(active) == position(wanted), f"the arrow keys do not reach the cell with {code}"
    return wanted


def position(cell: Locator) -> int:
    return int(cell.get_attribute("data-windowed-list-index") or 0)


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until this control has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if control.evaluate("control => control === document.activeElement"):
            return
    pytest.fail(f"{MOST_TABS} times Tab do not reach {control}")


def axe_findings(page: Page) -> dict[str, list[tuple[str, str]]]:
    """What axe passes and finds at fault in the lesson's text and in what its cells show: pairs of rule and element.

    Left out is what is JupyterLab's own: its list of cells, its code editors, and its links in text, which differ from
    it by colour alone. axe judges contrast only where the page has a height and the text is inside the window.
    """
    page.add_style_tag(content="html, body { height: 100% }")
    height = page.locator(".jp-WindowedPanel-outer").evaluate("panel => panel.scrollHeight")
    page.set_viewport_size({**WINDOW, "height": height + WINDOW["height"]})
    options = {"rules": {"link-in-text-block": {"enabled": False}}}
    answer = Axe().run(page, context={"include": [[TEXT], [OUTPUTS]]}, options=options).response
    page.set_viewport_size(WINDOW)
    return {
        outcome: [(rule["id"], node["html"]) for rule in answer[outcome] for node in rule["nodes"]]
        for outcome in ("passes", "violations")
    }


def test_every_cell_of_the_lesson_runs_without_an_error(lesson):
    assert lesson.page.locator(OUTPUTS).count()
    assert lesson.page.locator(COMPLAINTS).all_inner_texts() == []


def test_a_question_is_answered_by_keyboard(lesson):
    cell = select_cell(lesson.page, 'labkit.ask("self-quiz/1")')
    tab_to(lesson.page, cell.get_by_role("textbox", name="Your answer"))
    lesson.page.keyboard.type("15 minutes")
    tab_to(lesson.page, cell.get_by_role("button", name="Check answer"))
    lesson.page.keyboard.press("Enter")
    cell.get_by_role("status").filter(has_text="Right").wait_for()


def test_an_option_is_chosen_by_keyboard(lesson):
    cell = select_cell(lesson.page, 'labkit.ask("start-here/1")')
    tab_to(lesson.page, cell.get_by_role("button", name="B", exact=True))
    lesson.page.keyboard.press("Space")
    cell.get_by_role("status").filter(has_text="The exam expects").wait_for()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_text_and_outputs_have_no_accessibility_violations(lesson, theme, eventually):
    command(lesson.page, f"Use Theme: {theme}")
    lesson.page.locator(f"[data-jp-theme-name='{theme}'] .jp-Notebook").wait_for()
    found = eventually(lambda: with_all_contrast(lesson.page))  # JupyterLab tells the name before it has drawn all
    assert found["violations"] == []


def with_all_contrast(page: Page) -> dict[str, list[tuple[str, str]]] | None:
    """What axe finds, once it could look at the contrast of all text."""
    found = axe_findings(page)
    looked_at = [element for rule, element in found["passes"] + found["violations"] if rule == "color-contrast"]
    return found if len(looked_at) >= page.locator(TEXT).count() else None


def test_nobody_is_asked_about_news(lesson):
    assert not [url for url in lesson.requests if "/lab/api/news" in url or "/lab/api/update" in url]
    assert not lesson.page.locator(".Toastify__toast, .jp-Dialog").count()


def test_nothing_is_fetched_from_outside_this_machine(lesson):
    elsewhere = [url for url in lesson.requests if urlsplit(url).hostname not in ("127.0.0.1", None)]
    assert lesson.requests and not elsewhere


def test_the_console_shows_no_error(lesson):
    assert lesson.errors == []
