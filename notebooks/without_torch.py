"""Label texts with an exported model: it needs onnxruntime and tokenizers, and no torch."""

import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

session = onnxruntime.InferenceSession("my-model.onnx")
about = session.get_modelmeta().custom_metadata_map
labels, tokenizer = json.loads(about["labels"]), Tokenizer.from_str(about["tokenizer"])
rows = tokenizer.encode_batch(["The parcel never came.", "Thank you, all is well!"])
numbers = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
inputs = {
    field.name: np.array([getattr(row, numbers[field.name]) for row in rows])
    for field in session.get_inputs()
}
(logits,) = session.run(None, inputs)  # (texts, labels)
print([labels[best] for best in logits.argmax(axis=-1)])
