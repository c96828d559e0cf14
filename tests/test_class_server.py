"""The class server: its settings, the notebooks it hands out, and a hub that runs with them.

Those that start a hub are slow, and need what instructor/class_server/requirements.txt names. As
root they make accounts, and CLASS_PYTHON is a Python with the course that these may run.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from jupyter_client.manager import start_new_kernel
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tools import release as build_release
from tools.lessons import BuildError

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "instructor" / "class_server"
FOR_STUDENTS = SERVER / "for_students"
sys.path.insert(0, str(SERVER))

import load_test  # noqa: E402
from student import Student  # noqa: E402
from trial_hub import TrialHub, missing  # noqa: E402

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a class server is Linux")
in_a_clone = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a release needs a clone")


# --- the notebooks ---


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folder of a class server, made twice."""
    out = tmp_path_factory.mktemp("server") / "course"
    build_release.release(out, stripped=True)
    return build_release.release(out, stripped=True)[0]


def outputs(notebook) -> list:
    cells = json.loads(notebook)["cells"]
    return [out for cell in cells for out in cell.get("outputs", [])]


def git(folder, *arguments) -> bytes:
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True).stdout


@in_a_clone
def test_nobody_sees_an_answer_before_the_vote(released):
    repository = released / build_release.REPOSITORY
    names = git(repository, "ls-tree", "-r", "--name-only", "main").decode().split()
    there = sorted(path.name for path in (released / "notebooks").iterdir())
    assert names == there and "05_fine_tuning.ipynb" in names and "glossary.md" in names
    for name in names:
        content = git(repository, "show", f"main:{name}")
        assert content == (released / "notebooks" / name).read_bytes()
        if name.endswith(".ipynb"):
            assert not outputs(content), name
    assert outputs((ROOT / "notebooks" / "05_fine_tuning.ipynb").read_bytes())


@in_a_clone
def test_a_second_release_goes_on_where_the_first_was(released, tmp_path):
    repository = released / build_release.REPOSITORY
    assert git(repository, "log", "--oneline", "main").count(b"\n") == 2
    assert (
        not list(released.parent.glob(".release-*")) and len(list(released.parent.iterdir())) == 1
    )
    with pytest.raises(BuildError, match="is not an empty folder"):
        build_release.release(released)  # a folder of another kind does not take its place
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BuildError, match="is not an empty folder"):
        build_release.release(tmp_path, stripped=True)


@in_a_clone
def test_the_hub_finds_its_settings_in_it(released):
    settings = {p.relative_to(SERVER) for p in FOR_STUDENTS.rglob("*") if p.is_file()}
    settings = {path for path in settings if "__pycache__" not in path.parts}
    assert len(settings) >= 6
    for path in {Path("course_hub.py"), *settings}:
        assert (released / "class_server" / path).read_bytes() == (SERVER / path).read_bytes()
    defaults = "class_server/for_students/everybody/labconfig/default_setting_overrides.json"
    assert json.loads((released / defaults).read_text("utf-8"))  # no question about news


# --- the settings ---


def read_hub(text=None):
    """What course_hub.py sets, and its names."""
    config = Config()
    names = {"get_config": lambda: config}
    text = text or (SERVER / "course_hub.py").read_text("utf-8")
    exec(compile(text, "course_hub.py", "exec"), names)
    return config, names


def test_every_path_of_the_settings_is_there():
    config, names = read_hub()
    assert config.Spawner.disable_user_config is True
    for folder in names["FOLDERS"]:
        assert (SERVER / Path(folder).relative_to("/opt/course/class_server")).is_dir()
    for variable in ("PYTHONSTARTUP", "GIT_CONFIG_SYSTEM"):
        file = Path(names["ENVIRONMENT"][variable])
        assert (SERVER / file.relative_to("/opt/course/class_server")).is_file()
    assert str(build_release.REPOSITORY) in (FOR_STUDENTS / "gitconfig").read_text("utf-8")


@pytest.mark.parametrize("switch", ["TERMINALS", "DOWNLOADS"])
def test_a_switch_takes_one_folder_away(switch):
    _, closed = read_hub()
    text = (SERVER / "course_hub.py").read_text("utf-8")
    _, opened = read_hub(text.replace(f"{switch} = False", f"{switch} = True"))
    gone = set(closed["FOLDERS"]) - set(opened["FOLDERS"])
    assert [Path(folder).name for folder in gone] == [f"no_{switch.lower()}"]


