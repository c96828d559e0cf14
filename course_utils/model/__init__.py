"""A checkpoint -> tokenizer and model -> `fine_tune` -> `save`."""
