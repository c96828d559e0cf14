"""Every figure of the course: a picture, its alt text, and one sentence that sums it up."""

import base64
import functools
import html
import io

import numpy as np

from course_utils.errors import DataError

# Okabe and Ito (2008): eight colours that colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C"

STYLE = {
    "figure.facecolor": "white",  # also in dark themes: the axes' labels are black
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "lines.linewidth": 2.2,
}


class Figure:
    """A picture with its alt text (for those who cannot see it) and its summary (for all).

    JupyterLab shows the HTML form, text-only readers the alt text.
    """

    def __init__(self, figure, alt: str, summary: str):
        self.alt, self.summary = alt, summary
        stream = io.BytesIO()
        figure.savefig(
            stream, format="png", dpi=130, bbox_inches="tight", metadata={"Software": ""}
        )
        self.png = stream.getvalue()

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self.png).decode()
        return (
            '<figure style="margin:0;max-width:820px">'
            f'<img src="data:image/png;base64,{picture}" alt="{html.escape(self.alt)}" '
            'style="width:100%;background:white">'
            f"<figcaption>{html.escape(self.summary)}</figcaption></figure>"
        )

    def __repr__(self):
        return f"Figure: {self.alt}"


def course_style(plot):
    """Decorator of every plotting function: draws in the style of the course."""

    @functools.wraps(plot)
    def styled(*args, **options):
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return plot(*args, **options)

    return styled


def _axes(width: float = 8, height: float = 4, **options):
    """A new figure, in no window and on no list of open figures. Returns (figure, axes)."""
    import matplotlib.figure

    figure = matplotlib.figure.Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(**options)


@course_style
def plot_slide_recipe(record, live: dict = None) -> Figure:
    """What the slide's program answers, over many seeds: the probability of "positive".

    Args:
        record: `load_record("slide_recipe")`.
        live: seed -> probability of the runs that you made yourself; drawn in orange.
    """
    live = live or {}
    figure, axes = _axes(8, 3.6)
    values = record["positive"].to_numpy()
    if len(values):
        edges = np.linspace(0.47, 0.53, 31)
        axes.hist(values[values < 0.5], edges, color=GREY, hatch="//", edgecolor="white")
        axes.hist(values[values >= 0.5], edges, color=BLUE, edgecolor="white")
        top = axes.get_ylim()[1] * 1.3
        axes.set_ylim(0, top)
        axes.text(0.4985, top * 0.98, "says negative ", ha="right", va="top")
        axes.text(0.5015, top * 0.98, " says positive", ha="left", va="top")
    axes.axvline(0.5, color="black", linewidth=1.5)
    height = 0.72 * axes.get_ylim()[1]
    for seed, value in live.items():
        axes.plot([value, value], [0, height], color="black", linewidth=1, zorder=3)
        axes.plot(value, height, "v", color=ORANGE, markersize=12, markeredgecolor="black")
        label = axes.annotate(f"seed {seed}", (value, 1.07 * height), ha="center", fontsize=11)
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    axes.set_xlabel('probability of "positive"')
    axes.set_ylabel("runs")
    positive = int((values >= 0.5).sum())
    summary = (
        f"The slide's program, {len(values)} seeds: {positive} times positive, "
        f"{len(values) - positive} times negative."
        if len(values)
        else "Your own runs of the slide's program."
    )
    return Figure(figure, f"Histogram of the probability of positive. {summary}", summary)


@course_style
def plot_history(history) -> Figure:
    """The loss of each step of a fine-tuning run, and its mean over ten steps."""
    if not history.losses:
        raise DataError("This run stopped before its first step: there is no loss to draw.")
    losses = np.array(history.losses)
    figure, axes = _axes(8, 3.6)
    steps = np.arange(1, len(losses) + 1)
    axes.plot(steps, losses, "o", color=GREY, markersize=5, label="each step")
    window = min(10, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, mode="valid")
    axes.plot(steps[window - 1 :], smooth, color=BLUE, label="mean of ten steps")
    axes.axhline(np.log(2), color=RED, linestyle="--", linewidth=1.5, label="guessing: ln 2")
    axes.set_xlabel("step")
    axes.set_ylabel("training loss")
    axes.legend()
    first, last = losses[:10].mean(), losses[-10:].mean()
    summary = f"The training loss goes from {first:.3f} (first ten steps) to {last:.3f} (last ten)."
    return Figure(figure, f"Line of the loss against the step. {summary}", summary)


