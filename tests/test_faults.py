"""Do the checks bite? Each fault here is put into a copy of the project, and something turns red.

That takes minutes: `python course.py test --all` does it. The normal run only looks whether each
fault still has its place.
"""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbFile

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
TOKEN = re.compile(r"\d+|[^\W\d_]+")
IMAGE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\n]+")

slow = pytest.mark.slow


def short(path):
    return path.relative_to(ROOT).as_posix()


# --- every stored word and integer: nbval compares it (no kernel is needed to see that) ---


@slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=short)
def test_every_stored_word_and_integer_is_compared(path, request):
    file = IPyNbFile.from_parent(request.session, path=path)
    cells = list(file.collect())
    file.setup_sanitize_files()
    compared = 0
    for cell in cells:
        if not cell.options["check"]:
            continue
        cell.format_output_compare = lambda *_: None  # no need to print thousands of differences
        stored = [without_pictures(output) for output in cell.cell.outputs]
        assert cell.compare_outputs(copy.deepcopy(stored), stored)
        for what, altered in alterations(stored, list(file.sanitize_patterns)):
            assert not cell.compare_outputs(altered, stored), f"{cell.name}: {what} goes unnoticed"
            compared += 1
    assert compared > 100


def without_pictures(output):
    output = copy.deepcopy(output)
    if "text/html" in output.get("data", {}):
        output.data["text/html"] = IMAGE.sub("data:image/png;base64,AAAA", output.data["text/html"])
    return output


def alterations(outputs, patterns):
    """Each way to leave one output out, or to change one word or integer in it."""
    for index, output in enumerate(outputs):
        yield f"the loss of output {index}", outputs[:index] + outputs[index + 1 :]
        fields = output if output.output_type == "stream" else output.data
        for kind in {"text"} & set(fields) or set(fields):
            text = fields[kind]
            free = [m.span() for pattern in patterns for m in re.finditer(pattern, text)]
            for token in TOKEN.finditer(text):
                if not any(a <= token.start() and token.end() <= b for a, b in free):
                    altered = copy.deepcopy(outputs)
                    target = altered[index]
                    target = target if output.output_type == "stream" else target.data
                    target[kind] = changed(text, token)
                    yield f"{token.group()!r} changed in {kind} of output {index}", altered


def changed(text, token):
    word = token.group()
    other = str(int(word) + 1) if word.isdecimal() else "zebra"
    return text[: token.start()] + other + text[token.end() :]


# --- a copy of the project, and its own tests on it ---


@pytest.fixture
def project(tmp_path):
    skip = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "build", "models", "my_notebooks"
    )
    return shutil.copytree(ROOT, tmp_path / "course", ignore=skip)


