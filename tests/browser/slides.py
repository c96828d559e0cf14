"""Show all slides in a real browser: does everything fit, and is it readable from the back row?

    python course.py test --all      runs this, too
    .venv/bin/python tests/browser/slides.py [NN ...] [PLAN ...]

All decks, those of the lessons and those of the timetables, are built and opened from the file
system, at 1280 x 720, and the first also at 1920 x 1080. It is an error if something sticks out of
a slide, if code is smaller than 18 pixels (at 1280 x 720), if a slide is empty or has no notes, if
a planned slide needs two, if an output is seen before the key press that asks for it, if the notes
do not open, if the page logs an error, or if it wants anything from the network. A screenshot of
each slide is left in build/screenshots/slides/.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from _chromium import SCREENSHOTS, open_page
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tools import slides as build_slides  # noqa: E402
from tools.lessons import student_notebook  # noqa: E402
from tools.plans import read_plans  # noqa: E402

SIZES = [(1280, 720), (1920, 1080)]
SMALLEST_CODE = 18
PICTURES = SCREENSHOTS / "slides"

READY = "() => window.Reveal?.isReady?.()"

# Goes to the first slide with notes, and gives their beginning.
FIRST_NOTES = """() => {
  const notes = document.querySelector('aside.notes');
  const {h, v} = Reveal.getIndices(notes.closest('section'));
  Reveal.slide(h, v);
  return notes.textContent.trim().slice(0, 30);
}"""

# What is wrong with the slide in front, as sentences. Sizes are those of a 1280 x 720 slide.
FAULTS = """smallest => {
  const slide = Reveal.getCurrentSlide(), scale = Reveal.getScale(), faults = [];
  const page = document.querySelector('.slides').getBoundingClientRect();
  const name = element => `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`;
  const content = slide.querySelector('.content');
  for (const element of content.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    const out = Math.max(page.left - box.left, page.top - box.top,
                         box.right - page.right, box.bottom - (page.bottom - 36 * scale));
    if (out > 1) faults.push(`${name(element)} sticks out by ${Math.ceil(out / scale)} pixels`);
    const style = getComputedStyle(element);
    const cut = Math.max(element.scrollWidth - element.clientWidth,
                         element.scrollHeight - element.clientHeight);
    if (style.overflow !== 'visible' && cut > 1) faults.push(`${name(element)} is cut off`);
    const size = parseFloat(style.fontSize) * (element.currentCSSZoom ?? 1);
    if (element.matches('pre') && size < smallest)
      faults.push(`${name(element)} has letters of ${size} pixels`);
    if (element.matches('.code pre.wrapped')) faults.push(`${name(element)} has broken lines`);
  }
  const shown = content.cloneNode(true);
  shown.querySelector('.continued')?.remove();
  if (!shown.textContent.trim() && !shown.querySelector('img')) faults.push('it is empty');
  if (shown.children.length === 1 && shown.querySelector(':scope > :is(h1, h2, h3)'))
    faults.push('it has nothing but a heading');
  if (!slide.querySelector('aside.notes')?.textContent.trim()) faults.push('it has no notes');
  const first = !slide.previousElementSibling && document.querySelector('main[data-clock]');
  if (first && slide.dataset.parts > 1) faults.push('it does not fit on one slide');
  const place = slide.querySelector('aside.notes .place')?.textContent;
  if (first && place && !slide.dataset.lesson.endsWith(` › ${place}`))
    faults.push('its foot does not say where it is in the notebook');
  return faults;
}"""

# Outputs that the audience sees before anybody asked for them.
TOO_EARLY = """() => [...Reveal.getCurrentSlide().querySelectorAll('.content > .code ~ .output')]
  .filter(output => getComputedStyle(output).visibility !== 'hidden').length"""

STEPS = "() => Reveal.getCurrentSlide().querySelectorAll('.fragment').length"
PLACE = "() => { const {h, v} = Reveal.getIndices(); return [h, v]; }"


class SlidesError(Exception):
    """A deck is not fit to be shown; the message says which slide and why."""


def open_deck(page, path, size):
    """Open a deck from the file system, and wait until it can be used."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("about:blank")  # else only the part after # changes, and nothing is loaded
    page.goto(path.as_uri())
    page.wait_for_function(READY)


