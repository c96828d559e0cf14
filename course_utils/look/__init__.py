"""Looking at texts, models and results: figures, interactive views, attention, explanations."""
