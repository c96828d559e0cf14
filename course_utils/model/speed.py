"""Three levers that make a model faster. Without them every result is the same, only later."""

import ctypes
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def first_position_only(model):
    """Within the block, the last layer computes what the head reads, and nothing else.

    The pooler reads one vector of the last layer: that of the first position, [CLS]. So the other
    positions are read there, as keys and values, but not written. The logits and the gradients stay
    the same (dropout, where it is on, draws other random numbers); of the work of `minilm`'s six
    layers, about one seventh is saved. A model of another class, or with another pooler, may read
    more positions: it is left as it is.

    Args:
        model: a `BertForSequenceClassification`; after the block it is as it was before.
    """
    if not _reads_first_position(model):
        yield
        return
    layer = model.bert.encoder.layer[-1]
    if "forward" in vars(layer):  # a block within a block: the outer one takes it back
        yield
        return
    layer.forward = types.MethodType(_first_position, layer)
    try:
        yield
    finally:
        del layer.forward


def _reads_first_position(model) -> bool:
    """Whether this is the model of transformers whose parts we know, to the last one."""
    from transformers import BertForSequenceClassification
    from transformers.models.bert.modeling_bert import BertLayer, BertPooler

    return (
        type(model) is BertForSequenceClassification
        and type(model.bert.pooler) is BertPooler
        and type(model.bert.encoder.layer[-1]) is BertLayer
        and model.config._attn_implementation in ("sdpa", "eager")
    )


def _first_position(layer, hidden, attention_mask=None, *_, **__):
    """The forward pass of a `BertLayer`, for the first position; (batch, 1, hidden)."""
    from transformers.models.bert.modeling_bert import BertCrossAttention

    first = hidden[:, :1]
    mask = None if attention_mask is None else attention_mask[:, :, :1]
    # One position asks, all of them answer: what transformers calls cross attention.
    read, _ = BertCrossAttention.forward(layer.attention.self, first, hidden, mask)
    return layer.feed_forward_chunk(layer.attention.output(read, first))


def return_freed_memory() -> None:
    """Have Linux take memory back as soon as a tensor is freed.

    Each batch has another length. By default the C library keeps the freed pieces of all of them,
    and fine-tuning needs about a third more memory than its largest batch does.
    """
    _set_malloc(mmap_threshold=1 << 20, trim_threshold=128 << 10)


@contextmanager
def keep_freed_memory():
    """Within the block, Linux leaves freed memory with us: for predictions, which need little.

    They are made and freed thousands of times, and asking the system for each takes a fifth of the
    time. Afterwards all of it is given back.
    """
    _set_malloc(mmap_threshold=8 << 20, trim_threshold=64 << 20)
    try:
        yield
    finally:
        return_freed_memory()


def _set_malloc(mmap_threshold: int, trim_threshold: int) -> None:
    """From how many bytes on freed memory goes back to the system: whole pieces, and the rest."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-3, mmap_threshold)  # M_MMAP_THRESHOLD in malloc.h
        libc.mallopt(-1, trim_threshold)  # M_TRIM_THRESHOLD
        libc.malloc_trim(0)  # and what was freed before


def one_per_core(function, items: list, device):
    """The results of `function`, in the order of `items`; on a CPU, each core has its own item.

    So no core waits for the others after each operation, as it does where all share one batch. A
    view, which has a thread of its own, leaves the cores to the cell that is running.
    """
    import torch

    cores = torch.get_num_threads()
    in_cell = threading.current_thread() is threading.main_thread()
    if device.type != "cpu" or min(cores, len(items)) == 1 or not in_cell:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield from pool.map(function, items)
    finally:  # also after an interrupt: do not begin what has not begun
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)
