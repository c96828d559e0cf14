"""Small things that the reader does: a slip in its code would change each of them in silence."""

import gzip
import io
import json
import tarfile

import numpy as np
import pandas as pd
import pytest
from test_read import FRAME, GOOD, HEADER, JSON_ROWS, ROWS, excel, found, parquet, refused, written

import course_utils
from course_utils.command.arguments import parser
from course_utils.command.evaluate import labels_in
from course_utils.command.inputs import look_through, rows_of
from course_utils.command.options import in_options
from course_utils.data.formats import as_cell
from course_utils.data.sources import open_table

assert written  # a fixture


def test_columns_of_one_name_all_come_along(written):
    rows = "".join(f"good {n},praise,a{n},b{n},c{n}\nbad {n},complaint,,,\n" for n in range(3))
    data = course_utils.read_texts(written("text,label,x,x,x\n" + rows))
    assert [data.columns[name][0] for name in ("x", "x_", "x__")] == ["a0", "b0", "c0"]


def test_half_a_sign_is_told_once(written):
    lines = "".join(json.dumps({"text": text}) + "\n" for text in ("a\ud83d", "b", "c\ufffd"))
    data = course_utils.read_texts(written(lines, "my.jsonl"), label=None)
    assert [kind.rows for kind in data.report.repaired] == [[1]]
    assert [kind.rows for kind in data.report.to_see] == [[3]]


def test_one_text_that_begins_with_a_number_is_no_numbering_of_rows(written):
    data = course_utils.read_texts(written(HEADER + "3, 4 times late,complaint\n" + ROWS))
    assert data.texts[0] == "3, 4 times late" and not data.report.notes


def test_blanks_in_other_columns_stay(written):
    rows = "".join(f"good {n},praise,  x\nbad {n},complaint,y\n" for n in range(3))
    data = course_utils.read_texts(written("text,label,who\n" + rows))
    assert data.columns["who"][:2] == ["  x", "y"]


def test_the_separator_is_the_one_that_finds_the_columns(written):
    rows = "".join(f"good {n};praise;\nbad {n};complaint;\n" for n in range(3))
    data = course_utils.read_texts(written("text;label;is it a, b, c, d\n" + rows))
    assert list(data.columns) == ["is it a, b, c, d"]


def test_a_repeated_header_with_empty_cells_behind_it(written):
    content = GOOD.replace("\n", ",,\n") + "text,label,,\nmore,praise,,\n"
    data = course_utils.read_texts(written(content))
    assert found(data, "left out") == {"repeats the names of the columns": (1, [10])}


def test_quotes_written_twice_beside_single_ones(written):
    data = course_utils.read_texts(written(GOOD + '"He said ""no"" and "yes" twice",praise\n'))
    assert data.texts[-1] == 'He said "no" and "yes" twice'


def test_names_of_columns_that_differ_in_case(written):
    rows = "".join(f"good {n},praise,x\nbad {n},complaint,y\n" for n in range(3))
    assert course_utils.read_texts(written("text,label,TEXT\n" + rows)).texts[0] == "good 0"
    assert "found Text, label, TEXT; expected 'text'" in refused(
        written("Text,label,TEXT\n" + rows)
    )


def test_a_table_may_be_called_txt(written):
    data = course_utils.read_texts(written("# by hand\n" + GOOD, "my.txt"))
    assert len(data) == 8 and "stand in row 2" in data.report.notes[0]


def test_strict_minds_no_empty_row(written):
    assert len(course_utils.read_texts(written(GOOD + "\n,\n"), strict=True)) == 8


def test_what_is_only_worth_a_look_is_told(written, capsys):
    course_utils.read_texts(written(GOOD + "lost \ufffd,praise\n"))
    assert "Kept as it is: 1 × letters that were lost before" in capsys.readouterr().out


def test_the_most_frequent_spelling_counts(written):
    for often, seldom in (("Praise", "praise"), ("praise", "Praise")):
        content = GOOD.replace("praise", often) + f"fine,{seldom}\n"
        assert course_utils.read_texts(written(content)).label_names[1 - (often < "a")] == often


def test_names_that_were_given_are_the_spelling(written):
    data = course_utils.read_texts(written(GOOD), label_names=["Complaint", "PRAISE"])
    assert data.label_names == ("Complaint", "PRAISE")
    assert found(data, "repaired") == {
        "label in another spelling, now 'PRAISE'": (4, [2, 4, 6, 8]),
        "label in another spelling, now 'Complaint'": (4, [3, 5, 7, 9]),
    }


