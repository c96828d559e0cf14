"""Go through the whole course in a real JupyterLab: every notebook, widget and quiz.

    python course.py test-browser
    .venv/bin/python tests/browser/tour.py 06 08    only these notebooks

Takes about ten minutes on two cores. Every notebook is opened and run; no cell may fail. Then each
view is used with the keyboard, as somebody without a mouse would: its answer must change, and be
there within the time that LIMIT says. An exercise is solved wrongly, then rightly. 04 is restarted
and run again. Figures and coloured words are looked at in the light and the dark theme. Whatever
the page asks for on another machine is an error. Screenshots (1280 x 720) stay in
build/screenshots/.
"""

import sys
import time

from _lab import (
    BrowserError,
    in_jupyterlab,
    notebooks,
    open_notebook,
    run_all,
    screenshot,
    use_widget,
)

LIMIT = 3.0
"""Seconds from a key to the new answer: a view that hangs is an error. How fast they are,
benchmarks/views.py measures."""

# Notebook -> what is done there: the description of an input, and keys that are pressed in it.
VIEWS = {
    "03": [("Sentence:", "Home", "O", "h", "Space")],
    "04": [("Text:", "End", "x"), ("max_length:", "ArrowLeft")],
    "05": [("seat, accuracy:", "End", "Enter", "1", "1", "Space", "0", ".", "8")],
    "06": [("threshold:", "ArrowRight")],
    "08": [("Layer:", "ArrowRight"), ("Head:", "ArrowRight")],
}

# The output area of the cell whose source holds a text.
AREA = """text => {
  const panel = window.jupyterapp.shell.currentWidget;
  const index = [...panel.content.model.cells].findIndex(
    cell => cell.type === 'code' && cell.sharedModel.source.includes(text));
  if (index < 0) return -1;
  panel.content.activeCellIndex = index;
  panel.content.scrollToItem(index);
  return index;
}"""


def show_cell(page, text):
    """Scroll to the code cell whose source holds `text`; give its element."""
    index = page.evaluate(AREA, text)
    if index < 0:
        raise BrowserError(f"there is no cell with {text!r}")
    page.wait_for_timeout(500)
    front = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # other notebooks are open behind it
    return page.locator(f'{front} .jp-Cell[data-windowed-list-index="{index}"]')


def use_view(page, name, description, *keys):
    """Press keys in the input with this description; what its view shows must change."""
    front = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    label = front.locator(".widget-label, .widget-checkbox label").filter(has_text=description)
    label.first.scroll_into_view_if_needed()
    box = label.first.locator(
        "xpath=ancestor::*[contains(@class, 'widget-inline-hbox')"
        " or contains(@class, 'widget-checkbox')][1]"
    )
    field = box.locator("input, textarea, select, [role=slider]").first
    answer = label.first.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')][1]")
    before = answer.inner_html()
    field.focus()
    for key in keys[:-1]:
        field.press(key)
    page.wait_for_timeout(1_000)
    before = answer.inner_html() if len(keys) > 1 else before
    begin = time.monotonic()
    field.press(keys[-1])
    while answer.inner_html() == before:
        if time.monotonic() - begin > LIMIT:
            screenshot(page, f"{name[:2]}_no_answer")
            raise BrowserError(f"{name}: {description!r} did not answer within {LIMIT} s")
        page.wait_for_timeout(20)
    seconds = time.monotonic() - begin
    page.wait_for_timeout(500)
    screenshot(page, f"{name[:2]}_{description.strip(':').replace(', ', '_').replace(' ', '_')}")
    print(f"{name}: {description} answers after {1000 * seconds:.0f} ms", flush=True)


def answer_quiz(page, name):
    """Take the three choices of the first question, one after the other, with Tab and Space."""
    cell = show_cell(page, f'course_utils.quiz("{name[:2]}")')
    field = cell.locator("input[type=radio]").first
    field.scroll_into_view_if_needed()
    field.focus()
    replies = set()
    for number in range(3):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.wait_for_timeout(500)
        replies.add(cell.locator('[role="status"]').first.inner_text())
    marks = sorted(reply[:1] for reply in replies)
    if marks != ["✔", "✘", "✘"]:
        screenshot(page, f"{name[:2]}_quiz")
        raise BrowserError(f"{name}: the quiz replied {replies}")
    screenshot(page, f"{name[:2]}_quiz")


def solve_exercise(page):
    """Exercise 6.2, wrongly, then rightly, typed into its cell."""
    for answer, mark in (("b", "✘"), ("a", "✔")):
        cell = show_cell(page, "reading = ")
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type(f'reading = "{answer}"')
        page.keyboard.press("Shift+Enter")
        cell = show_cell(page, 'course_utils.check("6.2"')
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(1_000)
        told = cell.locator(".jp-OutputArea").inner_text()
        screenshot(page, f"06_exercise_{'right' if mark == '✔' else 'wrong'}")
        if not told.strip().startswith(mark):
            raise BrowserError(f"exercise 6.2 with {answer!r}: expected {mark}, found {told!r}")


def restart_and_run(page, name):
    """Run > Restart Kernel and Run All Cells, with its question answered."""
    page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.get_by_text("Restart Kernel and Run All Cells…", exact=True).click()
    page.locator(".jp-Dialog").get_by_text("Restart", exact=True).click()
    page.wait_for_timeout(3_000)
    run_all(page, name)


def look_in_both_themes(page, name, text, element):
    """A cell's output in the light and the dark theme: its own background must stay white."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        page.wait_for_timeout(1_500)
        cell = show_cell(page, text)
        cell.locator(".jp-OutputArea").scroll_into_view_if_needed()
        screenshot(page, f"{name[:2]}_{theme.split()[-1].lower()}")
        paper = cell.locator(element).first.evaluate(
            """element => {
              while (element && getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)')
                element = element.parentElement;
              return getComputedStyle(element).backgroundColor;
            }"""
        )
        if paper != "rgb(255, 255, 255)":
            raise BrowserError(f"{name}: in {theme} the background of the output is {paper}")


def tour(page, lab):
    """Everything, notebook by notebook."""
    for number, name in notebooks().items():
        if sys.argv[1:] and number not in sys.argv[1:]:
            continue
        open_notebook(page, lab, name)
        run_all(page, name)
        for description, *keys in VIEWS.get(number, []):
            use_view(page, name, description, *keys)
        if number >= "01":
            answer_quiz(page, name)
        if number == "04":
            restart_and_run(page, name)
        if number == "05":
            use_widget(page, name)
        if number == "06":
            solve_exercise(page)
        if number == "01":
            look_in_both_themes(page, name, "plot_labels_saved(record, live=yours)", "figure img")
        if number == "08":
            look_in_both_themes(page, name, "show_words(hidden, walked)", "figure")


if __name__ == "__main__":
    try:
        in_jupyterlab(tour)
    except BrowserError as error:
        print(f"Browser tour failed: {error}", file=sys.stderr)
        sys.exit(1)
    print("Browser tour: all notebooks run, all views answer the keyboard, no outside request.")
