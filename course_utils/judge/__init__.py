"""Predictions -> `evaluate` -> intervals, baselines, records, and the model card."""
