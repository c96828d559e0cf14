"""What notebook 09 needs beyond the course's own packages."""

from importlib.util import find_spec

from course_utils.errors import MissingPackage
from course_utils.model.onnx_file import INSTALL

NEEDED = ("onnxruntime", "onnxscript", "peft")


def check_scale_packages() -> None:
    """Raise a MissingPackage that names the line to type, unless all of notebook 09 can run."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingPackage(
            f"Notebook 09 needs {' and '.join(missing)}: run %{INSTALL} in a new cell, then "
            "restart the kernel."
        )