def walk(page, path, size):
    """Look at every slide, with all its outputs, as a speaker who presses one key goes through.

    Returns:
        How many slides there are.
    """
    open_deck(page, path, size)
    count, pictures = 0, size == SIZES[0]
    while True:
        h, v = page.evaluate(PLACE)
        where = f"{path.stem}, slide {h}.{v}, at {size[0]} x {size[1]}"
        if page.evaluate(TOO_EARLY):
            raise SlidesError(f"{where}: an output is seen too early")
        page.evaluate("() => { while (Reveal.availableFragments().next) Reveal.nextFragment(); }")
        if pictures:
            page.screenshot(path=PICTURES / f"{path.stem[:6]}_{h:02}_{v:02}.png")
        faults = page.evaluate(FAULTS, SMALLEST_CODE)
        if faults:
            raise SlidesError(f"{where}: {'; '.join(faults[:3])}")
        count += 1
        if page.evaluate("Reveal.isLastSlide()"):
            return count
        press_next(page)
        if page.evaluate(PLACE) == [h, v]:
            raise SlidesError(f"{where}: the arrow key leads nowhere")


def press_next(page):
    """The key for the next slide; in a deck by the clock, first for what stands below."""
    routes = page.evaluate("Reveal.availableRoutes()")
    clock = page.locator("main[data-clock]").count()
    page.keyboard.press("ArrowDown" if clock and routes["down"] else "ArrowRight")


def read_notes(page, path):
    """The notes: beside the slide with N, in a window of their own with S."""
    open_deck(page, path, SIZES[0])
    words = page.evaluate(FIRST_NOTES)
    panel = page.locator(".speaker-notes")
    if panel.is_visible():
        raise SlidesError(f"{path.stem}: the audience sees the notes")
    page.keyboard.press("n")
    if words not in panel.inner_text():
        raise SlidesError(f"{path.stem}: key N does not show the notes")
    page.screenshot(path=PICTURES / f"{path.stem[:6]}_notes.png")
    page.keyboard.press("n")
    if panel.is_visible():
        raise SlidesError(f"{path.stem}: key N does not hide the notes again")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    window = popup.value
    window.get_by_text(words).wait_for()
    window.frame_locator("#current-slide iframe").locator("h1").first.wait_for()
    window.screenshot(path=PICTURES / f"{path.stem[:6]}_speaker.png")
    window.close()


def print_pages(page, path):
    """How many pages a browser would print."""
    page.goto(f"{path.as_uri()}?print-pdf")
    page.wait_for_function(READY)
    page.wait_for_selector(".pdf-page")
    return page.locator(".pdf-page").count()


def hard_lesson(folder):
    """Write a lesson with all that is too long, too wide or too tall, and its notebook."""
    code = "\n".join(f"a_name_{i} = {i}{' + 1' * (i % 20)}" for i in range(70))
    wide = "".join(f"<td>column {i}</td>" for i in range(40))
    tall = "".join(f"<tr><td>row {i}</td></tr>" for i in range(40))
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}"/>'
    outputs = [
        {"text/plain": "\n".join("word " * 50 for _ in range(30))},
        {"text/html": f"<table><tr>{wide}</tr></table>"},
        {"text/html": f"<table>{tall}</table>"},
        {"image/svg+xml": svg.format(*(400, 3000) * 2)},
        {"image/svg+xml": svg.format(*(3000, 100) * 2)},
    ]
    text = [
        "# 98 · Too much",
        "\n".join(f"1. point {i}" for i in range(30)),
        "## A heading, and at once its code",
        "word " * 400,
    ]
    cells = [nbformat.v4.new_markdown_cell(source) for source in text]
    for data in outputs:
        output = nbformat.v4.new_output("display_data", data)
        cells.append(nbformat.v4.new_code_cell(code, outputs=[output]))
    cells.insert(3, cells.pop())
    note = nbformat.v4.new_markdown_cell("Say it.", metadata={"tags": ["speaker-notes"]})
    cells.insert(1, note)
    for source in text[:1] + text[2:3]:
        cells[[cell.source for cell in cells].index(source)].metadata = {
            "slideshow": {"slide_type": "slide"}
        }
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, folder / "98_too_much.ipynb")
    jupytext.write(notebook, folder / "98_too_much.py", fmt="py:percent")
    return folder / "98_too_much.py"


