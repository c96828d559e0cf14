"""The course's settings for a JupyterHub, in the form of its own configuration.

The Littlest JupyterHub reads this file from /opt/tljh/config/jupyterhub_config.d/, and
`local_hub.py` reads it for a trial on one computer. `zero_to_jupyterhub.yaml` says the same for
Kubernetes. How much memory and processor a person gets is not said here: each of the three has a
place of its own for that.
"""

import os

TERMINALS = False  # True: the launcher offers a terminal
DOWNLOADS = False  # True: JupyterLab's menus save a file on the student's own computer

COURSE = os.environ.get("COURSE_FOLDER", "/opt/course")  # what `release OUT --stripped` has made
FOR_STUDENTS = f"{COURSE}/class_server/for_students"
FOLDERS = [f"{FOR_STUDENTS}/everybody"]
FOLDERS += [] if TERMINALS else [f"{FOR_STUDENTS}/no_terminals"]
FOLDERS += [] if DOWNLOADS else [f"{FOR_STUDENTS}/no_downloads"]

ENVIRONMENT = {
    # Jupyter reads its settings there, before those of its own folders.
    "JUPYTER_CONFIG_PATH": ":".join(FOLDERS),
    # IPython runs this file when a kernel starts.
    "PYTHONSTARTUP": f"{FOR_STUDENTS}/kernel_start.py",
    # A class shares the cores: one thread each, and a thread that waits sleeps.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    # Weights and reviews lie in the environment: nothing asks the network for them.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # What a student saves, and where the seats of a class meet.
    "COURSE_MODELS": "~/models",
    "COURSE_CLASS_FOLDER": "/srv/class",
    "GIT_CONFIG_SYSTEM": f"{FOR_STUDENTS}/gitconfig",
}

c = get_config()  # noqa: F821  JupyterHub provides it
c.Spawner.environment.update(ENVIRONMENT)
c.Spawner.default_url = "/lab"
# Settings in a home folder do not count: else the switches above could be turned back there.
c.Spawner.disable_user_config = True
