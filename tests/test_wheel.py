"""The course as a wheel: what is in it, and that it runs without the checkout, even read-only."""

import os
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("course_utils", "data", "pyproject.toml", "setup.py", "MANIFEST.in", "LICENSE")
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy of the checkout in which an earlier version was built before."""
    pytest.importorskip("setuptools", minversion="77")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    (source / "data" / ".DS_Store").write_text("of the system")
    old = source / "build" / "lib" / "course_utils" / "old_room.py"
    old.parent.mkdir(parents=True)
    old.write_text("of an earlier version")
    subprocess.run(
        [sys.executable, "-c", BUILD, str(out)], cwd=source, check=True, capture_output=True
    )
    (built,) = out.glob("*.whl")
    return built


def files_of(folder):
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    paths = (path.relative_to(ROOT / folder) for path in files)
    return {
        path.as_posix()
        for path in paths
        if not any(part.startswith((".", "__pycache__")) for part in path.parts)
    }


def test_wheel_holds_the_package_and_the_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        for name in (
            "recorded/fine_tuning.csv",
            "masked_lm/model.safetensors",
            "sentiment_adapter.safetensors",
        ):
            assert (
                archive.read(f"course_utils/shipped/{name}") == (ROOT / "data" / name).read_bytes()
            )
    wanted = {f"course_utils/{name}" for name in files_of("course_utils")}
    wanted |= {f"course_utils/shipped/{name}" for name in files_of("data")}
    assert names == wanted
    assert "course_utils/lessons/lesson_05/quiz.toml" in names


PROGRAM = """
import os, sys
import course_utils
from course_utils import settings
from course_utils.lessons.ranges import known_ranges

assert course_utils.__file__.startswith(sys.prefix), course_utils.__file__
assert not any(os.path.exists(os.path.join(path, "course.py")) for path in sys.path)
print("models:", settings.models_folder())
print("rows:", len(course_utils.load_record("fine_tuning")))
print("messages:", len(course_utils.from_csv(course_utils.example_csv())))
print("ranges:", "accuracy" in known_ranges("minilm"), len(course_utils.SENSES) > 0)
course_utils.grade_quiz("05", "???")
tokenizer, model = course_utils.load_masked_lm()
print(course_utils.fill_blank(model, tokenizer, "A [MASK] film.", top=1).shape)
course_utils.describe_sentiment_model()
print("sentiment:", course_utils.load_sentiment_model()[0].config.id2label[1])
model, tokenizer = course_utils.load_classifier(quiet=True), course_utils.load_tokenizer()
course_utils.save("mine", model, tokenizer)
print("labels:", course_utils.load("mine")[0].num_labels)
course_utils.record_answers("eight questions", {1: "a"})
course_utils.compare_answers("eight questions", {1: "b"})
"""


@pytest.fixture
def installed(wheel, tmp_path):
    """The Python of another environment, in which the wheel is installed.

    It borrows the libraries of ours, so that torch need not be fetched again; a .pth file adds a
    folder without what is editable in it.
    """
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    target = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True)
    target = Path(target.stdout.strip())
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps",
         "--no-index", "--no-compile", "--target", target, wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    (target / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    yield python
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)  # so that it can be removed


def run(python, home, *before, **variables):
    """What the program says; it runs outside the checkout, with a home of its own."""
    home.mkdir()
    strange = ("COURSE_", "PYTHON", "XDG_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    env |= {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home), **variables}
    result = subprocess.run(
        [*before, python, "-c", PROGRAM], cwd=home, env=env, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for said in (
        "rows: ", "messages: 120", "ranges: True True", "(1, 2)", "sentiment: positive",
        "Saved 'mine' (92 MB)", "labels: 2", "Kept: 1 of 1 questions answered",
        "Right now: 1 of 8; at first: 0.",
    ):  # fmt: skip
        assert said in result.stdout, result.stdout
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("models: "))
    models = Path(line.removeprefix("models: "))
    assert {path.name for path in models.iterdir()} >= {
        "mine-minilm-default", "eight_questions.json",
    }  # fmt: skip
    return models


@pytest.mark.slow
def test_wheel_runs_in_another_environment(installed, tmp_path):
    models = run(installed, tmp_path / "home")
    assert models.name == "bert-transfer-course" and tmp_path / "home" in models.parents
    assert run(installed, tmp_path / "other", COURSE_MODELS="~/m") == tmp_path / "other" / "m"


def without_rights(folder):
    """Take the right to write away; root has to give up the power to write all the same."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv")
    less = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={less}", f"--inh-caps={less}"]


def assert_nobody_writes(folder, before):
    command = [*before, sys.executable, "-c", f"open({str(folder / 'x')!r}, 'w')"]
    assert "PermissionError" in subprocess.run(command, capture_output=True, text=True).stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_wheel_in_a_read_only_installation(installed, tmp_path):
    before = without_rights(installed.parents[1])
    assert_nobody_writes(installed.parents[1], before)
    models = run(installed, tmp_path / "home", *before)
    assert models == tmp_path / "home" / ".local" / "share" / "bert-transfer-course" or (
        sys.platform == "darwin"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_checkout_that_is_read_only(tmp_path):
    """Notebooks lie beside the package, but nobody may write there: as on a hub's shared disk."""
    course, home = tmp_path / "course", tmp_path / "home"
    shutil.copytree(ROOT / "course_utils", course / "course_utils")
    (course / "notebooks").mkdir()
    (course / "course.py").touch()
    env = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    env |= {"HOME": str(home), "PYTHONPATH": str(course), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("XDG_DATA_HOME", None)
    ask = "from course_utils import settings; print(settings.models_folder())"

    def models(*before):
        command = [*before, sys.executable, "-c", ask]
        answer = subprocess.run(
            command, env=env, cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return Path(answer.stdout.strip())

    assert models() == course / "models"
    before = without_rights(course)
    try:
        assert_nobody_writes(course, before)
        assert home in models(*before).parents
    finally:
        for path in [course, *course.rglob("*")]:
            path.chmod(0o755)
