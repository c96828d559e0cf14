"""A JupyterHub with the course's settings on this computer alone, to try a class before it comes.

`load_test.py` starts it. For a class, take The Littlest JupyterHub (README.md): here everybody
knows the one password, and no limit of the processor holds.
"""

import os
import sys

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner

c = get_config()  # noqa: F821  JupyterHub provides it
load_subconfig(os.path.join(os.path.dirname(__file__), "course_hub.py"))  # noqa: F821

FOLDER = os.environ["CLASS_FOLDER"]  # students pass through; in `hub` only root may look
PORT = int(os.environ["CLASS_PORT"])  # and the two after it

c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.JupyterHub.db_url = f"sqlite:///{FOLDER}/hub/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{FOLDER}/hub/cookie_secret"
# As in The Littlest JupyterHub: the proxy is a program of its own, and who works goes on working
# while the hub restarts.
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.JupyterHub.cleanup_servers = False

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["CLASS_PASSWORD"]
c.Authenticator.allow_all = True

# Root can start a server as another account, as a class needs it. Anybody else plays all students
# with the account they have, and nothing keeps these apart.
is_root = os.geteuid() == 0
c.JupyterHub.spawner_class = LocalProcessSpawner if is_root else SimpleLocalProcessSpawner
c.SimpleLocalProcessSpawner.home_dir_template = f"{FOLDER}/homes/{{username}}"
c.Spawner.cmd = [os.environ["CLASS_PYTHON"], "-m", "jupyterhub.singleuser"]
c.Spawner.environment.update(
    {
        "PYTHONPATH": os.environ["COURSE_FOLDER"],
        "COURSE_CLASS_FOLDER": f"{FOLDER}/drop",
        "GIT_CONFIG_SYSTEM": f"{FOLDER}/gitconfig",
    }
)
c.Spawner.mem_limit = os.environ["CLASS_MEMORY"]  # kernel_start.py holds each kernel to it
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 30

c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
