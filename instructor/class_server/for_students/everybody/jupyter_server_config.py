"""How JupyterLab behaves for each student of a class server."""

c = get_config()  # noqa: F821  Jupyter provides it

# Nothing is looked up on the network.
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
# A kernel that nobody used for half an hour, and whose notebook is closed, gives its memory back.
c.MappingKernelManager.cull_idle_timeout = 1800
c.MappingKernelManager.cull_interval = 120
# Every account of the computer may reach a kernel's port: what is sent there cannot be read.
c.KernelManager.transport_encryption = "auto"