GERMAN_LESSON = """# %% [markdown] slideshow={"slide_type": "slide"}
# # 97 · Eine Lektion auf Deutsch
#
# Sie ist kurz.

# %% [markdown] tags=["speaker-notes"]
# Langsam sprechen.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Eine Frage
#
# Erst nachdenken. **Was kommt heraus?** Sechs mal sieben ist (a) 41 (b) 42
#
# **Ändere:** nimm andere Zahlen.

# %%
6 * 7
"""
DRESSED = """() => ['p.predict', 'p.predict .options > span', 'p.task']
  .map(kind => document.querySelectorAll(kind).length)"""


def walk_german_lesson(page):
    """A question in another language gets its box, and a box for each answer."""
    with tempfile.TemporaryDirectory(prefix="course-slides-") as folder:
        folder = Path(folder)
        lesson = folder / "97_deutsch.py"
        lesson.write_text(GERMAN_LESSON, encoding="utf-8")
        nbformat.write(student_notebook(lesson), folder / "97_deutsch.ipynb")
        path = build_slides.build(lesson, folder, folder)
        print(f"{path.stem}: {walk(page, path, SIZES[0])} slides", flush=True)
        if page.evaluate(DRESSED) != [1, 2, 1]:
            raise SlidesError(f"{path.stem}: boxes of questions, answers and tasks are missing")


def walk_hard_lesson(page):
    """Whatever a lesson holds, its slides hold it, too."""
    with tempfile.TemporaryDirectory(prefix="course-slides-") as folder:
        folder = Path(folder)
        path = build_slides.build(hard_lesson(folder), folder, folder)
        print(f"{path.stem}: {walk(page, path, SIZES[0])} slides", flush=True)


def decks(names):
    """Build the decks of these lessons and timetables, or all, and give their paths."""
    plans = {plan.name: plan for plan in read_plans()}
    numbers = [name for name in names if name not in plans]
    for lesson in build_slides.find_lessons(numbers) if numbers or not names else []:
        yield build_slides.build(lesson)
    for name in [plan for plan in plans if plan in names] or ([] if names else plans):
        yield build_slides.build_plan(plans[name])


def main(names) -> int:
    """Build and check the decks of these lessons and timetables, or all; returns the status."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    begin = time.monotonic()
    with open_page() as (page, outside):
        errors = []
        page.context.on("weberror", lambda error: errors.append(str(error.error)))
        page.context.on("console", lambda line: line.type == "error" and errors.append(line.text))
        for path in decks(names):
            sizes = SIZES if "_" in path.stem else SIZES[:1]  # a lesson, or a timetable
            counts = [walk(page, path, size) for size in sizes] + [print_pages(page, path)]
            read_notes(page, path)
            if len(set(counts)) > 1:
                raise SlidesError(f"{path.stem}: {counts} slides: two screens and paper differ")
            if errors:
                raise SlidesError(f"{path.stem}: the page logs {errors[0]}")
            if outside:
                raise SlidesError(f"{path.stem}: asks the network for {', '.join(sorted(outside))}")
            print(f"{path.stem}: {counts[0]} slides", flush=True)
        walk_german_lesson(page)
        walk_hard_lesson(page)
    print(f"Slides: everything fits, in {time.monotonic() - begin:.0f} s.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (SlidesError, build_slides.BuildError, PlaywrightError) as error:
        print(f"Slides: {error}", file=sys.stderr)
        sys.exit(1)