@pytest.mark.parametrize("separator", [",", ";", "|"])
def test_rows_in_a_quote_are_a_guess_but_between_tabs(written, separator):
    rows = '"Wow,praise\nfine it is,praise\nfun",praise\n'
    content = (GOOD + rows).replace(",", separator)
    assert "row 10: a double quote opens here" in refused(written(content))


def test_labels_that_are_alike_and_both_frequent_are_no_slips(written):
    rows = "".join(f"good {n},like\nbad {n},likes\n" for n in range(9))
    rows += "".join(f"more {n},likes\n" for n in range(80))
    assert not course_utils.read_texts(written(HEADER + rows)).report.to_see


def test_a_packed_folder_is_named(written):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as folder:
        folder.addfile(tarfile.TarInfo("my.csv"), io.BytesIO())
    assert refused(written(stream.getvalue())) == (
        "my.csv is a packed folder (tar): unpack it first."
    )


@pytest.mark.parametrize(
    ("value", "cell"),
    [(3.0, "3"), (-2.0, "-2"), (1e20, "1e+20"), (0.1, "0.1"), (float("nan"), ""), (pd.NaT, "")],
)
def test_numbers_as_text(value, cell):
    assert as_cell(value) == cell


@pytest.mark.parametrize("above", [19, 20])
def test_names_stand_in_the_first_twenty_rows(written, above):
    remarks = "".join(f"remark {n}\n" for n in range(above))
    sheet = pd.DataFrame([*([f"remark {n}", None] for n in range(above)), ["text", "label"]])
    sheet = pd.concat([sheet, pd.DataFrame(list(zip(FRAME["text"], FRAME["label"], strict=True)))])
    stream = io.BytesIO()
    sheet.to_excel(stream, header=False, index=False)
    for path in (written(remarks + GOOD), written(stream.getvalue(), "my.xlsx")):
        if above < 20:
            assert len(course_utils.read_texts(path)) == 8
        else:
            assert "must hold the names of the columns; found remark 0" in refused(path)


def test_cells_beside_a_sheet_are_no_column(written):
    sheet = FRAME[["text", "label"]].assign(nothing="x").rename(columns={"nothing": None})
    data = course_utils.read_texts(written(excel(sheet), "my.xlsx"))
    assert not data.columns


def test_rows_of_parquet_are_counted_as_in_a_spreadsheet(written):
    labels = [None if n == 6 else name for n, name in enumerate(FRAME["label"])]
    data = course_utils.read_texts(written(parquet(FRAME.assign(label=labels)), "my.parquet"))
    assert found(data, "left out") == {"no label": (1, [8])}


def test_yes_and_no_in_a_list_of_json(written):
    rows = [row | {"label": row["label"] == "praise"} for row in JSON_ROWS]
    content = str(rows).replace("'", '"').replace("True", "true").replace("False", "false")
    assert course_utils.read_texts(written(content, "my.json")).label_names == ("false", "true")


def test_one_line_of_utf_8_in_an_older_file(written):
    older = "".join(f"schön {n},praise\n" for n in range(5)).encode("cp1252")
    content = GOOD.encode() + older + "später,praise\n".encode()
    data = course_utils.read_texts(written(content))
    assert data.texts[8] == "schön 0" and data.report.notes[0].startswith("Saved as Windows-1252")


def test_lines_behind_a_quote_that_is_never_closed_stay_in_order(written):
    lines = [f"line {n},{('praise', 'complaint')[n % 2]}" for n in range(6)]
    data = course_utils.read_texts(written(HEADER + '"Wow,praise\n' + "\n".join(lines)))
    assert data.texts == ('"Wow', *(f"line {n}" for n in range(6)))


@pytest.mark.parametrize(
    "texts",
    [
        ["+100 for this idea"] * 5,
        ["tea+gas"] * 6,
        ["+150", "+104", "+100", "+108", "+144", "+140"],
        ["+wow", "+who", "+gas", "+how", "+pro", "+now"],
        ["cat+gas-pump", "tea+now-or-never", "one+how-to", "air+pro-user", "x+wow-effect"],
        ["Plus+C4o"] * 5,
    ],
)
def test_plus_signs_before_words_and_numbers_are_no_encoding(written, texts):
    assert not " ".join(texts).encode().decode("utf_7").isascii()  # this can be read as UTF-7
    content = "text,number\n" + "".join(f"{text},{n}\n" for n, text in enumerate(texts))
    data = course_utils.read_texts(written(content), label=None, quiet=True)
    assert data == texts and not data.report.notes


