"""LoRA: a model with narrow matrices of peft beside its own, and the plain model that it equals."""

import copy

from course_utils.errors import CourseError


def has_adapter(model) -> bool:
    """Whether peft has put narrow matrices into a model: `model.add_adapter(LoraConfig(...))`."""
    return bool(getattr(model, "_hf_peft_config_loaded", False))


def merged(model):
    """The plain model of transformers that answers as `model` does; nobody needs peft to load it.

    What the adapter adds is added to the weights, in a copy. A model without an adapter is returned
    as it is.

    Source: Hu et al. (2022), LoRA, section 4.1, https://arxiv.org/abs/2106.09685
    """
    if not has_adapter(model):
        return model
    from peft.tuners.tuners_utils import BaseTunerLayer

    plain = copy.deepcopy(model)
    for name, part in list(plain.named_modules()):
        if hasattr(part, "unload_and_optionally_merge_module"):  # a head that is trained whole
            own = part.unload_and_optionally_merge_module(True, False, None)
        elif isinstance(part, BaseTunerLayer):
            part.merge()
            own = part.get_base_layer()
        else:
            continue
        plain.set_submodule(name, own)
    plain._hf_peft_config_loaded = False
    del plain.peft_config
    return plain


def check_whole(model, history) -> None:
    """Raise a CourseError if a run of an adapter was interrupted: a merged model cannot go on."""
    if has_adapter(model) and history is not None and history.state:
        raise CourseError(
            "The run was interrupted, and a model with an adapter is saved without the numbers "
            "that it would need to go on: save it as it is with save(name, model, tokenizer), or "
            "call fine_tune again first."
        )
