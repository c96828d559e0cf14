"""Read the site in a real browser: every page, light and dark, wide and narrow.

    python course.py test --all      runs this, too
    .venv/bin/python tests/browser/website.py [FOLDER]

The site is built (unless a FOLDER holds one) and opened from the file system. It is an error if a
page is wider than the window, if a picture does not show, if letters are hard to tell from their
background, if a solution is not folded, if search, glossary or menu lead nowhere, if the page logs
an error, or if it wants anything from the network. Screenshots are left in build/screenshots/site/.
"""

import contextlib
import shutil
import sys
import time
from pathlib import Path

from _chromium import SCREENSHOTS, open_page
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tools import site as build_site  # noqa: E402

THEMES = ("light", "dark")
WIDE, NARROW = (1280, 720), (390, 844)
PICTURES = SCREENSHOTS / "site"
LEAST_CONTRAST = 4.5  # of letters, as WCAG 2 (AA) asks for

# What is wrong with the page, as sentences.
FAULTS = """least => {
  const faults = [], root = document.documentElement;
  const name = element => `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`;
  if (root.scrollWidth > innerWidth) {
    faults.push(`it is ${root.scrollWidth} pixels wide, the window ${innerWidth}`);
  }
  for (const picture of document.querySelectorAll('article img')) {
    if (!picture.complete || !picture.naturalWidth) faults.push(`no picture: ${picture.alt}`);
  }
  if (document.querySelector('details[open]')) faults.push('a solution is not folded');
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => color.slice(0, 3)
    .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  // What shines through: the layers of colour behind a text, from the outermost one.
  const background = element => {
    const layers = [];
    for (; element; element = element.parentElement) {
      const [red, green, blue, share = 1] = numbers(getComputedStyle(element).backgroundColor);
      layers.unshift([[red, green, blue], share]);
      if (share === 1) break;
    }
    return layers.reduce((seen, [color, share]) =>
      seen.map((c, i) => (1 - share) * c + share * color[i]), [255, 255, 255]);
  };
  const text = document.querySelector('article, #search-results');
  const words = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})
        || element.matches('.headerlink')) continue;
    const pair = [light(numbers(getComputedStyle(element).color)), light(background(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < least) faults.push(`${name(element)} has a contrast of ${contrast.toFixed(1)}`);
  }
  return [...new Set(faults)];
}"""
# Whether the target of the address is in the window.
ARRIVED = """() => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const top = target?.getBoundingClientRect().top ?? -1;
  return 0 <= top && top < innerHeight;
}"""


class SiteError(Exception):
    """The site is not fit to be read; the message says which page and why."""


def look(page, path, theme, size):
    """Open a page, look for faults, and keep a picture of it."""
    where = f"{path.stem}, {theme}, {size[0]} pixels wide"
    page.goto(path.as_uri())
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        raise SiteError(f"{where}: it is not {theme}")
    picture = PICTURES / f"{path.stem}_{theme}_{size[0]}.jpeg"
    page.screenshot(path=picture, full_page=size == WIDE, quality=60)
    faults = page.evaluate(FAULTS, LEAST_CONTRAST)
    if faults:
        raise SiteError(f"{where}: {'; '.join(faults[:5])} (faults: {len(faults)})")


def open_solution(page, folder):
    """Fold out the first answer and the first solution of 04, with the keyboard."""
    page.goto((folder / "04_tokenization.html").as_uri())
    answer = page.locator("details", has=page.get_by_text("Answer", exact=True)).first
    words = answer.locator("p").first
    if words.is_visible():
        raise SiteError("04: the answer is not folded")
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    if not words.is_visible():
        raise SiteError("04: the answer does not open")
    solution = page.locator("details", has=page.get_by_text("Show the solution")).first
    code = solution.locator("pre").first
    if code.is_visible() or not solution.get_by_text("Show the solution").is_visible():
        raise SiteError("04: the solution is not folded")
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    if not code.is_visible() or not solution.get_by_text("Hide the solution").is_visible():
        raise SiteError("04: the solution does not open")
    solution.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "solution.png")