@pytest.mark.parametrize("name", ["my.csv", "my.csv.gz"])
@pytest.mark.parametrize("before", range(6))
def test_halves_of_emoji_are_joined_wherever_a_file_is_cut(written, name, before):
    halves = b"".join(half.encode("utf-8", "surrogatepass") for half in ("\ud83d", "\ude00"))
    rows = b"".join(b"wow %d %b thing,%d\n" % (n, halves * 2, n) for n in range(3000))
    content = b"text,number" + b" " * before + b"\n" + rows
    content = gzip.compress(content) if name.endswith(".gz") else content
    data = course_utils.read_texts(written(content, name), label=None, quiet=True)
    assert data == [f"wow {n} 😀😀 thing" for n in range(3000)]
    assert not data.report.to_see and not data.report.notes


def test_a_file_that_ends_in_half_an_emoji_is_read_to_its_end(written):
    for end in (
        b"\xed",
        b"\xed\xa0",
        b"\xed\xa0\xbd",
        b"\xed\xa0\xbd\xed",
        b"\xed\xa0\xbd\xed\xb8",
    ):
        data = course_utils.read_texts(
            written("café\n".encode() * 9 + b"so " + end, "my.txt"), label=None, quiet=True
        )
        assert len(data) == 10 and data[-1].startswith("so ")


def test_nothing_of_a_database_stays_where_cells_are_to_be_as_they_were(written):
    path = written("text,customer,label\nfine,\\N,\\N\n\\N,7,x,\\N\n")
    with open_table(path, as_read=True) as table:
        assert [cells for _, cells in table] == [["fine", "\\N", "\\N"], ["", "7", "x"]]
    assert [kind.rows for kind in table.findings.of("repaired")] == [[3]]
    with open_table(path) as table:
        assert [cells for _, cells in table] == [["fine", "", ""], ["", "7", "x"]]


def test_the_command_writes_other_cells_as_they_were(written):
    path = written("text,customer\nfine,\\N\n\\N,7\nbad,\\N\n")
    assert list(rows_of(path, "text", 0)) == [["fine", "\\N"], ["", "7"], ["bad", "\\N"]]
    report = look_through(path, "text").report
    assert [(kind.what[:2], kind.rows) for kind in report.repaired] == [("\\N", [3])]


def test_letters_of_the_west_in_an_encoding_of_mails(written):
    texts = ["Die Größe stimmt", "zu spät", "Füße kalt", "schön, sehr schön"]
    content = "text\n" + "\n".join(texts)
    said = refused(written(content.encode("utf_7")), label=None)
    assert said.startswith("my.csv writes öß, ä, üß with letters of ASCII (utf_7, made for mails)")


SHORT_OF = {
    "float32": np.array([0.1, 2] * 6, dtype="float32"),
    "float16": np.array([0.1, 2] * 6, dtype="float16"),
    "nullable": pd.array([0.1, None, 2] * 4, dtype="Float32"),
    "categories": pd.Categorical(np.array([0.1, 2] * 6, dtype="float32")),
}


@pytest.mark.parametrize("kind", SHORT_OF)
def test_short_numbers_are_written_as_a_person_writes_them(tmp_path, kind):
    frame = pd.DataFrame({"text": [f"text {n}" for n in range(12)], "label": SHORT_OF[kind]})
    frame.to_parquet(tmp_path / "my.parquet")
    for source in (frame, tmp_path / "my.parquet"):
        data = course_utils.read_texts(source, quiet=True)
        assert data.label_names == ("0.1", "2")
        left = {found.what: found.count for found in data.report.left_out}
        assert left == ({"no label": 4} if kind == "nullable" else {})


def test_short_numbers_in_a_column_of_anything():
    values = [np.float32(0.1), 0.1, "0.1", np.int64(1), 1.0, "1.0"] * 2
    frame = pd.DataFrame({"text": list("abcdefghijkl"), "label": pd.Series(values, dtype=object)})
    assert course_utils.read_texts(frame, quiet=True).label_names == ("0.1", "1")


@pytest.mark.parametrize("short", ["float16", "float32"])
def test_a_column_of_vectors_of_short_numbers(short):
    vectors = [np.array([n, 0.5], dtype=short) for n in range(6)]
    frame = pd.DataFrame({"text": list("abcdef"), "label": list("xyxyxy"), "vector": vectors})
    data = course_utils.read_texts(frame, quiet=True)
    assert data.columns["vector"] == [f"[{n}.0, 0.5]" for n in range(6)]


