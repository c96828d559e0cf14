"""No file leaves the class server through JupyterLab's menus or addresses."""

import mimetypes

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.base.handlers import AuthenticatedFileHandler


class NoDownloads(AllowAllAuthorizer):
    """Refuse whole files; notebooks and texts still open in JupyterLab, pictures inside them."""

    def is_authorized(self, handler, user, action, resource):
        """Whether a request may pass: all but files (pictures may) and exported notebooks."""
        if isinstance(handler, AuthenticatedFileHandler):
            kind = mimetypes.guess_type(handler.request.path)[0] or ""
            return kind.startswith("image/")
        return resource != "nbconvert"


c = get_config()  # noqa: F821  Jupyter provides it
c.ServerApp.authorizer_class = NoDownloads
