"""What pyproject.toml cannot say: a wheel carries `data/`, too, as `course_utils/shipped/`."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithData(build_py):
    """Copy the package, then the data into it; `course_utils.files.shipped` looks there."""

    def run(self):
        if self.editable_mode:  # the package stays where it is, beside data/
            return super().run()
        package = Path(self.build_lib, "course_utils")
        shutil.rmtree(package, ignore_errors=True)  # what an earlier version had must not come back
        super().run()
        shutil.copytree("data", package / "shipped", ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithData})
