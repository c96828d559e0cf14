"""A text file, a package or a folder of ours -> `LabeledTexts` -> train, validation and test."""