@course_style
def plot_learning_rates(record, live: dict = None) -> Figure:
    """Validation accuracy against the learning rate: recorded runs in grey, yours in orange.

    Args:
        record: `load_record("fine_tuning")`.
        live: learning rate -> accuracy of your own runs.
    """
    figure, axes = _axes(8, 4)
    rows = record[record["size"] == "default"]
    rates = sorted(rows["learning_rate"].unique())
    spread = rows.groupby("learning_rate")["validation_accuracy"]
    sideways = np.linspace(0.9, 1.1, 5)[rows.groupby("learning_rate").cumcount() % 5]
    axes.plot(
        rows["learning_rate"] * sideways,  # side by side, so that no dot hides another
        100 * rows["validation_accuracy"],
        "o",
        color=GREY,
        alpha=0.7,
        label="recorded, one dot per seed",
    )
    for number, (rate, accuracy) in enumerate((live or {}).items()):
        axes.plot(
            rate,
            100 * accuracy,
            "D",
            color=ORANGE,
            markersize=11,
            markeredgecolor="black",
            label=None if number else "your run",
        )
    axes.axhline(50, color=RED, linestyle="--", linewidth=1.5, label="guessing")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("accuracy on validation (%)")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.12))
    means = ", ".join(f"{rate:.0e}: {100 * spread.mean()[rate]:.1f} %" for rate in rates)
    summary = f"Mean accuracy after one epoch, by learning rate: {means or 'not measured'}."
    return Figure(figure, f"Accuracy against learning rate, log scale. {summary}", summary)


@course_style
def plot_seeds(record, live: dict = None) -> Figure:
    """The same recipe with different seeds: how far the accuracies lie apart.

    Args:
        record: `load_record("fine_tuning")`.
        live: seed -> validation accuracy of your own runs, or of a whole class.
    """
    live = live or {}
    figure, axes = _axes(8, 2.8)
    rows = record[(record["size"] == "default") & (record["learning_rate"] == 1e-4)]
    recorded = 100 * rows["validation_accuracy"].to_numpy()
    axes.plot(recorded, np.full(len(recorded), 1.0), "o", color=GREY, markersize=9, alpha=0.7)
    axes.plot(
        [100 * value for value in live.values()],
        np.full(len(live), 0.0),
        "D",
        color=ORANGE,
        markersize=11,
        markeredgecolor="black",
    )
    axes.set_yticks([0, 1], ["your runs", f"recorded, {len(recorded)} seeds"])
    axes.set_ylim(-0.6, 1.6)
    axes.set_xlabel("accuracy on validation (%)")
    summary = "Only your own runs: this recipe was not measured with this checkpoint."
    if len(recorded):
        summary = (
            f"One recipe, {len(recorded)} seeds: from {recorded.min():.1f} to "
            f"{recorded.max():.1f} %, standard deviation {recorded.std(ddof=1):.1f} points."
        )
    return Figure(figure, f"Dots of accuracy, one per seed. {summary}", summary)


@course_style
def plot_accuracies(evaluations) -> Figure:
    """One dot per method, with the 95 % interval of its accuracy.

    Args:
        evaluations: a list of `Evaluation`, from `evaluate` or a baseline.
    """
    rows = range(len(evaluations))
    figure, axes = _axes(8, 0.9 + 0.65 * len(evaluations))
    told = []
    for row, result in zip(rows, evaluations, strict=True):
        value, low, high = (100 * number for number in (result.accuracy, *result.interval))
        colour = BLUE if "BERT" in result.name else GREY
        axes.errorbar(
            value, row, xerr=[[value - low], [high - value]], fmt="o", color=colour, capsize=5
        )
        axes.annotate(f"{value:.1f}", (value, row + 0.14), ha="center", fontsize=12)
        told.append(f"{result.name} {value:.1f} % ({low:.1f} to {high:.1f})")
    axes.set_yticks(rows, [f"{result.name}\n{len(result.data):,} texts" for result in evaluations])
    axes.set_ylim(-0.5, len(evaluations) - 0.35)
    axes.set_xlabel("accuracy (%), with 95 % interval")
    summary = f"Accuracy: {'; '.join(told)}."
    return Figure(figure, f"Dots with intervals, one per method. {summary}", summary)