@pytest.mark.parametrize("kind", ["Int64", "boolean", "category", "Float64"])
def test_labels_of_nullable_columns(tmp_path, kind):
    values = pd.Series([True, False, None] * 4, dtype="boolean").astype(kind)
    frame = pd.DataFrame({"text": list("abcdefghijkl"), "label": values})
    frame.to_parquet(tmp_path / "my.parquet")
    expected = ("0", "1") if kind in ("Int64", "Float64") else ("False", "True")
    for source in (frame, tmp_path / "my.parquet"):
        assert course_utils.read_texts(source, quiet=True).label_names == expected


def test_of_equally_frequent_numbers_the_one_without_a_point_is_the_label(written):
    labels = ["1", "1.0", "0.0", "0"] * 2
    rows = "".join(f"{word},{label}\n" for word, label in zip("abcdefgh", labels, strict=True))
    assert course_utils.read_texts(written("text,label\n" + rows)).label_names == ("0", "1")


def titled(rows: list, path) -> list:
    """The same table as three files: Excel, CSV as Excel saves it, CSV as one types it."""
    frame = pd.DataFrame(rows)
    frame.to_excel(path / "my.xlsx", header=False, index=False)
    frame.to_csv(path / "padded.csv", header=False, index=False)
    lines = (path / "padded.csv").read_text().split("\n")
    (path / "plain.csv").write_text("\n".join(line.rstrip(",") for line in lines))
    return [path / "my.xlsx", path / "padded.csv", path / "plain.csv"]


@pytest.mark.parametrize("title", ["Messages of June", "Messages, June", "Messages\nof June"])
@pytest.mark.parametrize("empty", [0, 1, 3])
def test_rows_below_a_title_are_counted_as_in_a_spreadsheet(tmp_path, title, empty):
    above = [[title, None], *[[None, None]] * empty]
    rows = [*above, ["text", "label"], *zip("abcdefgh", "xy" * 4, strict=True), ["late", None]]
    for path in titled(rows, tmp_path):
        data = course_utils.read_texts(path, quiet=True)
        assert data.texts == tuple("abcdefgh")
        assert found(data, "left out") == {"no label": (1, [len(rows)])}
        assert data.report.notes == (
            f"The names of the columns stand in row {2 + empty}; what stands above was not read: "
            f"'{' '.join(title.split())}'.",
        )


@pytest.mark.parametrize(
    ("top", "rows"),
    [
        (",\n", 1),
        (";;\n", 1),
        ('""\n', 1),
        ('"",""\n', 1),
        ("\u200b,\n", 1),
        (",\n\n\t\n", 3),
        ('"\n"\n', 1),
    ],
)
def test_rows_of_empty_cells_above_the_names_are_no_title(written, top, rows):
    data = course_utils.read_texts(written(top + GOOD + "late,\n"), quiet=True)
    assert len(data) == 8 and data.report.rows == 9 and not data.report.notes
    assert found(data, "left out") == {"no label": (1, [rows + 10])}
    one_column = written(top + "text\na\nb\n")
    if "," not in top and ";" not in top:
        assert course_utils.read_texts(one_column, label=None, quiet=True) == ["a", "b"]


