"""LoRA: a model with narrow matrices of peft beside its own, and the plain model that it equals."""

import copy

from course_utils.errors import CourseError


def has_adapter(model) -> bool:
    """Whether peft has put narrow matrices into a model: `model.add_adapter(LoraConfig(...))`."""
    return bool(getattr(model, "_hf_peft_config_loaded", False))


def trains_adapter(model) -> bool:
    """Whether the narrow matrices are what trains, and of the layers' own ones none.

    Biases and the head may train beside them.
    """
    trained = [
        name
        for name, weight in model.named_parameters()
        if weight.requires_grad and weight.dim() > 1 and ".layer." in name
    ]
    return has_adapter(model) and bool(trained) and all("lora_" in name for name in trained)


def merged(model):
    """The plain model of transformers that answers as `model` does; nobody needs peft to load it.

    What the adapter adds is added to the weights, in a copy; of one that is switched off
    (`model.disable_adapters()`), nothing. A model without an adapter is returned as it is.

    Source: Hu et al. (2022), LoRA, section 4.1, https://arxiv.org/abs/2106.09685
    """
    if not has_adapter(model):
        return model
    from peft.tuners.tuners_utils import BaseTunerLayer

    plain = copy.deepcopy(model)
    for name, part in list(plain.named_modules()):
        off = getattr(part, "disable_adapters", False)
        if off and hasattr(part, "original_module"):
            own = part.original_module
        elif hasattr(part, "unload_and_optionally_merge_module"):  # a head that is trained whole
            own = part.unload_and_optionally_merge_module(True, False, None)
        elif isinstance(part, BaseTunerLayer):
            if not off:
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
