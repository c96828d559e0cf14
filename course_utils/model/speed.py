"""Three levers that make a model faster. Without them a result is the same, only later.

`first_position_only`, `keep_freed_memory` and `one_per_core`. Each may be used in several threads
at once, as the views do in JupyterLab.
"""

import ctypes
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from course_utils.model.turns import alone


@contextmanager
def first_position_only(model):
    """Within the block, the last layer computes what the head reads, and nothing else.

    The pooler reads one vector of the last layer: that of the first position, [CLS]. So the other
    positions are read there, as keys and values, but not written. The logits and the gradients stay
    the same (dropout, where it is on, draws other random numbers); of the work of `minilm`'s six
    layers, about one seventh is saved. A model of another class, or with another pooler, may read
    more positions: it is left as it is.

    Args:
        model: a `BertForSequenceClassification`; after the block it is as it was before. Within
            the block, no other thread uses it.

    Raises:
        ModelBusy: if another thread trains the model.
    """
    with alone(model):
        layer = model.bert.encoder.layer[-1] if _reads_first_position(model) else None
        if layer is None or "forward" in vars(layer):  # within a block: the outer one takes it back
            yield
            return
        within = True

        def forward(layer, hidden, attention_mask=None, *more, **options):
            # A copy of the model that was made within the block keeps this method for ever.
            if within:
                return _first_position(layer, hidden, attention_mask)
            return type(layer).forward(layer, hidden, attention_mask, *more, **options)

        layer.forward = types.MethodType(forward, layer)
        try:
            yield
        finally:
            del layer.forward
            within = False


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


def _first_position(layer, hidden, attention_mask):
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


_guard = threading.Lock()
_keeping = set()  # one entry for each block of `keep_freed_memory` that is open, in all threads


@contextmanager
def keep_freed_memory():
    """Within the block, Linux leaves freed memory with us: for predictions, which need little.

    They are made and freed thousands of times, and asking the system for each takes a fifth of the
    time. Afterwards all of it is given back. (The system knows one rule for all threads: the first
    block sets it, the last one takes it back.)
    """
    block = object()
    try:
        with _guard:
            if not _keeping:
                _set_malloc(mmap_threshold=8 << 20, trim_threshold=64 << 20)
            _keeping.add(block)
        yield
    finally:
        with _guard:
            _keeping.discard(block)
            if not _keeping:
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


_cores = threading.Lock()


def one_per_core(function, items: list, device):
    """The results of `function`, in the order of `items`; on a CPU, each core has its own item.

    So no core waits for the others after each operation, as it does where all share one batch.
    Where the cores work for another thread already, the items come one after the other.
    """
    import torch

    cores = torch.get_num_threads()
    workers = min(cores, len(items))
    if device.type != "cpu" or workers < 2 or not _cores.acquire(blocking=False):
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(workers, initializer=_use_one_core, initargs=(cores,))
    try:
        yield from pool.map(function, items)
    finally:  # also after an interrupt: do not begin what has not begun
        pool.shutdown(cancel_futures=True)
        _cores.release()


def _use_one_core(cores: int) -> None:
    """From now on this thread computes on one core; every other thread keeps its number.

    Torch remembers one number for each thread, and one for all threads that never computed. Both
    are set at once; a helper that ends at once sets the second one back.
    """
    import torch

    torch.get_num_threads()  # this thread counts as one that has computed
    torch.set_num_threads(1)
    helper = threading.Thread(target=torch.set_num_threads, args=(cores,))
    helper.start()
    helper.join()