@course_style
def plot_confusion(evaluation) -> Figure:
    """True labels in rows, predicted labels in columns; in each cell the count and its share.

    The share is that of the row: of all texts with this true label, how many got this answer?
    """
    counts = evaluation.confusion()
    shares = 100 * counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    names = list(counts.columns)
    figure, axes = _axes(8, 1.2 + 1.0 * len(names))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    told = []
    for row, true in enumerate(names):
        for column, answer in enumerate(names):
            share = shares.iat[row, column]
            axes.text(
                column,
                row,
                f"{counts.iat[row, column]:,}\n{share:.1f} %",
                ha="center",
                va="center",
                color="white" if share > 55 else "black",
            )
            told.append(f"{share:.1f} % of {true} called {answer}")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted label")
    axes.set_ylabel("true label")
    axes.grid(False)
    summary = f"{evaluation.name}: {'; '.join(told)}."
    return Figure(figure, f"Table of true against predicted labels. {summary}", summary)


@course_style
def plot_calibration(evaluations, bins: int = 5) -> Figure:
    """How sure the model says it is, against how often it is right; intervals are 95 %.

    Args:
        evaluations: one `Evaluation`, or a list of them.
        bins: groups of texts, sorted by confidence, equally large.
    """
    from course_utils.evaluation import accuracy_interval

    evaluations = evaluations if isinstance(evaluations, (list, tuple)) else [evaluations]
    figure, axes = _axes(7, 4.6)
    axes.plot([0, 100], [0, 100], "--", color="black", linewidth=1.2, label="as often as it says")
    told, lowest = [], 100.0
    styles = zip((BLUE, ORANGE, GREEN, RED), "osD^", strict=True)
    for result, (colour, marker) in zip(evaluations, styles, strict=False):
        table = result.calibration(bins)
        says, right = 100 * table["confidence"], 100 * table["accuracy"]
        hits = (table["accuracy"] * table["texts"]).round().astype(int)
        bounds = [accuracy_interval(*pair) for pair in zip(hits, table["texts"], strict=True)]
        low, high = 100 * np.array(bounds).T
        axes.errorbar(
            says,
            right,
            yerr=[right - low, high - right],
            fmt=f"-{marker}",
            color=colour,
            capsize=4,
            linewidth=1.5,
            label=result.name,
        )
        pairs = (f"{a:.1f} → {b:.1f}" for a, b in zip(says, right, strict=True))
        told.append(f"{result.name}: {', '.join(pairs)}")
        lowest = min(lowest, says.min(), low.min())
    axes.set_xlim(lowest - 3, 101)
    axes.set_ylim(lowest - 3, 101)
    axes.set_xlabel("confidence (%): how sure it says it is")
    axes.set_ylabel("accuracy (%): how often it is right")
    axes.legend(loc="upper left")
    summary = f"Confidence → accuracy in %, from unsure to sure. {'; '.join(told)}."
    return Figure(
        figure, f"Dots of accuracy against confidence, with the diagonal. {summary}", summary
    )