def test_kubernetes_gets_the_same():
    values = yaml.safe_load((SERVER / "zero_to_jupyterhub.yaml").read_text("utf-8"))
    config, names = read_hub()
    wanted = {k: v for k, v in names["ENVIRONMENT"].items() if k != "COURSE_CLASS_FOLDER"}
    assert values["singleuser"]["extraEnv"] == wanted
    assert values["singleuser"]["defaultUrl"] == config.Spawner.default_url
    assert values["hub"]["config"]["Spawner"]["disable_user_config"] is True


def server_settings(name) -> Config:
    folder = FOR_STUDENTS / name
    python = folder / "jupyter_server_config.py"
    if python.exists():
        return PyFileConfigLoader(python.name, path=str(folder)).load_config()
    return Config(json.loads(python.with_suffix(".json").read_text("utf-8")))


def test_only_pictures_leave_as_files():
    from jupyter_server.base.handlers import AuthenticatedFileHandler

    authorizer = server_settings("no_downloads").ServerApp.authorizer_class

    def may(path, resource, kind=AuthenticatedFileHandler):
        handler = kind.__new__(kind)
        handler.request = SimpleNamespace(path=path)
        return authorizer.is_authorized(None, handler, None, "read", resource)

    assert may("/files/picture.png", "contents")
    assert not may("/files/00_start_here.ipynb", "contents") and not may("/files/a", "contents")
    assert may("/api/contents/a.ipynb", "contents", SimpleNamespace)
    assert not may("/nbconvert/html/a.ipynb", "nbconvert", SimpleNamespace)
    assert server_settings("no_terminals").ServerApp.terminals_enabled is False