def run_tests(project, *arguments):
    """Run pytest with the settings of the project; its exit status is 0, or 1 if a test failed."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert run.returncode in (0, 1), run.stdout[-3000:] + run.stderr[-3000:]
    return run


# --- a stored output that is not what the code answers ---


def first_output(kind):
    """The first notebook with a compared output of this kind that holds a word and an integer."""
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        for place, cell in enumerate(notebook.cells):
            for output in cell.get("outputs", []):
                text = stored_text(output, kind)
                if "tags" not in cell.metadata and re.search(r"\b\d+ [a-z]{4,}\b", text):
                    notebook.cells = notebook.cells[: place + 1]  # the rest need not run
                    return path, notebook, output
    raise LookupError(f"no notebook stores {kind}")


def stored_text(output, kind):
    return output.get("text", "") if kind == "text" else output.get("data", {}).get(kind, "")


@slow
@pytest.mark.parametrize("kind", ["text", "text/html"])
@pytest.mark.parametrize("fault", ["none", "word", "integer"])
def test_changed_output_turns_red(project, kind, fault):
    path, notebook, output = first_output(kind)
    target = re.search(r"\b(?P<integer>\d+) (?P<word>[a-z]{4,})\b", stored_text(output, kind))
    if fault != "none":
        other = "zebra" if fault == "word" else str(int(target["integer"]) + 1)
        start, end = target.span(fault)
        fields = output if kind == "text" else output.data
        fields[kind] = fields[kind][:start] + other + fields[kind][end:]
    copied = project / path.relative_to(ROOT)
    nbformat.write(notebook, copied)
    run = run_tests(project, copied)
    assert run.returncode == (fault != "none"), run.stdout[-3000:]
    assert ("Cell outputs differ" in run.stdout) == (fault != "none")


# --- a notebook that breaks the rules, or that is no longer what its lesson says ---


def edit_source(notebook):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.source += "\n# a comment that the lesson does not have"


def add_tag(tag):
    def edit(notebook):
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        cell.metadata["tags"] = [tag]

    return edit


def exempt_everything(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["tags"] = ["nbval-ignore-output"]


def strip_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def add_marker(notebook):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.source = "# NBVAL_SKIP\n" + cell.source


def add_magic(notebook):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.source = "%no_such_magic\n" + cell.source


def swap_cells(notebook):
    notebook.cells[1], notebook.cells[2] = notebook.cells[2], notebook.cells[1]


@slow
@pytest.mark.parametrize(
    ("edit", "red"),
    [
        (None, None),
        (edit_source, "test_notebook_agrees_with_its_lesson"),
        (swap_cells, "test_notebook_agrees_with_its_lesson"),
        (add_tag("nbval-skip"), "test_only_one_tag_exempts"),
        (add_tag("raises-exception"), "test_only_one_tag_exempts"),
        (exempt_everything, "test_only_one_tag_exempts"),
        (add_marker, "test_only_one_tag_exempts"),
        (strip_outputs, "test_every_code_cell_ran_in_order"),
        (add_magic, "test_code_is_plain_python"),
    ],
)
def test_altered_notebook_turns_red(project, edit, red):
    path = project / NOTEBOOKS[0].relative_to(ROOT)
    if edit:
        notebook = nbformat.read(path, as_version=4)
        edit(notebook)
        nbformat.write(notebook, path)
    run = run_tests(project, "tests/test_notebooks.py", "-k", path.stem)
    assert run.returncode == bool(edit), run.stdout[-3000:]
    assert red is None or f"FAILED tests/test_notebooks.py::{red}" in run.stdout


# --- helpers that do something else than they say: the unit tests notice ---

FAULTS = {
    # fault: (module, what stands there, what shall stand there, the test that notices)
    "prediction without attention mask": (
        "model/prediction.py",
        "model(**batches.batch(rows).to(model.device))",
        'model(batches.batch(rows).to(model.device)["input_ids"])',
        "test_evaluation.py::test_padding_is_invisible",
    ),
    "prediction with dropout": (
        "model/mirror.py",
        "yield mirror(model).eval()",
        "yield mirror(model).train()",
        "test_evaluation.py::test_dropout_is_off_and_the_mode_comes_back",
    ),
    "training without attention mask": (
        "model/batches.py",
        "        return batch\n",
        '        batch["attention_mask"][:] = 1\n        return batch\n',
        "test_batches.py::test_padding_is_always_masked_and_only_padding",
    ),
    "frozen head": (
        "model/training.py",
        "    run.classes = model.config.num_labels\n",
        "    run.classes = model.config.num_labels\n    model.classifier.requires_grad_(False)\n",
        "test_training.py::test_head_and_encoder_change_and_the_model_is_ready_to_predict",
    ),
    "shuffled labels": (
        "model/training.py",
        "train, train.labels,",
        "train, train.labels[::-1],",
        "test_training.py::test_loss_falls_and_the_history_tells_it",
    ),
    "test rows in training": (
        "data/splits.py",
        "if parts[x] == part] for part in range(3)]",
        "if parts[x] == part or (part, parts[x]) == (0, 2)] for part in range(3)]",
        "test_data.py::test_parts_do_not_overlap",
    ),
    "copies of a text in train and test": (
        "data/copies.py",
        "first.setdefault(plain(text), row)",
        "first.setdefault(row, row)",
        "test_splits.py::test_the_first_of_several_copies_is_kept",
    ),
    "a last layer that attends to padding": (
        "model/speed.py",
        "mask = None if attention_mask is None else attention_mask[:, :, :1]",
        "mask = None",
        "test_layers.py::test_first_position_only_changes_no_logit_and_no_gradient",
    ),
    "a last layer that reads the second word": (
        "model/speed.py",
        "first = hidden[:, :1]",
        "first = hidden[:, 1:2]",
        "test_layers.py::test_first_position_only_changes_no_logit_and_no_gradient",
    ),
    "sentence vectors that count padding": (
        "model/vectors.py",
        "    mask = mask.unsqueeze(-1)",
        "    mask = mask.new_ones(mask.shape).unsqueeze(-1)",
        "test_vectors.py::test_the_mean_of_the_last_layer_by_hand",
    ),
    "a freeze that freezes nothing": (
        "model/layers.py",
        "weight.requires_grad = name in trained",
        "weight.requires_grad = True",
        "test_layers.py::test_freeze_leaves_what_was_asked_for",
    ),
    "a scratch twin that was pre-trained": (
        "model/checkpoints.py",
        "BertForSequenceClassification(config)",
        "BertForSequenceClassification.from_pretrained(folder, config=config)",
        "test_checkpoints.py::test_scratch_twin_is_the_same_network_with_other_weights",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_place(fault):
    """Else a helper has changed, and the slow test below no longer puts this fault into it."""
    module, right, _, red = FAULTS[fault]
    source = (ROOT / "course_utils" / module).read_text(encoding="utf-8")
    assert source.count(right) == 1, f"{module} has changed: mend {fault!r} in FAULTS"
    file, _, name = red.partition("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


@slow
def test_helpers_without_a_fault_stay_green(project):
    run = run_tests(project, *sorted({f"tests/{red}" for *_, red in FAULTS.values()}))
    assert run.returncode == 0, run.stdout[-3000:]


@slow
@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_helper_turns_red(project, fault):
    module, right, wrong, red = FAULTS[fault]
    path = project / "course_utils" / module
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(right, wrong), encoding="utf-8")
    run = run_tests(project, f"tests/{red}")
    assert f"FAILED tests/{red}" in run.stdout, run.stdout[-3000:]