@course_style
def plot_batch(tokenizer, batch) -> Figure:
    """One batch as two heat maps: what stands at each position, and the attention mask.

    Args:
        tokenizer: the tokenizer that made the batch.
        batch: holds `input_ids` and `attention_mask`, both of shape (batch, sequence). Tokens are
            written into the map if it has at most 16 positions and 10 texts.
    """
    from matplotlib.patches import Patch

    ids, mask = np.asarray(batch["input_ids"]), np.asarray(batch["attention_mask"])
    is_padding = ids == tokenizer.pad_token_id
    is_frame = np.isin(ids, [tokenizer.cls_token_id, tokenizer.sep_token_id])
    kinds = np.where(is_padding, 0, np.where(is_frame, 2, 1))
    texts, positions = ids.shape
    readable = positions <= 16 and texts <= 10
    height = 2 * max(1.6, (0.5 if readable else 0.07) * texts) + 1.2
    figure, (above, below) = _axes(max(8, 1.05 * positions) if readable else 8, height, nrows=2)
    colours = ["#D9D9D9", "#9CCDEB", "#F6CF7F"]  # padding, words, [CLS] and [SEP]
    _cells(above, kinds, colours, "what stands there")
    _cells(below, mask, ["#FFFFFF", BLUE], "attention mask")
    below.set_xlabel("position")
    rows = [tokenizer.convert_ids_to_tokens(row.tolist()) for row in ids]
    if readable:
        for (row, place), value in np.ndenumerate(mask):
            token = rows[row][place]
            above.text(place, row, token, ha="center", va="center", fontsize=12)
            ink = "white" if value else "black"
            below.text(place, row, int(value), ha="center", va="center", fontsize=12, color=ink)
    names = dict(zip(colours, ("padding", "token of the text", "[CLS] or [SEP]"), strict=True))
    handles = [Patch(facecolor=c, edgecolor=GREY, label=name) for c, name in names.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    summary = (
        f"{int(is_padding.sum()):,} of {ids.size:,} positions hold padding; "
        f"the attention mask is 0 at {int((mask == 0).sum()):,} positions."
    )
    written = "; ".join(" ".join(row) for row in rows) if readable else ""
    alt = f"Two heat maps of {texts} texts and {positions} positions. {summary} {written}".strip()
    return Figure(figure, alt, summary)


def _cells(axes, values, colours, title) -> None:
    """Small coloured cells with white lines between them, one row per text."""
    from matplotlib.colors import ListedColormap

    texts, positions = values.shape
    axes.imshow(values, ListedColormap(colours), vmin=0, vmax=len(colours) - 1, aspect="auto")
    axes.set_title(title)
    axes.set_ylabel("text")
    if texts <= 10:
        axes.set_yticks(range(texts))
    if positions <= 16:
        axes.set_xticks(range(positions))
        axes.set_xticks(np.arange(positions + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(texts + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=GREY, linewidth=1)
        axes.tick_params(which="minor", length=0)
    axes.grid(False, which="major")


@course_style
def plot_token_lengths(lengths, limits=(32, 64)) -> Figure:
    """How long texts are in tokens, and which share of them a limit would cut off.

    Args:
        lengths: number of tokens of each text.
        limits: values of `max_length` to compare.
    """
    lengths = np.asarray(lengths)
    figure, axes = _axes(8, 3.8)
    step = max(1, int(lengths.max()) // 60)
    axes.hist(lengths, np.arange(0, lengths.max() + 2 * step, step), color=BLUE, edgecolor="white")
    top = 1.35 * axes.get_ylim()[1]
    axes.set_ylim(0, top)
    told = []
    for number, limit in enumerate(sorted(limits)):
        share = 100 * float((lengths > limit).mean())
        axes.axvline(limit + 0.5, color=RED, linestyle="--", linewidth=2)
        left = 2 * limit < axes.get_xlim()[1]  # the label goes where there is room
        label = f" max_length {limit}: {share:.1f} % cut "
        place = (limit + 0.5, top * (0.97 - 0.1 * number))
        text = axes.annotate(label, place, ha="left" if left else "right", va="top")
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
        told.append(f"{share:.1f} % are longer than {limit} tokens")
    axes.set_xlabel("tokens in a text, [CLS] and [SEP] included")
    axes.set_ylabel("texts")
    summary = f"Of {len(lengths):,} texts, {', '.join(told)}. The longest has {lengths.max():,}."
    alt = f"Histogram of text lengths, median {np.median(lengths):.0f} tokens. {summary}"
    return Figure(figure, alt, summary)