def test_a_quote_in_a_title_is_a_sign_like_others(written):
    content = '"June\n\n' + GOOD + "late,\n"
    data = course_utils.read_texts(written(content), quiet=True)
    assert found(data, "left out") == {"no label": (1, [content.count("\n")])}
    assert "stand in row 3" in data.report.notes[0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_title_of_two_lines_in_a_file_with_any_separator(written, separator):
    title = '"Messages, June\nand July"' + separator + "\n"
    content = title + (GOOD + "late,\n").replace(",", separator)
    for says in ("", f"sep={separator}\n"):
        data = course_utils.read_texts(written(says + content), quiet=True)
        assert found(data, "left out") == {"no label": (1, [11])}
        assert data.report.notes == (
            "The names of the columns stand in row 2; what stands above was not read: "
            "'Messages, June and July'.",
        )


@pytest.mark.parametrize("empty", [0, 1])
def test_names_below_a_title_that_are_others_are_named_with_their_row(tmp_path, empty):
    above = [["Messages of June", None], *[[None, None]] * empty]
    rows = [*above, ["message", "topic"], *zip("abcdefgh", "xy" * 4, strict=True)]
    for path in titled(rows, tmp_path):
        said = refused(path)
        assert f"row {2 + empty}, must hold the names of the columns; found message, topic;" in said
        assert len(course_utils.read_texts(path, "message", "topic", quiet=True)) == 8


def test_texts_below_one_name_are_no_names(written):
    content = "review\nwell, fine\nno, poor, bad\nfine\n"
    said = refused(written(content), label=None)
    assert "row 1, must hold the names of the columns; found review (only" in said


def test_the_command_takes_an_encoding(written):
    text = "‡вук тихий"  # what Mac Cyrillic looks like as Windows-1251
    content = "text,label\n" + "Звук тихий,плохо\n" * 3
    path = written(content.encode("mac_cyrillic"))
    assert look_through(path, "text").report.notes[0].startswith("A guess: saved as Windows-1251.")
    assert next(rows_of(path, "text", 0))[0] == text
    survey = look_through(path, "text", "mac_cyrillic")
    assert survey.report.notes[0].endswith("If not, leave encoding='mac_cyrillic' out.")
    assert list(rows_of(path, "text", 2, "mac_cyrillic")) == [["Звук тихий", "плохо"]]
    assert labels_in(path, "text", "label", "mac_cyrillic") == {"плохо": [2, 3, 4]}


@pytest.mark.parametrize("words", ["train my.csv", "evaluate model my.csv", "predict model in out"])
def test_each_command_that_reads_has_the_option(words):
    assert parser().parse_args([*words.split(), "--encoding", "gbk"]).encoding == "gbk"


def test_the_sentence_about_an_encoding_speaks_of_the_option(written):
    content = ("text\tnumber\n" + "Звук тихий\t1\n").encode("mac_cyrillic")
    (note,) = look_through(written(content), "text").report.notes
    assert in_options(note).endswith("If not, say --encoding mac_cyrillic or another.")


def test_merged_cells_are_read_for_each_of_their_rows(tmp_path):
    """A label over three rows is the label of each; a text is one text; an empty row stays so."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["A title over all"])
    sheet.merge_cells("A1:B1")
    sheet.append(["text", "label"])
    for n in range(12):
        sheet.append([f"text {n}", ("praise", "complaint")[n // 6] if n % 3 == 0 else None])
        if n % 3 == 0:
            sheet.merge_cells(start_row=n + 3, end_row=n + 5, start_column=2, end_column=2)
    sheet.append(["one text over two rows", "praise"])
    sheet.append([None, "praise"])
    sheet.merge_cells("A15:A16")
    sheet.append(["the last", "praise"])
    sheet.merge_cells("B17:B18")
    book.save(tmp_path / "my.xlsx")
    data = course_utils.read_texts(tmp_path / "my.xlsx", quiet=True)
    assert data.counts() == {"complaint": 6, "praise": 8}
    said = str(data.report)
    assert "8 × merged cell of the column 'label', filled down" in said
    assert "1 × the text is merged with the one above, and was read once" in said


def test_what_says_that_there_is_no_text_is_none(written):
    nothing = ["n/a", "N/A", "NULL", "-", "None", "?"]
    rows = "".join(f"{text},praise\n" for text in nothing) + "ok,praise\nNot - at all?,praise\n"
    data = course_utils.read_texts(written(GOOD + rows), quiet=True)
    plain = course_utils.read_texts(written(GOOD + "ok,praise\nNot - at all?,praise\n"), quiet=True)
    assert data.texts == plain.texts and "ok" in data.texts
    assert "1 × no text, only 'NULL'" in data.report.__str__()
    assert [kind.count for kind in data.report.left_out] == [1] * 6


def test_a_label_that_may_be_none_is_kept_and_told(written):
    rows = "".join(f"some text {n},n/a\n" for n in range(3))
    data = course_utils.read_texts(written(GOOD + rows), quiet=True)
    assert data.counts()["n/a"] == 3
    assert "3 × the label 'n/a' may say that there is none" in str(data.report)


def test_headlines_are_english_and_other_languages_are_not():
    from course_utils.data.english import looks_foreign

    for part in (*course_utils.load_headlines(quiet=True), *course_utils.load_reviews(quiet=True)):
        assert not looks_foreign(part.texts)
    for text in (
        "Mein Paket ist nicht da, und niemand hat in der letzten Woche geantwortet.",
        "Le film était trop long, mais la fin nous a plu et on a bien ri.",
        "Het pakket is nog niet aangekomen en ik ben door niemand geholpen.",
        "La película es buena, pero el final no me gusta y el sonido es malo.",
    ):
        assert looks_foreign([text] * 20)
        assert not looks_foreign([text])  # of so few words, nobody can tell
