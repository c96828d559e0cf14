"""What --help says about the program and each of its commands."""

ABOUT = """\
A model that sorts texts into classes: trained on your file, used on the next file.

  python -m course_utils train tickets.csv --text message --label topic
  python -m course_utils predict tickets-model new.csv answers.csv --text message

The first line learns from a file in which each text has a label, and saves a model in
the folder tickets-model. The second line adds a label to each text of another file.

A file may be CSV, TSV, Excel (.xlsx), JSON Lines, JSON or Parquet, also packed (.gz or
.zip with one file). For Excel and Parquet: pip install "bert-transfer-course[tables]"
"""

TRAIN = """\
Learn from the labelled texts in DATA, and save a model.

What happens: the file is read, and what was repaired or left out is told. The texts are
split: about 75 % to learn from, 10 % to choose with, 15 % for the test. The model is tested
beside two cheap methods (always the most frequent label; counting words). Then it is
saved in a folder with a page about it, README.md.

  python -m course_utils train tickets.csv
  python -m course_utils train tickets.xlsx --text message --label topic --out my-model

Ctrl-C stops the training and keeps what was learned: the same line with --resume goes on.
Of several epochs, each whole one is kept as well, in case the computer stops. Of a single
epoch, only Ctrl-C keeps what was learned.
"""

EVALUATE = """\
How often is a model right on texts that it has not seen, and whose labels are known?

  python -m course_utils evaluate tickets-model june.csv --text message --label topic

The answer is for these texts. If several texts are of one customer, say in which column that
stands, with --group: customers are counted then. If the model was trained on the texts, the answer
says nothing: a model that train has made notices that, and says so.
"""

PREDICT = """\
Add a label to each text of the file IN, and write the file OUT.

  python -m course_utils predict tickets-model new.csv answers.csv
  python -m course_utils predict tickets-model new.xlsx answers.xlsx --text message
  python -m course_utils predict tickets-model lines.txt answers.jsonl

OUT has the columns of IN, and three more:

  label         the answer of the model
  probability   how sure it is, from 0 to 1 (0,9 in a file with semicolons, for Excel)
  unsure        True if that is below --unsure: let a person look at these rows

If IN has a column of such a name already, the new one is called predicted_label,
predicted_probability or predicted_unsure. A row without a text is kept, without an answer.
All other cells are written as they were read, as text; from Excel to Excel, and from
Parquet to Parquet, numbers and dates stay numbers and dates. From JSON to JSON Lines, the
objects stay as they are, with all that is nested in them.

The end of its name says what OUT is: .csv, .tsv, .jsonl, .parquet or .xlsx. A CSV file is
saved so that a spreadsheet shows all letters (UTF-8 with a mark at the beginning), with
commas between its cells, or semicolons if IN is such a file.

If the computer stops in the middle, give the same line again: it goes on where it was.
Until all rows are done, they lie beside OUT in a file that ends with .part. If another IN,
MODEL or option is given meanwhile, the command asks first: --overwrite begins anew.

For many computers: --engine ray reads Parquet (a file, or a folder of files) and writes a
folder of Parquet. If that folder is there already, it is never replaced, also with --overwrite.
On one computer, leave --engine ray out: it is not faster, and takes more memory.
"""

EXPORT = """\
Write a model, its tokenizer and its labels into one file that runs without torch.

  python -m course_utils export tickets-model tickets.onnx
  python -m course_utils export tickets-model small.onnx --int8 --texts june.csv

The file is compared with the model on 500 texts before it is written. It needs the packages
onnxruntime and tokenizers and a dozen lines: see the page "Use your model".
To export: pip install "bert-transfer-course[scale]"
"""
