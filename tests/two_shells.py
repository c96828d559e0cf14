"""A kernel with a second shell, in which JupyterLab runs what a view does while a cell runs."""

import itertools
from queue import Empty

from jupyter_client.manager import start_new_kernel

PATIENCE = 300  # seconds that one answer may take


class Kernel:
    """A kernel, and a second shell in it.

    Args:
        **options: how to start its process: `cwd`, `env`, as for `subprocess`.
    """

    def __init__(self, **options):
        self.manager, self.client = start_new_kernel(**options)
        self.count = 0
        reply = self._ask(self.client.control_channel, "create_subshell_request", {})
        self.subshell = reply["content"]["subshell_id"]

    def send(self, kind: str, content: dict, subshell=None):
        message = self.client.session.msg(kind, content)
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def start(self, code: str, subshell=None, **values):
        """Run some code; the reply will hold the `values`, which are expressions."""
        content = {"code": code, "user_expressions": values, "silent": False}
        return self.send("execute_request", content, subshell)

    def reply(self, message_id: str) -> dict:
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message_id:
                assert reply["content"]["status"] == "ok", reply["content"]
                found = reply["content"].get("user_expressions", {})
                return {name: value["data"]["text/plain"] for name, value in found.items()}

    def run(self, code: str, subshell=None, **values) -> dict:
        return self.reply(self.start(code, subshell, **values))

    def change(self, box: str, value) -> None:
        """What a browser sends when somebody types into a box, or moves a slider.

        Args:
            box: the number of the widget, its `model_id`.
            value: the new one.
        """
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        self.send("comm_msg", {"comm_id": box, "data": state}, self.subshell)

    def change_until_done(self, message_id: str, boxes: dict) -> None:
        """Change boxes, one after the other, until the main shell has answered.

        Args:
            message_id: of what runs there.
            boxes: number of the widget -> the values that it gets, in turn.
        """
        for count in itertools.count():
            for box, values in boxes.items():
                self.change(box, values[count % len(values)])
            try:
                reply = self.client.get_shell_msg(timeout=0.02)
            except Empty:
                continue
            if reply["parent_header"].get("msg_id") == message_id:
                assert reply["content"]["status"] == "ok", reply["content"]
                return

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def _ask(self, channel, kind: str, content: dict) -> dict:
        message = self.client.session.msg(kind, content)
        channel.send(message)
        while True:
            reply = channel.get_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply
