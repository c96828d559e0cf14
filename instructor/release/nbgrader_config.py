"""Settings for nbgrader: run its commands in this folder. It holds solutions: not for students.

Install nbgrader in an environment of its own, together with the course. The instructor's guide of
the course, part "Grading", says how.
"""

import atexit
import importlib.util
import os
import shutil
import tempfile

if importlib.util.find_spec("course_utils") is None:
    raise SystemExit(
        "The course is not installed beside nbgrader, so every answer would fail: install it into"
        " this environment, with pip install -e and the folder of the course."
    )

c = get_config()  # noqa: F821 (nbgrader gives this function)

c.CourseDirectory.course_id = "bert-transfer-course"

# In the source, each stub stands above its solution; nothing more is put in the solution's place.
c.ClearSolutions.code_stub = {"python": ""}

# Some cells train a model. The default, 30 seconds, is short for a slow computer.
c.Execute.timeout = 600

# Everybody's work is graded with the same numbers, and in the environment that runs nbgrader.
os.environ["COURSE_DEVICE"] = "cpu"
# Models go to a folder that nothing was trained in, so 06 does not load the one of another student.
os.environ["COURSE_MODELS"] = tempfile.mkdtemp(prefix="course-models-")
atexit.register(shutil.rmtree, os.environ["COURSE_MODELS"], ignore_errors=True)
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
os.environ["TQDM_DISABLE"] = "1"