@linux
def test_too_much_memory_is_one_sentence(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", str(FOR_STUDENTS / "kernel_start.py"))
    monkeypatch.setenv("MEM_LIMIT", str(2 << 30))
    manager, client = start_new_kernel(kernel_name="python3")
    errors = []

    def run(code):
        def note(message):
            if message["msg_type"] == "error":
                errors.append(message["content"]["traceback"])

        return client.execute_interactive(code, output_hook=note)["content"]["status"]

    try:
        assert run("before = 1") == "ok"
        assert run("large = [bytearray(1 << 30) for _ in range(4)]") == "error"
        [[sentence]] = errors
        assert "more memory than a person has on this class server (2.0 GB)" in sentence
        assert "Restart Kernel" in sentence and "Traceback" not in sentence
        assert run("assert before == 1 and 'limit_memory' not in dir()") == "ok"
        assert run("raise RuntimeError('something else')") == "error"
        assert "something else" in errors[1][-1] and len(errors[1]) > 1
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# --- the page ---

PAGE = (SERVER / "README.md").read_text("utf-8")


def test_the_page_names_what_there_is():
    for target in re.findall(r"\]\(([^)#:]+)[)#]", PAGE):
        assert (SERVER / target).exists(), target
    keys = set(re.findall(r"tljh-config (?:set|add-item) (\S+)", PAGE))
    assert keys >= {"limits.memory", "limits.cpu", "services.cull.timeout", "users.allowed"}
    known = {"limits", "services", "users", "https", "auth", "user_environment"}
    assert {key.partition(".")[0] for key in keys} <= known
    options = set(re.findall(r"load_test\.py((?: --\w+ \S+)+)", PAGE))
    for line in options:
        load_test.read_options(line.split())
    assert options


def test_the_link_of_the_page_opens_the_first_notebook():
    from urllib.parse import parse_qs, urlparse

    (link,) = re.findall(r"https://\S+git-pull\?\S+", PAGE)
    asked = {name: value for name, (value,) in parse_qs(urlparse(link).query).items()}
    assert asked == {
        "repo": f"/opt/course/{build_release.REPOSITORY}",
        "branch": "main",
        "targetPath": "notebooks",
        "urlpath": "lab/tree/notebooks/00_start_here.ipynb?autodecode",
    }


# --- the load test ---


def test_the_model_counts_what_is_shared_once():
    own = {
        "server": {"median": 100, "most": 120},
        "kernel after 00": {"median": 400, "most": 410},
        "kernel after 04": {"median": 380, "most": 390},
        "kernel after 05": {"median": 520, "most": 530},
    }
    samples = [{"megabytes": 9_999, "written": 1}, {"megabytes": 1_840, "written": 1_440}]
    found = load_test.model_of(samples, own, {"kernel": {"written": 800}})
    assert found["a"] == 400 and found["b"] == {"at rest": 520, "at worst": 920}
    assert found["GB for 30"]["at rest"] == pytest.approx((400 + 30 * 520) / 1024)


@linux
def test_memory_is_split_into_own_and_shared():
    found = load_test.memory_of(os.getpid())
    assert 10 < found["written"] <= found["alone"] <= found["in parts"] + 1
    assert load_test.memory_of(2**22 + 1) is None


# --- a hub that runs ---


@pytest.fixture(scope="module")
def hub():
    python = os.environ.get("CLASS_PYTHON", sys.executable)
    try:
        with TrialHub(["tester-10", "tester-11", "tester-12"], python) as running:
            yield running
    except RuntimeError as problem:
        if "Other accounts may not run" not in str(problem):
            raise
        pytest.skip(f"{problem} CLASS_PYTHON names it.")


@pytest.fixture(scope="module")
def two(hub):
    """Two students with their servers and notebooks, each with a kernel."""
    students = [Student(hub.address, name, hub.password) for name in hub.names[:2]]
    for student in students:
        student.log_in()
        student.start_server()
        student.get_notebooks(hub.repository)
        student.kernel = student.start_kernel()
    return students


needs_hub = [pytest.mark.slow, in_a_clone, pytest.mark.skipif(bool(missing()), reason=missing())]
needs_accounts = [
    *needs_hub,
    pytest.mark.skipif(
        getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives each student an account"
    ),
]


def marked(marks):
    def decorate(test):
        for mark in marks:
            test = mark(test)
        return test

    return decorate


def said(student, code) -> str:
    ran = student.kernel.run(code)
    return ran["text"].strip() or "".join(ran["errors"])


@marked(needs_hub)
def test_a_wrong_password_lets_nobody_in(hub):
    with pytest.raises(RuntimeError, match="tester-12 was not let in"):
        Student(hub.address, "tester-12", "guessed").log_in()


@marked(needs_hub)
def test_nobody_opens_another_server(two):
    one, other = two
    assert one.ask("GET", "api/contents/notebooks").status_code == 200
    for path in (
        "api/contents/notebooks",
        "api/kernels",
        "lab",
        f"api/kernels/{other.kernel.name}",
    ):
        answer = one.ask_of(other.name, "GET", path)
        assert answer.status_code in (403, 404) and other.kernel.name not in answer.text, path


@marked(needs_accounts)
def test_nobody_reads_anothers_files_or_token(hub, two):
    one, other = two
    numbers = [n for n, (owner, _) in hub.of_students().items() if owner == other.name]
    assert len(numbers) == 2
    home = hub.homes() / other.name
    for path in [home, *(f"/proc/{number}/environ" for number in numbers)]:
        look = f"import os; print(os.listdir({str(path)!r}) if os.path.isdir({str(path)!r}) else "
        assert "PermissionError" in said(one, f"{look}open({str(path)!r}).read())"), path
    mine = "open('/proc/self/environ').read().count('JUPYTERHUB_API_TOKEN')"
    assert said(one, f"print({mine})") == "1"  # where a token would be found
    for file in ("hub.sqlite", "cookie_secret", "hub.log"):
        assert (hub.folder / "hub" / file).exists()
        assert "PermissionError" in said(
            one, f"open({str(hub.folder / 'hub' / file)!r}, 'rb').read(9)"
        )


@marked(needs_accounts)
def test_the_shared_copy_is_read_only(hub, two):
    one, _ = two
    home = "import course_utils, pathlib; home = pathlib.Path(course_utils.__file__).parent.parent"
    assert said(one, f"{home}; print(home)") == str(hub.course)
    for act in ("(home / 'course.py').write_text('')", "(home / 'new').touch()"):
        assert "PermissionError" in said(one, act)
    packages = "import torch; (pathlib.Path(torch.__file__).parent / 'new').touch()"
    assert "PermissionError" in said(one, packages)
    assert said(one, "import os; print(os.environ['HF_HUB_OFFLINE'])") == "1"


@marked(needs_hub)
def test_terminals_and_downloads_are_off(two):
    one, _ = two
    [page] = re.findall(
        r'id="jupyter-config-data"[^>]*>(.*?)</script>', one.ask("GET", "lab").text, re.S
    )
    off = json.loads(page)["disabledExtensions"]
    assert "@jupyterlab/terminal-extension" in off
    assert "@jupyterlab/docmanager-extension:download" in off
    assert one.ask("POST", "api/terminals").status_code == 404
    for path in ("files/notebooks/glossary.md", "nbconvert/html/notebooks/00_start_here.ipynb"):
        assert one.ask("GET", path).status_code == 403
    assert one.ask("GET", "api/contents/notebooks/glossary.md").status_code == 200
    settings = one.ask("GET", "lab/api/settings/@jupyterlab/apputils-extension:notification").json()
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"


@marked(needs_hub)
def test_settings_in_a_home_do_not_count(hub, two):
    one, _ = two
    # Python in such a file could undo whatever another file says.
    write = (
        "import pathlib; folder = pathlib.Path.home() / '.jupyter'; folder.mkdir(exist_ok=True); "
        "(folder / 'jupyter_server_config.py').write_text("
        "'import pathlib; (pathlib.Path.home() / \"read\").touch()')"
    )
    assert not said(one, f"{write};")
    headers = {"X-XSRFToken": one.token("/hub/")}
    stopped = one.web.delete(f"{one.hub}/hub/api/users/{one.name}/server", headers=headers)
    assert stopped.status_code in (202, 204)
    one.start_server()
    one.kernel = one.start_kernel()
    found = "import pathlib; print([path.name for path in pathlib.Path.home().iterdir()])"
    assert "'.jupyter'" in said(one, found) and "'read'" not in said(one, found)


@marked(needs_hub)
def test_a_fresh_copy_leaves_the_old_one(hub, two):
    one, _ = two
    first, kept = "api/contents/notebooks/00_start_here.ipynb", "notebooks/mine.ipynb"
    assert not outputs(json.dumps(one.ask("GET", first).json()["content"]))
    assert said(one, "open('00_start_here.ipynb', 'a').write(' ' * 3)") == ""
    assert one.ask("PATCH", first, json={"path": kept}).status_code == 200
    one.get_notebooks(hub.repository)
    lengths = (
        "import os; print(os.path.getsize('mine.ipynb') - os.path.getsize('00_start_here.ipynb'))"
    )
    assert said(one, lengths) == "3"


@marked(needs_accounts)
def test_a_seat_reaches_the_instructor_and_nobody_else(hub, two):
    from course_utils.judge.class_folder import handed_in

    one, other = two
    cell = (
        "import course_utils; runs = course_utils.load_record('fine_tuning')\n"
        "print(course_utils.class_results(runs, live={%d: %s}).children[1].value[-150:])"
    )
    assert "Handed in to the class" in said(one, cell % (11, 0.779))
    assert "Handed in to the class" in said(other, cell % (12, 0.764))
    assert "somebody else has handed it in" in said(other, cell % (11, 0.9))
    assert handed_in(hub.drop) == ({11: 0.779, 12: 0.764}, 0)
    assert "PermissionError" in said(one, f"import os; os.listdir({str(hub.drop)!r})")
    assert "PermissionError" in said(one, f"open('{hub.drop}/seat-12.json').read()")


@marked(needs_hub)
def test_trouble_of_one_is_not_the_others(hub, two):
    first, other = (SimpleNamespace(student=each, kernel=each.kernel) for each in two)
    found = load_test.troubles(hub, first, other, Student(hub.address, "tester-12", hub.password))
    memory, killed, hub_gone = found.values()
    [sentence] = memory["sentences"]
    assert "more memory than a person has" in sentence and memory["kernel lives"]
    assert killed["a new one after"] is not None
    for neighbour in (memory["neighbour"], killed["neighbour"], hub_gone["neighbour meanwhile"]):
        assert neighbour["goes on"]
    assert hub_gone["neighbour"]["goes on"] and hub_gone["somebody new comes in"]
