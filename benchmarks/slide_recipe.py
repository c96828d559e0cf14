"""The slide's program, run with 100 seeds: what does it say about "I had an awesome day!"?

Takes about two minutes. Writes data/recorded/slide_recipe.csv, which notebooks 00 and 05 draw.
"""

import torch
from _recording import Record

import course_utils

SEEDS = range(100)
TEXTS = ["I love this!", "This is terrible.", "Amazing experience!", "Not my cup of tea."]
LABELS = [1, 0, 1, 0]
NEW_TEXT = "I had an awesome day!"


def run(checkpoint: str, seed: int) -> dict:
    """One run of the slide's program, to the letter, and what it left unseen.

    Returns:
        loss: as the slide prints it. positive: the probability that the slide computes, dropout
        still on. positive_before, positive_after: with dropout off, before and after the step.
        loss_after: with dropout off, after the step.
    """
    tokenizer = course_utils.load_tokenizer(checkpoint)
    model = course_utils.load_classifier(checkpoint, seed=seed, quiet=True)
    inputs = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt", max_length=32)
    inputs["labels"] = torch.tensor(LABELS)
    new = tokenizer(NEW_TEXT, return_tensors="pt", truncation=True, padding=True, max_length=128)

    def positive():
        return torch.softmax(model(**new).logits, dim=-1)[0, 1].item()

    model.eval()
    before = positive()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.00001)
    model.train()
    loss = model(**inputs).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    as_on_slide = positive()  # dropout is still on
    model.eval()
    return {
        "loss": loss.item(),
        "loss_after": model(**inputs).loss.item(),
        "positive": as_on_slide,
        "positive_before": before,
        "positive_after": positive(),
    }


def main():
    checkpoint = course_utils.current().checkpoint
    record = Record(__file__, ["checkpoint", "seed"], seeds=len(SEEDS), text=NEW_TEXT)
    for seed in SEEDS:
        if not record.has(checkpoint=checkpoint, seed=seed):
            record.add(checkpoint=checkpoint, seed=seed, **run(checkpoint, seed))


if __name__ == "__main__":
    main()
