"""The notebooks keep the conventions of the course and agree with their lessons. Nothing runs here.

nbval runs the cells and compares what they print. These checks close the holes it leaves: cells
that never ran, magics that fail without a word, cells that take themselves out of the comparison.
"""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbval.plugin import comment_markers, get_sanitize_patterns, metadata_tags

from tools import build as builder
from tools.lessons import is_solution

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "instructor" / "lessons").glob("[0-9][0-9]_*.py"))
STUDENT = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
EXEMPT = "nbval-ignore-output"
IMAGE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\n]+")
FOREIGN_PATH = re.compile(
    r"(?<![\w.~-])/(?:home|Users|root|tmp|work|mnt|media|opt|srv|var|private|content)/"
    r"|\b[A-Z]:\\(?:Users|\\Users|Program|Windows|temp)",
    re.IGNORECASE,
)

# Keys of the Hub, GitHub, PyPI, OpenAI and AWS, and those of ssh.
SECRET = re.compile(
    r"\b(?:hf_\w{20}|gh[pousr]_\w{20}|github_pat_\w{20}|pypi-\w{20}|sk-[\w-]{20}|AKIA[A-Z0-9]{16})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
FETCHED = re.compile(
    r"""<(?:script|link|iframe|object|embed)\b|\b(?:src|srcset|action)\s*=\s*["']?\s*(?:https?:)?//"""
    r"|url\(\s*[\"']?(?:https?:)?//|@import|\bfetch\(|XMLHttpRequest|sendBeacon",
    re.IGNORECASE,
)


@cache
def read(path):
    return nbformat.read(path, as_version=4)


def short(path):
    return path.relative_to(ROOT).as_posix()


def of_type(notebook, cell_type):
    return [cell for cell in notebook.cells if cell.cell_type == cell_type]


def tags(cell):
    return cell.metadata.get("tags", [])


def outputs(notebook):
    """Each stored output with the number of its cell."""
    for cell in of_type(notebook, "code"):
        for output in cell.outputs:
            yield cell.execution_count, output


def texts(output):
    """What an output shows: kind and text. Pictures in HTML are left out."""
    shown = {"stdout": output.text} if output.output_type == "stream" else output.get("data", {})
    for kind, text in shown.items():
        yield kind, IMAGE.sub("", text) if isinstance(text, str) else str(text)


def trees(notebook):
    """The syntax tree of each code cell with its number. A cell with a magic has none."""
    for cell in of_type(notebook, "code"):
        yield cell.execution_count, ast.parse(cell.source)


def calls(tree, name):
    """All calls of a function `name` or a method `.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if name == getattr(called, "attr", None) or name == getattr(called, "id", None):
                yield node


def prose(source):
    """Markdown without code, comments and the targets of links."""
    source = re.sub(r"^(```|~~~).*?^\1", "", source, flags=re.MULTILINE | re.DOTALL)
    source = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", source)


def headings(notebook):
    found = [
        re.findall(r"^(#{1,6}) +\S", prose(c.source), re.M) for c in of_type(notebook, "markdown")
    ]
    return [len(marks) for cell in found for marks in cell]


def word_counts(notebook):
    plain = [re.sub(r"<[^>]+>", " ", prose(cell.source)) for cell in of_type(notebook, "markdown")]
    return [len(re.findall(r"[^\W_][\w.'’-]*", text)) for text in plain]


@pytest.fixture(params=STUDENT + SOLUTIONS, ids=short)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


students_only = pytest.mark.parametrize("path", STUDENT, ids=short)


# --- the files ---


def test_each_lesson_has_its_two_notebooks():
    lessons = [path.stem for path in LESSONS]
    assert lessons, "instructor/lessons/ holds no lesson"
    assert [path.stem for path in STUDENT] == lessons
    assert [path.stem for path in SOLUTIONS] == lessons


@pytest.mark.parametrize("lesson", LESSONS, ids=short)
@pytest.mark.parametrize("version", ["student", "solution"])
def test_notebook_agrees_with_its_lesson(lesson, version):
    """Compare everything but the outputs: sources, order, tags and other metadata, ids."""
    folder = ROOT / "notebooks" / ("" if version == "student" else "solutions")
    make = builder.student_notebook if version == "student" else builder.solution_notebook

    def parts(notebook):
        return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]

    stored, made = read(folder / f"{lesson.stem}.ipynb"), make(lesson)
    cure = f"run `python course.py build {lesson.name[:2]}`"
    for old, new in zip(parts(stored), parts(made), strict=False):
        assert old == new, f"{lesson.name} has changed since the notebook was made: {cure}"
    assert len(stored.cells) == len(made.cells), cure
    assert stored.metadata == made.metadata, cure


def test_file_is_valid_and_small(path, notebook):
    nbformat.validate(notebook)
    assert path.stat().st_size < 1_000_000


# --- what nbval relies on ---


def test_every_code_cell_ran_in_order(notebook):
    counts = [cell.execution_count for cell in of_type(notebook, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert any(outputs(notebook)), "no output is stored, so nothing would be compared"


def test_no_error_is_stored(notebook):
    failed = [number for number, output in outputs(notebook) if output.output_type == "error"]
    assert not failed


def test_only_one_tag_exempts_and_rarely(notebook):
    shown = [cell for cell in of_type(notebook, "code") if cell.outputs]
    exempt = [cell for cell in shown if EXEMPT in tags(cell)]
    assert 5 * len(exempt) <= len(shown)
    for cell in notebook.cells:
        assert not set(tags(cell)) & (set(metadata_tags) - {EXEMPT}), cell.source
        assert not any(marker in cell.source for marker in comment_markers), cell.source


@pytest.mark.parametrize("path", SOLUTIONS, ids=short)
def test_an_exempt_result_is_asserted(notebook):
    """What is not compared is held in a range: by the cell itself, or by the next code cell.

    That is the solved notebook's; all code of the student's stands there, too.

    `expect` only prints whether the range is kept, so its own cell has to be compared. What
    `check_machine` says is a computer's own business; test_device.py holds it.
    """
    code = of_type(notebook, "code")
    for cell, following in zip(code, [*code[1:], None], strict=True):
        held = re.search(r"^\s*assert\b|\bcheck_machine\(\)", cell.source, re.M)
        if EXEMPT in tags(cell) and not held:
            assert following and EXEMPT not in tags(following), cell.source
            assert re.search(r"^\s*assert\b|\bexpect\(", following.source, re.M), cell.source


def test_code_is_plain_python(notebook):
    """A magic or shell line that fails lets a test pass; ast.parse lets none of them through."""
    for number, tree in trees(notebook):
        for name in ("input", "get_ipython", "clear_output"):
            assert not any(calls(tree, name)), f"cell {number} calls {name}()"
        for node in ast.walk(tree):
            is_sys_path = isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path"
            assert not is_sys_path, f"cell {number} uses sys.path"
            if isinstance(node, ast.keyword) and node.arg == "num_workers":
                assert ast.unparse(node.value) == "0", f"cell {number}: num_workers must be 0"


def test_no_semicolon_hides_a_result(notebook):
    for cell in of_type(notebook, "code"):
        assert not re.search(r";\s*(#.*)?$", cell.source, re.M), cell.source


def test_no_path_of_some_machine(notebook):
    for cell in notebook.cells:
        assert not FOREIGN_PATH.search(cell.source), cell.source
    for number, output in outputs(notebook):
        for kind, text in texts(output):
            assert not FOREIGN_PATH.search(text), f"cell {number}, {kind}: {text}"


def test_no_secret_is_stored(path):
    """In the whole file, so also in its metadata."""
    assert not SECRET.search(path.read_text("utf-8"))


def test_to_look_at_a_notebook_tells_nobody(notebook):
    """No output and no prose fetches anything: no counter, no script, no picture from elsewhere."""
    for number, output in outputs(notebook):
        for kind, text in texts(output):
            assert "javascript" not in kind, f"cell {number} stores {kind}"
            assert not FETCHED.search(text), f"cell {number}, {kind}"
    for cell in of_type(notebook, "markdown"):
        assert not FETCHED.search(cell.source), cell.source


@pytest.mark.parametrize(
    "text",
    [
        '<img src="https://example.org/1.gif">',
        "<img src=//example.org/1.gif>",
        "<script>",
        "<p style=\"background: url('https://example.org/1.gif')\">",
        "navigator.sendBeacon(",
    ],
)
def test_what_would_tell_somebody_is_seen(text):
    assert FETCHED.search(text)


@pytest.mark.parametrize("key", ["hf_" + "a" * 34, "ghp_" + "B" * 36, "AKIA" + "A1" * 8])
def test_a_key_is_seen(key):
    assert SECRET.search(f'login(token="{key}")')


def test_no_output_is_hidden(path, notebook):
    """Only the solutions fold something: a proof, which says in words whether it holds."""
    for cell in of_type(notebook, "code"):
        if cell.metadata.get("collapsed") or any(cell.metadata.get("jupyter", {}).values()):
            assert path in SOLUTIONS and "proof" in tags(cell), cell.source
            assert all(output.get("name") == "stdout" for output in cell.outputs), cell.source


# --- what a reader sees ---


def test_nothing_that_lives_only_in_a_kernel(notebook):
    """Without its kernel a widget reads "Error displaying widget", so none is stored."""
    assert "widgets" not in notebook.metadata
    for number, output in outputs(notebook):
        for kind, text in texts(output):
            assert "widget" not in kind, f"cell {number} stores a widget"
            assert "(children=(" not in text, f"cell {number} shows a widget's repr"
        assert output.get("name") != "stderr", f"cell {number} stores stderr"


def test_pictures_have_words(notebook):
    for number, output in outputs(notebook):
        page = output.get("data", {}).get("text/html", "")
        raw = [kind for kind, _ in texts(output) if kind.startswith("image/")]
        assert not raw, f"cell {number} shows a bare picture: return a course_utils.Figure"
        for tag in re.findall(r"<img\b[^>]*>", page):
            assert re.search(r'\balt="[^"]*\w', tag), f"cell {number}: a picture without alt text"
        for figure in re.findall(r"<figure\b.*?</figure>", page, re.DOTALL):
            assert re.search(r"<figcaption[^>]*>[^<]*\w", figure), f"cell {number}: no caption"
    for cell in of_type(notebook, "markdown"):
        assert "![](" not in cell.source
        assert all(
            re.search(r'\balt="[^"]*\w', x) for x in re.findall(r"<img\b[^>]*>", cell.source)
        )


def test_first_cell_says_what_comes(notebook):
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S", first.source), "it begins with the title"
    assert re.search(r"\b\d+ minutes\b", first.source), "it says how many minutes"
    assert len(re.findall(r"^[*-] \S", first.source, re.M)) >= 2, "it lists the objectives"


def test_headings_form_a_tree(notebook):
    levels = headings(notebook)
    assert levels[0] == 1
    assert levels.count(1) == 1
    for above, below in zip(levels, levels[1:], strict=False):
        assert below <= above + 1


def test_last_cells_say_what_was_won(notebook):
    end = " ".join(cell.source for cell in of_type(notebook, "markdown")[-3:])
    assert "what you can do now" in end.lower()


def test_rhythm_of_prose_and_code(notebook):
    code = [cell for cell in of_type(notebook, "code") if "proof" not in tags(cell)]
    assert len(of_type(notebook, "markdown")) >= len(code)
    for cell in code:
        assert 1 <= len(cell.source.splitlines()) <= 20, cell.source


@students_only
def test_prose_is_short(notebook):
    counts = word_counts(notebook)
    assert max(counts) <= 110
    assert 8 * sum(count > 65 for count in counts) <= len(counts)


def test_course_utils_comes_first(notebook):
    """It sets variables that torch and transformers read while they load."""
    modules = []
    for _, tree in trees(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules += [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules.append((node.module or "").partition(".")[0])
    assert "course_utils" in modules
    heavy = [modules.index(name) for name in ("torch", "transformers") if name in modules]
    assert modules.index("course_utils") < min(heavy, default=len(modules))


def test_links_lead_somewhere(path, notebook):
    for cell in of_type(notebook, "markdown"):
        targets = re.findall(r"\]\(\s*<?([^)>\s]+)", cell.source)
        targets += re.findall(r'\b(?:href|src)="([^"]+)"', cell.source)
        for target in targets:
            if re.match(r"https?://|mailto:|#", target):
                continue
            file = path.parent / unquote(target.partition("#")[0])
            assert file.exists(), f"{target} does not exist"
            assert file.resolve().is_relative_to(ROOT), f"{target} lies outside the course"


# --- exercises ---


def exercises(notebook):
    found = [call for _, tree in trees(notebook) for call in calls(tree, "check")]
    return [ast.literal_eval(call.args[0]) for call in found if call.args]


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "06", "07", "08", "09"])
@pytest.mark.parametrize("notebooks", [STUDENT, SOLUTIONS], ids=["student", "solution"])
def test_at_least_two_exercises(number, notebooks):
    path = next(path for path in notebooks if path.name.startswith(number))
    assert len(set(exercises(read(path)))) >= 2


@students_only
def test_solutions_solve_the_same_exercises(path, notebook):
    solution = read(path.parent / "solutions" / path.name)
    assert exercises(notebook) == exercises(solution)
    stubs = [cell for cell in notebook.cells if "student" in tags(cell)]
    assert len(stubs) == len([cell for cell in solution.cells if is_solution(cell)])
    for cell in stubs:
        assert re.search(r'\.\.\.|"\?"', cell.source), f"nothing to fill in: {cell.source}"


def test_unanswered_is_said_and_solved_is_praised(path, notebook):
    solved = path in SOLUTIONS
    for cell in of_type(notebook, "code"):
        if any(calls(ast.parse(cell.source), "check")):
            said = "".join(text for output in cell.outputs for _, text in texts(output))
            assert ("✔" in said) == solved, f"cell {cell.execution_count}: {said}"
            assert ("Not answered yet" in said) != solved, f"cell {cell.execution_count}: {said}"


# --- the sanitiser: words and integers stay compared ---


def sanitize(text):
    patterns = get_sanitize_patterns((ROOT / "tests" / "nbval_sanitize.cfg").read_text("utf-8"))
    for regex, replacement in patterns:
        text = re.sub(regex, replacement, text)
    return text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss 0.693 after 3 steps", "loss 0.7 after 3 steps"),
        ("gain  +9.8 points (95 %)", "gain -10.2 points (95 %)"),
        ("gain \u22129.8.", "gain 3.1e-05."),
        ("[0.25, 1.5]", "[0.3, 1.25]"),
        ("accuracy   9.5 |", "accuracy 100.0 |"),
        ("<td>0.25</td>", "<td>12.75</td>"),
        ("      acc  n\na  0.5  3  \n", "   acc n\na 0.25 3\n"),
        ('<img src="data:image/png;base64,iVBORw0K+/=" alt="A">', None),
        ("<object object at 0x7f3e4c5d6a10>", "<object object at 0x7ffe4c5d6a10>"),
    ],
)
def test_sanitiser_ignores_decimals_and_pictures(one, other):
    other = other or one.replace("iVBORw0K", "R0lGODlh")
    assert one != other
    assert sanitize(one) == sanitize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 of 30 words, 0.5", "13 of 30 words, 0.5"),
        ("positive 0.91", "negative 0.91"),
        ("torch 2.13.0", "torch 2.12.0"),
        ("tensor([101, 1.])", "tensor([102, 1.])"),
        ("lr 1e-05", "lr 1e-04"),
        ("nan 0.5", "0.5 0.5"),
        ("3 0.5", "0.5"),
        ("Hidden: 0x00", "Hidden: 0x01"),
        ("two words", "twowords"),
        ("one\ntwo", "one two"),
        ('<img src="data:image/png;base64,AAAA" alt="A dog">', None),
    ],
)
def test_sanitiser_keeps_words_and_integers(one, other):
    other = other or one.replace("dog", "cat")
    assert sanitize(one) != sanitize(other)


# --- the builder, with a lesson made for this test ---

LESSON = """\
# %% [markdown]
# # A lesson

# %% [markdown] slideshow={"slide_type": "notes"}
# Wait for the class here.

# %% tags=["student"]
answer = ...

# %% tags=["solution"]
answer = 42

# %%
print(answer)

# %% [markdown] tags=["solution"]
# **Answer.** It is 42.

# %% tags=["proof"]
assert answer

# %%
print(answer)
"""


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "99_lesson.py"
    path.write_text(LESSON, encoding="utf-8")
    return path


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_answers_and_proofs_are_in_the_solved_notebook_only(lesson):
    student = builder.student_notebook(lesson)
    solution = builder.solution_notebook(lesson)
    shown = "print(answer)"
    assert sources(student) == ["# A lesson", "answer = ...", shown, shown]
    answer = "**Answer.** It is 42."
    assert sources(solution) == ["# A lesson", "answer = 42", shown, answer, "assert answer", shown]
    collapsed = [cell.source for cell in solution.cells if "jupyter" in cell.metadata]
    assert collapsed == ["assert answer"]
    proof = next(cell for cell in solution.cells if cell.source in collapsed)
    assert proof.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}


def test_ids_belong_to_the_text(lesson):
    ids = [cell.id for cell in builder.student_notebook(lesson).cells]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in builder.student_notebook(lesson).cells]
    lesson.write_text(LESSON.replace("# # A lesson", "# # Another lesson"), encoding="utf-8")
    changed = [cell.id for cell in builder.student_notebook(lesson).cells]
    assert changed[0] != ids[0]
    assert changed[1:] == ids[1:]


def test_build_writes_executed_notebooks(lesson, tmp_path):
    files = [tmp_path / "99_lesson.ipynb", tmp_path / "solutions" / "99_lesson.ipynb"]
    builder.build(lesson, tmp_path)
    first = [file.read_text(encoding="utf-8") for file in files]
    assert ["Ellipsis" in text for text in first] == [True, False]
    assert all(text.endswith("}\n") for text in first)
    builder.build(lesson, tmp_path)
    assert [file.read_text(encoding="utf-8") for file in files] == first


def test_prose_alone_is_rewritten_without_a_run(lesson, tmp_path, monkeypatch):
    files = [tmp_path / "99_lesson.ipynb", tmp_path / "solutions" / "99_lesson.ipynb"]
    with pytest.raises(builder.BuildError, match="99_lesson.ipynb is not there yet"):
        builder.rewrite_text(lesson, tmp_path)
    builder.build(lesson, tmp_path)
    before = [nbformat.read(file, as_version=4) for file in files]
    monkeypatch.setattr(builder, "execute", None)  # nothing may run
    lesson.write_text(LESSON.replace("# # A lesson", "# # Better words"), encoding="utf-8")
    builder.rewrite_text(lesson, tmp_path)
    for file, old in zip(files, before, strict=True):
        new = nbformat.read(file, as_version=4)
        assert new.cells[0].source == "# Better words"
        assert new.cells[1:] == old.cells[1:]
        assert new.cells[-1].outputs and new.metadata == old.metadata
    lesson.write_text(LESSON.replace("answer = 42", "answer = 43"), encoding="utf-8")
    stored = [file.read_bytes() for file in files]
    with pytest.raises(builder.BuildError, match="code of lesson 99_lesson.py has changed"):
        builder.rewrite_text(lesson, tmp_path)
    assert [file.read_bytes() for file in files] == stored


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("1 / 0", "code cell 5 of 5, raised ZeroDivisionError: division by zero"),
        ("import os; os._exit(1)", "killed its kernel"),
        ("import os; print(os.getcwd())", "a path of this machine"),
    ],
)
def test_a_failing_cell_leaves_the_old_notebooks(lesson, tmp_path, code, complaint):
    files = [tmp_path / "99_lesson.ipynb", tmp_path / "solutions" / "99_lesson.ipynb"]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text("old")
    lesson.write_text(f'{LESSON}\n# %% tags=["solution"]\n{code}\n', encoding="utf-8")
    with pytest.raises(builder.BuildError) as caught:
        builder.build(lesson, tmp_path)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("99_lesson (solution), code cell 5")
    assert [file.read_text() for file in files] == ["old", "old"]
    assert sorted(p.name for p in tmp_path.rglob("*.*")) == sorted(
        ["99_lesson.py", *(file.name for file in files)]
    )


def test_only_the_useful_part_of_an_output_is_kept(lesson, tmp_path):
    lesson.write_text(
        "# %%\n"
        "import sys\n"
        "import ipywidgets\n"
        "print('one')\n"
        "print('a warning', file=sys.stderr, flush=True)\n"
        "print('two')\n"
        "ipywidgets.IntSlider(value=3)\n",
        encoding="utf-8",
    )
    builder.build(lesson, tmp_path)
    stored = nbformat.read(tmp_path / "99_lesson.ipynb", as_version=4)
    stream, result = stored.cells[0].outputs
    assert stream.text == "one\ntwo\n"
    assert set(result.data) == {"text/plain"}
    assert "widgets" not in stored.metadata


def test_unknown_lesson_is_one_sentence(capsys):
    assert builder.main(["42"]) == 1
    assert "There is no lesson 42: choose from" in capsys.readouterr().err


# --- what nbval does with the rest of the project's settings ---


def test_requests_to_the_outside_fail_at_once():
    from urllib.error import URLError
    from urllib.request import urlopen

    with pytest.raises(URLError):
        urlopen("https://example.org", timeout=5)
