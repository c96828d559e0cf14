"""A folder for a class server: `python course.py release OUT --stripped`.

The notebooks have no outputs, so that nobody sees an answer before the vote, and OUT/class_server/
holds what a hub needs: its settings, and the notebooks as a git repository for nbgitpuller. Such an
OUT may be made again; the repository then gets one commit more, and who clicks the class's link
again gets what has changed.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools import ROOT
from tools.lessons import BuildError
from tools.my_notebooks import without_outputs

CLASS_SERVER = ROOT / "instructor" / "class_server"
REPOSITORY = Path("class_server", "notebooks.git")  # in the folder for a class server


def make_for_server(folder, before=None) -> None:
    """Make of a folder for a class one that a class server shows to all.

    Args:
        folder: path of the folder, as `write_class_folder` has filled it.
        before: the folder of an earlier release, if there is one; its history goes on.

    Raises:
        BuildError: if git fails.
    """
    notebooks = Path(folder, "notebooks")
    for notebook in notebooks.glob("*.ipynb"):
        notebook.write_bytes(without_outputs(notebook.read_bytes()))
    here = Path(folder, "class_server")
    shutil.copytree(CLASS_SERVER / "for_students", here / "for_students")
    shutil.copy(CLASS_SERVER / "course_hub.py", here)
    defaults = here / "for_students" / "everybody" / "labconfig" / "default_setting_overrides.json"
    defaults.parent.mkdir()
    shutil.copy(ROOT / "tools" / "lab_settings.json", defaults)
    write_repository(Path(folder, REPOSITORY), notebooks, before and Path(before, REPOSITORY))


def write_repository(repository, notebooks, before=None) -> None:
    """Make a bare git repository of the files of a folder: one commit, after those of `before`.

    Raises:
        BuildError: if git fails.
    """
    with tempfile.TemporaryDirectory() as clone:
        work = ["-C", clone, f"--work-tree={notebooks}"]
        if before and before.is_dir():
            run_git("clone", "--quiet", "--no-checkout", str(before), clone)
        else:
            run_git("init", "--quiet", "--initial-branch=main", clone)
        run_git(*work, "add", "--all", ".")
        author = ["-c", "user.name=The course", "-c", "user.email=course@localhost"]
        # The same notebooks again are no news, but a commit all the same.
        run_git(
            *work, *author, "commit", "--quiet", "--allow-empty", "-m", "Notebooks of the class"
        )
        run_git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))
        run_git("-C", clone, "push", "--quiet", str(repository), "HEAD:main")


def run_git(*arguments) -> None:
    """Run git.

    Raises:
        BuildError: with what git said, if it fails.
    """
    # Some programs, such as hooks, tell git by variables which repository is meant.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-c", "safe.directory=*", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=alone)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise BuildError(f"git could not make the repository of the notebooks: {said[-1]}")