def search(page, folder):
    """Search for a word with the keyboard, and go to a page that has it."""
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("wordpiece")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=wordpiece*")
    page.locator("#search-results").get_by_role("link", name="04 · Tokenization").first.wait_for()
    page.screenshot(path=PICTURES / "search.png")
    page.locator("#search-results").get_by_role("link", name="04 · Tokenization").first.click()
    page.wait_for_url("**/04_tokenization.html*")
    if not page.get_by_text("WordPiece").first.is_visible():
        raise SiteError("the search leads to a page without the word")


def follow_glossary(page, folder):
    """From a term in 04 to its entry, and back to the place in 04."""
    page.goto((folder / "04_tokenization.html").as_uri())
    page.locator("article").get_by_role("link", name="attention mask", exact=True).click()
    page.wait_for_url("**/glossary.html#term-attention-mask")
    page.wait_for_function(ARRIVED)
    page.screenshot(path=PICTURES / "glossary_entry.png")
    page.locator("dt#term-attention-mask ~ dd").first.get_by_role("link", name="04").click()
    page.wait_for_url("**/04_tokenization.html#in-04-attention-mask")
    page.wait_for_function(ARRIVED)


def change_theme(page, folder):
    """The button at the top changes the theme, and the next page keeps it."""
    page.goto((folder / "index.html").as_uri())
    for theme in ("dark", "light", "dark"):
        page.get_by_role("button", name="Color mode").locator("visible=true").first.click()
        page.locator(f"button[data-mode={theme}]").locator("visible=true").first.click()
        if page.evaluate("document.documentElement.dataset.theme") != theme:
            raise SiteError(f"the button does not make the page {theme}")
    page.goto((folder / "glossary.html").as_uri())
    if page.evaluate("document.documentElement.dataset.theme") != "dark":
        raise SiteError("the next page forgets the theme")


def open_menu(page, folder):
    """In a narrow window the menu waits behind a button."""
    page.goto((folder / "index.html").as_uri())
    link = page.get_by_role("navigation").get_by_role("link", name="05 · Fine-tuning").first
    if link.is_visible():
        raise SiteError("the menu hides a narrow page")
    page.locator("button.primary-toggle").locator("visible=true").first.click()
    link.wait_for()
    page.wait_for_timeout(500)  # it slides in
    page.screenshot(path=PICTURES / "menu_390.png")
    link.click()
    page.wait_for_url("**/05_fine_tuning.html")


@contextlib.contextmanager
def reader(theme, size):
    """A window of a reader; errors that a page logs and requests to others raise at the end."""
    with open_page(*size, color_scheme=theme) as (page, outside):
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and errors.append(line.text))
        page.set_default_timeout(10_000)
        try:
            yield page
        except PlaywrightError as error:
            page.screenshot(path=PICTURES / "failed.png")
            raise SiteError(f"{page.url}: {error} (see {PICTURES / 'failed.png'})") from error
        if outside:
            raise SiteError(f"a page asked other hosts: {', '.join(sorted(outside))}")
        if errors:
            raise SiteError(f"a page logs an error: {errors[0]}")


def main(folder=None) -> int:
    """Read the site as several readers do; return the exit status."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    begin = time.monotonic()
    if folder is None:
        folder = build_site.OUTPUT
        build_site.build_site(folder)
    pages = sorted(Path(folder).resolve().glob("*.html"))
    for theme, size in [*((theme, WIDE) for theme in THEMES), ("light", NARROW)]:
        with reader(theme, size) as page:
            for path in pages:
                look(page, path, theme, size)
            for act in (open_menu,) if size == NARROW else (open_solution, search, follow_glossary):
                act(page, pages[0].parent)
    with reader("light", WIDE) as page:
        change_theme(page, pages[0].parent)
    print(
        f"Site: {len(pages)} pages, light and dark, wide and narrow, no outside request;"
        f" {time.monotonic() - begin:.0f} s."
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except (SiteError, build_site.BuildError) as error:
        print(f"Browser test of the site failed: {error}", file=sys.stderr)
        sys.exit(1)
