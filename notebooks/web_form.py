"""A web form for a saved model: python web_form.py FOLDER, then open the address that it prints.

It answers this computer alone, keeps no text, and tells nobody that it runs. It needs torch,
transformers and gradio (python -m pip install "gradio>=6.31,<7").
"""

import sys

import gradio
from transformers import pipeline

classify = pipeline("text-classification", model=sys.argv[1], truncation=True, top_k=None)


def answer(text):
    """The probability of each label, for the text in the box."""
    return {found["label"]: found["score"] for found in classify([text])[0]} if text else None


text = gradio.Textbox(lines=4, label="Your text")
label = gradio.Label(num_top_classes=10, label="Answer: a guess, not a decision")
form = gradio.Interface(answer, text, label, flagging_mode="never", analytics_enabled=False)
form.launch(server_name="127.0.0.1", share=False, run_history=False)
