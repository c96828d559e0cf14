"""Odd files are read as a person would read them, and nothing happens in silence."""

import bz2
import csv
import gzip
import io
import json
import lzma
import re
import zipfile
from contextlib import redirect_stdout
from datetime import date, datetime, time

import languages
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from languages import ARABIC, GREEK, HEBREW, RUSSIAN, THAI, UKRAINIAN, lines

import course_utils
from course_utils import DataError
from course_utils.command.inputs import look_through
from course_utils.data.findings import Findings, shown
from course_utils.data.read import says_nothing
from course_utils.data.sources import open_table

HEADER = "text,label\n"
ROWS = "".join(f"good {i},praise\nbad {i},complaint\n" for i in range(4))  # rows 2 to 9
GOOD = HEADER + ROWS


@pytest.fixture
def written(tmp_path):
    """Writes a file and returns its path."""

    def write(content, name="my.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused(path, **options) -> str:
    with pytest.raises(DataError) as caught:
        course_utils.read_texts(path, **options)
    return str(caught.value)


def found(data, done: str) -> dict:
    """What a report says was done: what was found, in how many rows, and in which."""
    kinds = {"left out": data.report.left_out, "repaired": data.report.repaired}[done]
    return {kind.what: (kind.count, kind.rows) for kind in kinds}


def check_count(data):
    left_out = sum(kind.count for kind in data.report.left_out)
    assert data.report.rows == data.report.kept + left_out
    texts = data if isinstance(data, list) else data.texts
    assert data.report.kept == len(texts)


# --- files without a fault ---


def test_example_csv(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # it is found from any folder
    data = course_utils.from_csv(course_utils.example_csv())
    assert repr(data) == "library_messages: 120 texts (40 complaint, 40 praise, 40 question)"
    assert any('"' in text for text in data.texts)  # a quoted cell with quotes inside
    assert not data.report.found_something and not capsys.readouterr().out


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r\r\n"),
        GOOD.replace("\n", "\r"),
        "\ufeff" + GOOD,
        "\ufeff\ufeff" + GOOD,
        '\ufeff"text","label"\r\n' + ROWS,
        "text,label\u200b\n" + ROWS,
        " Text , LABEL \n" + ROWS.replace(",", " , "),
        "\n\n" + GOOD,
        "sep=;\n" + GOOD.replace(",", ";"),
        "sep=\\t\n" + GOOD.replace(",", "\t"),
        '"sep=|"\r\n' + GOOD.replace(",", "|"),
        "label, text\n" + "".join(f'praise, "good {i}"\ncomplaint, "bad {i}"\n' for i in range(4)),
        "'text','label'\n"
        + "".join(f"'good {i}','praise'\n'bad {i}','complaint'\n" for i in range(4)),
    ],
)
def test_csv_as_programs_write_it(written, content):
    data = course_utils.read_texts(written(content))
    assert repr(data) == "my: 8 texts (4 complaint, 4 praise)"
    assert data.texts[:3] == ("good 0", "bad 0", "good 1")
    assert data.labels[:3] == (1, 0, 1)
    assert not data.report.notes
    check_count(data)


def test_the_other_columns_come_along(written):
    rows = "".join(f"{n};good {n};praise;Ann\n{n};bad {n};complaint;\n" for n in range(3))
    data = course_utils.read_texts(written(";text;label;customer\n" + rows))
    assert data.columns == {
        "column 1": ["0", "0", "1", "1", "2", "2"],
        "customer": ["Ann", "", "Ann", "", "Ann", ""],
    }
    assert data.take([1, 4]).columns["column 1"] == ["0", "2"]


def test_cells_with_everything_in_them(written):
    odd = '"two\nlines, and ""quotes""",praise\n"semi;colon",complaint\nnaïve 😍,praise\n'
    data = course_utils.read_texts(written(GOOD + odd))
    assert data.texts[8:] == ('two\nlines, and "quotes"', "semi;colon", "naïve 😍")


def test_labels_that_are_numbers_stand_in_the_order_of_numbers(written):
    table = "id,comment,stars\n" + "".join(
        f"{i},fine {i},2\n{i},bad {i},10\n{i},so la la {i},-1\n" for i in range(3)
    )
    path = written(table)
    data = course_utils.read_texts(path, text="comment", label="stars")
    assert data.label_names == ("-1", "2", "10")
    named = course_utils.read_texts(path, "comment", "stars", label_names=[10, 2, -1, 99])
    assert named.label_names == ("10", "2", "-1", "99")
    assert named.counts() == {"10": 3, "2": 3, "-1": 3, "99": 0}


def test_numbers_with_a_decimal_comma_stand_in_their_order(written):
    table = "text;label\n" + "".join(
        f"fine {i};2,5\nso la la {i};10\nbad {i};-1,5\nhm {i};1\n" for i in range(3)
    )
    assert course_utils.read_texts(written(table)).label_names == ("-1,5", "1", "2,5", "10")


def test_a_decimal_comma_or_two_labels(written):
    rows = "".join(f"fine {i};2,5\nso la la {i};2\nbad {i};5\n" for i in range(3))
    assert "3 rows (2, 5, 8): two labels, or a number? Of labels, a text has one; a number is " in (
        refused(written("text;label\n" + rows))
    )


@pytest.mark.parametrize("form", ["{}", "{}.5", "-{},5", "+{}", "1.{:03}.000,5", "{}%"])
def test_texts_that_are_numbers_only_if_that_is_said(written, form):
    rows = "".join(f"{form.format(n)};{('a', 'b')[n % 2]}\n" for n in range(10))
    path = written("text;label\n" + rows)
    assert refused(path).endswith("is it the right column? If it is, say numbers=True.")
    data = course_utils.read_texts(path, numbers=True)
    assert len(data) == 10 and data.texts[3] == form.format(3)
    assert course_utils.read_texts(path, label=None, numbers=True)[3] == form.format(3)


def test_texts_without_labels(written):
    texts = course_utils.read_texts(written("id,text\n1,fine\n2,\n3,poor\n"), label=None)
    assert texts == ["fine", "poor"] and isinstance(texts, list)
    assert texts.columns == {"id": ["1", "3"]} and texts.name == "my"
    assert found(texts, "left out") == {"no text": (1, [3])}
    of_r = course_utils.read_texts(written('"id","text"\n"1","7","fine"\n'), label=None)
    assert of_r == ["fine"] and of_r.columns["id"] == ["7"]  # R counts rows, without a name
    lines = course_utils.read_texts(written("fine, thanks\n\npoor\n", "my.txt"), label=None)
    assert lines == ["fine, thanks", "poor"]
    named = course_utils.read_texts(written("text\nfine\npoor\n", "my.txt"), label=None)
    assert named == ["fine", "poor"]


def test_a_cell_may_hold_a_whole_book(written):
    book = "one more page, " * 20_000  # 300,000 characters; csv alone stops at 131,072
    rows = [f'"{book} {n}",{("ham", "spam")[n % 2]}' for n in range(6)]
    usual = 131_072
    before = csv.field_size_limit(usual)
    data = course_utils.read_texts(written("\n".join(["text,label", *rows])))
    assert len(data) == 6 and len(data.texts[0]) > 299_000
    assert csv.field_size_limit(before) == usual


# --- other formats ---

FRAME = pd.DataFrame(
    {
        "text": [f"{word} {i}" for i in range(4) for word in ("good", "bad")],
        "label": ["praise", "complaint"] * 4,
        "when": pd.date_range("2026-01-01", periods=8),
    }
)


def short(value):
    """The name of a case: packed files hold the time of day, and differ between two workers."""
    return "packed" if isinstance(value, bytes) else None


def parquet(frame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def excel(*frames) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream) as book:
        for number, frame in enumerate(frames):
            frame.to_excel(book, sheet_name=f"sheet {number}", index=False)
    return stream.getvalue()


def zipped(**files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("_", "."), content)
    return stream.getvalue()


JSON_ROWS = [{"text": t, "label": n} for t, n in zip(FRAME["text"], FRAME["label"], strict=True)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("my.parquet", parquet(FRAME)),
        ("my.xlsx", excel(FRAME)),
        ("my.xlsx", excel(FRAME, FRAME)),
        ("my.jsonl", "\n".join(map(json.dumps, JSON_ROWS))),
        ("my.json", json.dumps(JSON_ROWS)),
        ("my.json", json.dumps({"version": 3, "data": JSON_ROWS}, indent=2)),
        ("my.csv.gz", gzip.compress(GOOD.encode(), mtime=0)),
        ("my.csv.bz2", bz2.compress(GOOD.encode())),
        ("my.csv.xz", lzma.compress(GOOD.encode())),
        ("my.jsonl.gz", gzip.compress("\n".join(map(json.dumps, JSON_ROWS)).encode(), mtime=0)),
        ("packed.zip", zipped(my_csv=GOOD)),
        ("packed.zip", zipped(my_xlsx=excel(FRAME))),
        ("packed.zip", zipped(**{"my_csv": GOOD, "__MACOSX/.my_csv": "", "folder/": ""})),
        ("wrong_ending.csv", parquet(FRAME)),
    ],
    ids=short,
)
def test_formats(written, name, content):
    data = course_utils.read_texts(written(content, name))
    assert data.texts == tuple(FRAME["text"]) and data.label_names == ("complaint", "praise")
    assert data.name in ("my", "wrong_ending")
    if "when" in data.columns:
        assert data.columns["when"][0] == "2026-01-01"
    check_count(data)


def test_a_frame():
    data = course_utils.read_texts(FRAME)
    assert data.texts == tuple(FRAME["text"]) and data.columns["when"][7] == "2026-01-08"
    numbers = FRAME.assign(label=[1.0, 0.0, 1, 0, 1, 0, None, 0])
    data = course_utils.read_texts(numbers)
    assert data.label_names == ("0", "1")
    assert found(data, "left out") == {"no label": (1, [8])}


def test_a_sheet_gives_the_same_as_the_csv_file_made_of_it(written):
    """Numbers, dates, times, and yes or no, as a spreadsheet shows them and writes them."""
    rows = [
        [f"{word} {n}", n % 2 + 1, 1.5 * n, date(2026, 1, n), time(9, n), n > 3, n or None]
        for n in range(1, 6)
        for word in ("good", "bad")
    ]
    columns = ["text", "label", "price", "day", "at", "paid", "number"]
    seen = "".join(
        f"{text},{label},{price:g},{day:%Y-%m-%d},{at:%H:%M:%S},{str(paid).upper()},{number}\n"
        for text, label, price, day, at, paid, number in rows
    )
    rows[0][-1] = None
    seen = seen.replace(",1\n", ",\n", 1)
    sheet = course_utils.read_texts(
        written(excel(pd.DataFrame(rows, columns=columns)), "my.xlsx"), quiet=True
    )
    table = course_utils.read_texts(written(",".join(columns) + "\n" + seen), quiet=True)
    assert sheet == table and sheet.label_names == ("1", "2")
    assert sheet.columns == table.columns and sheet.columns["paid"][0] == "FALSE"
    moment = pd.DataFrame({"text": ["a"], "at": [datetime(2026, 1, 2, 9, 30)]})
    (found,) = course_utils.read_texts(written(excel(moment), "a.xlsx"), label=None).columns["at"]
    assert found == "2026-01-02 09:30:00"


def test_yes_and_no_of_json_are_written_as_there(written):
    lines = "".join(f'{{"text": "a {n}", "label": {["true", "false"][n % 2]}}}\n' for n in range(6))
    data = course_utils.read_texts(written(lines, "my.jsonl"))
    assert data.label_names == ("false", "true")
    frame = FRAME.assign(label=FRAME["label"] == "praise")
    assert course_utils.read_texts(frame).label_names == ("False", "True")


def test_a_note_tells_that_an_excel_file_has_more_sheets(written):
    data = course_utils.read_texts(written(excel(FRAME, FRAME), "my.xlsx"))
    only = (
        "Only the first sheet was read, 'sheet 0'; if your texts are in 'sheet 1', move that sheet"
    )
    assert data.report.notes == (f"{only} to the front.",)
    overview = pd.DataFrame({"Month": ["May"], "Sum": [3]})
    for first in (overview, pd.DataFrame()):
        path = written(excel(first, FRAME), "my.xlsx")
        assert refused(path).endswith(f"{only} to the front.")
        with pytest.raises(course_utils.DataError, match="move that sheet to the front"):
            look_through(path, "text")


def test_missing_package_names_the_line_that_installs_it(written, monkeypatch):
    path = written(parquet(FRAME), "my.parquet")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(course_utils.MissingPackage, match=r'pip install "bert-transfer-course\['):
        course_utils.read_texts(path)


def workbook(rows) -> bytes:
    """A hidden sheet, and one with a title above the names."""
    book = openpyxl.Workbook()
    book.active["A1"] = "hidden"
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Data")
    for place, row in {2: ["Feedback 2026"], 4: ["Text", "Label"], **rows}.items():
        for column, value in enumerate(row, start=1):
            sheet.cell(place, column, value)
    stream = io.BytesIO()
    book.active = 1
    book.save(stream)
    return stream.getvalue()


def test_an_excel_file_with_a_title_and_a_hidden_sheet(written):
    rows = dict(enumerate(zip(FRAME["text"], FRAME["label"], strict=True), start=5))
    content = workbook(rows | {13: ["fine", None]})
    for path in (written(content, "my.xlsx"), written(gzip.compress(content), "my.xlsx.gz")):
        data = course_utils.read_texts(path)
        assert data.texts == tuple(FRAME["text"])
        assert data.report.notes == (
            "Only the first sheet was read, 'Data'.",
            "The names of the columns stand in row 4; what stands above was not read: "
            "'Feedback 2026'.",
        )
        assert found(data, "left out") == {"no label": (1, [13])}


def test_objects_in_objects(written):
    lines = "\n".join(
        json.dumps({"id": 1, "data": {"text": row["text"], "by": {"name": "Ann"}}})
        for row in JSON_ROWS
    )
    texts = course_utils.read_texts(written(lines, "my.jsonl"), text="data.text", label=None)
    assert texts == list(FRAME["text"]) and texts.columns["data.by.name"][0] == "Ann"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"version": 3, "data": JSON_ROWS}),
        json.dumps({"features": [{"name": "text"}], "data": JSON_ROWS}),
        json.dumps({"features": [{}], "rows": [{"row_idx": 1, "row": row} for row in JSON_ROWS]}),
    ],
)
def test_what_servers_answer_is_one_line_of_json(written, content):
    assert course_utils.read_texts(written(content, "my.json")).texts == tuple(FRAME["text"])


def test_json_lines_longer_than_what_is_looked_at(written):
    long = [
        {"text": f"{row['text']} \u2028 {'x ' * 40_000}", "label": row["label"]}
        for row in JSON_ROWS
    ]
    lines = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in long)
    data = course_utils.read_texts(written("\ufeff" + lines, "my.jsonl"))
    assert data.texts[1].startswith("bad 0 \u2028 x") and len(data.texts[1]) > 79_000
    assert course_utils.read_texts(written(json.dumps(JSON_ROWS), "a.jsonl")).texts == tuple(
        FRAME["text"]
    )


def test_bytes_in_a_parquet_file_are_text(written):
    content = parquet(FRAME.assign(text=FRAME["text"].str.encode("utf-8")))
    assert course_utils.read_texts(written(content, "my.parquet")).texts == tuple(FRAME["text"])


@pytest.mark.parametrize("problem", [RuntimeError("no memory"), OSError("disk full")])
def test_a_fault_of_who_reads_is_not_one_of_the_packed_file(written, problem):
    path = written(gzip.compress(GOOD.encode(), mtime=0), "my.csv.gz")
    with pytest.raises(type(problem), match=str(problem)), open_table(path) as table:
        for _ in table:
            raise problem


# --- encodings ---

ABROAD = ["Das Café ist schön", "Größe 5 für £3", "“quoted” – naïve", "Jürgen grüßt"]
CHINESE = ["这个电影很好看", "质量太差了，不推荐", "服务态度非常好", "再也不会来了"]
JAPANESE = ["この映画はとても面白い", "サービスが悪かった", "また行きたいです", "値段が高すぎる"]
KOREAN = ["영화가 정말 재미있어요", "배송이 너무 늦어요", "다시는 사지 않겠어요"]
POLISH = ["źle, łatwo się psuje", "paczka nie dotarła", "proszę o zwrot"]
CZECH = ["zboží nedorazilo", "příliš drahé", "děkuji, výborné"]
TURKISH = ["çok güzel, teşekkürler", "ağır ve pahalı", "iyi değil"]


@pytest.mark.parametrize(
    ("texts", "codec", "told"),
    [
        (ABROAD, "utf-8", ""),
        (ABROAD, "utf-16", "UTF-16"),
        (ABROAD, "utf-16-le", "UTF-16"),
        (ABROAD, "utf-16-be", "UTF-16"),
        (ABROAD, "utf-32", "UTF-32"),
        (ABROAD, "cp1252", "Windows-1252"),
        (ABROAD[:2], "latin-1", "Windows-1252"),
        (CHINESE, "gb18030", "GBK"),
        (JAPANESE, "cp932", "Shift-JIS"),
        (["服務態度非常好", "品質太差了", "這部電影很好看", "再也不會來了"], "big5", "Big5"),
        (CHINESE[:1], "gb18030", "GBK"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (KOREAN, "cp949", "EUC-KR"),
        (POLISH, "cp1250", "Windows-1250"),
        (CZECH, "cp1250", "Windows-1250"),
        (TURKISH, "cp1254", "Windows-1254"),
    ],
)
def test_encodings(written, texts, codec, told):
    many = [f"{text} {n}" for n in range(6) for text in texts]
    rows = "".join(f"{text}\t{('ja', 'nein')[n % 2]}\n" for n, text in enumerate(many))
    data = course_utils.read_texts(written(("text\tlabel\n" + rows).encode(codec)))
    assert data.texts == tuple(many)
    assert told in "".join(data.report.notes)
    assert bool(data.report.notes) == bool(told)


def test_the_letters_that_one_encoding_may_have_wrong_are_shown(written):
    data = course_utils.read_texts(written((GOOD + "5£ für Café,praise\n").encode("cp1252")))
    assert data.texts[-1] == "5£ für Café"
    assert data.report.notes == (
        "Saved as Windows-1252, not UTF-8. Are these letters right? 5£, für, Café. If not, "
        'say read_texts(..., encoding="cp1250") or another.',
    )


@pytest.mark.parametrize(
    "text",
    "Das ist schön|Größe passt nicht|für mich nichts|zu spät geliefert|ça marche bien|très bon"
    "|“Über uns|¿Dónde está?"
    "|Mañana vuelvo|£5 only|it’s fine|“great” – really|São Paulo|kød og brød|é".split("|"),
)
def test_one_short_text_of_western_europe_is_enough(written, text):
    data = course_utils.read_texts(written((GOOD + text + ",praise\n").encode("cp1252")))
    assert data.texts[-1] == text and "Windows-1252" in data.report.notes[0]


def test_one_line_in_another_encoding(written):
    content = (GOOD + "schön,praise\nCafé,praise\n").encode() + "naïve £,praise\n".encode("cp1252")
    data = course_utils.read_texts(written(content))
    assert data.texts[-3:] == ("schön", "Café", "naïve £")
    assert "letters of Windows-1252 in 1 line: naïve, £." in data.report.notes[0]


@pytest.mark.parametrize(
    ("texts", "codec", "told"),
    [
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "koi8_r", "KOI8-R"),
        (RUSSIAN, "cp866", "DOS Cyrillic"),
        (RUSSIAN, "iso8859_5", "ISO-8859-5"),
        (RUSSIAN, "mac_cyrillic", "Mac Cyrillic"),
        (UKRAINIAN, "cp1251", "Windows-1251"),
        (UKRAINIAN, "koi8_u", "KOI8-U"),
        (GREEK, "cp1253", "Windows-1253"),
        (GREEK, "iso8859_7", "ISO-8859-7"),
        (HEBREW, "cp1255", "Windows-1255"),
        (ARABIC, "cp1256", "Windows-1256"),
        (ARABIC, "iso8859_6", "ISO-8859-6"),
        (THAI, "cp874", "Windows-874"),
    ],
)
def test_encodings_of_other_scripts(written, texts, codec, told):
    """All texts, or eight of them, are enough; of one alone, a wrong reading is told as a guess."""
    texts, wrong = lines(texts), 0

    def read(some):
        rows = "".join(f"{text}\t{n}\n" for n, text in enumerate(some))
        content = ("text\tnumber\n" + rows).encode(codec)
        return course_utils.read_texts(written(content), label=None, quiet=True)

    for some in (texts, texts[:8], texts[8:16], texts[16:24], texts[24:]):
        data = read(some)
        assert data == some
        (note,) = data.report.notes
        assert told in note or len(some) < 32  # where they write the same letters in the same way
    for text in texts:
        data = read([text])
        if data != [text]:
            wrong += 1
            assert data.report.notes[0].startswith("A guess: saved as ")
    assert wrong <= (21 if codec == "mac_cyrillic" else 6)


@pytest.mark.parametrize(
    ("language", "codec", "told"),
    [
        *((name, "cp1252", "Windows-1252") for name in ("GERMAN", "FRENCH", "SPANISH", "DANISH")),
        *((name, "mac_roman", "Mac Roman") for name in ("GERMAN", "FRENCH", "SPANISH", "DANISH")),
        *((name, "cp850", "DOS 850") for name in ("GERMAN", "FRENCH", "SPANISH", "DANISH")),
        *(
            (name, "cp1250", "Windows-1250")
            for name in ("POLISH", "CZECH", "HUNGARIAN", "ROMANIAN")
        ),
        *((name, "iso8859_2", "ISO-8859-2") for name in ("POLISH", "CZECH")),
        *((name, "cp852", "DOS 852") for name in ("POLISH", "CZECH", "HUNGARIAN")),
        *(("PORTUGUESE", codec, "") for codec in ("cp1252", "mac_roman", "cp850")),
        ("TURKISH", "cp1254", "Windows-1254"),
        ("HUNGARIAN", "iso8859_2", ""),  # as in Windows-1250, for the letters that it has
    ],
)
def test_encodings_of_latin_letters(written, language, codec, told):
    """A whole file is read right; of one text alone, a wrong reading is told as a guess."""
    texts = lines(getattr(languages, language))
    path = written(("text\n" + "\n".join(texts)).encode(codec), "my.txt")
    data = course_utils.read_texts(path, label=None, quiet=True)
    assert data == texts and told in data.report.notes[0]
    for text in texts:
        alone = written(("text\n" + text).encode(codec), "my.txt")
        data = course_utils.read_texts(alone, label=None, quiet=True)
        if data != [text]:
            assert data.report.notes[0].startswith("A guess: saved as ") and codec != "cp1252"


def test_english_with_prices_and_quotes_is_no_other_language(written):
    texts = [f"“It’s £{n}m,” he said – at 5£ … don’t" for n in range(30)]
    data = course_utils.read_texts(
        written(("text\n" + "\n".join(texts)).encode("cp1252"), "a.txt"), label=None
    )
    assert data == texts and data.report.notes[0].startswith("Saved as Windows-1252, not UTF-8.")


def test_the_letters_that_are_shown_are_those_that_are_read(written):
    texts = lines(RUSSIAN)[:1]
    path = written(("text\tnumber\n" + texts[0] + "\t1\n").encode("mac_cyrillic"))
    data = course_utils.read_texts(path, label=None)
    assert f"Are these letters right? {', '.join(data[0].split()[:2])}, " in data.report.notes[0]
    assert "letters that were lost before" in data.report.to_see[0].what


def test_the_next_best_encoding_is_offered(written):
    texts = lines(RUSSIAN)[3:4]
    path = written(("text\tnumber\n" + texts[0] + "\t1\n").encode("mac_cyrillic"))
    data = course_utils.read_texts(path, label=None)
    assert data == ["Ѓольше не приду в этот магазин"]
    assert data.report.notes == (
        "A guess: saved as Windows-1251. Are these letters right? Ѓольше, не, приду. "
        'If not, say read_texts(..., encoding="mac_cyrillic") or another.',
    )
    assert course_utils.read_texts(path, label=None, encoding="mac_cyrillic") == texts


@pytest.mark.parametrize(
    ("texts", "codec"),
    [
        (RUSSIAN, "utf_7"),
        ("\n".join(JAPANESE * 2), "utf_7"),
        ("\n".join(JAPANESE * 2), "iso2022_jp"),
        ("\n".join(f"{text} ＡＢ" for text in JAPANESE * 2), "iso2022_jp"),  # a brand among them
    ],
)
def test_encodings_of_mails_are_refused_in_one_sentence(written, texts, codec):
    texts = "\n".join(f"{text} {n}" for n, text in enumerate(lines(texts)))
    rows = "".join(f"{text};{'ab'[n % 2]}\n" for n, text in enumerate(lines(texts)))
    path = written(("text;label\n" + rows).encode(codec))
    words = re.findall(r"[^\W\d]+", texts)[:3]
    said = refused(path)
    assert said.startswith(f"my.csv writes {', '.join(words)[:20]}")
    assert f"with letters of ASCII ({codec}, made for mails): open it in your spread" in said
    data = course_utils.read_texts(path, encoding=codec)
    assert list(data.texts) == lines(texts)


def test_plus_signs_are_no_encoding(written):
    odd = ["C++", "A+ for all", "+49 30 1234-5", "a+b-c and x+yz-", "2+2-4", "+-"]
    odd_letters = ["one+two-three", "cat+dog-food", "tea+egg-roll", "air+gas-pump"]  # are UTF-7
    assert [not text.encode().decode("utf_7").isascii() for text in odd_letters] == [True] * 4
    for texts in (odd, odd_letters):
        data = course_utils.read_texts(written("text\n" + "\n".join(texts * 9)), label=None)
        assert data == texts * 9 and not data.report.notes


def test_the_encoding_can_be_said(written):
    path = written((GOOD + "caf\xe9,praise\n").encode("cp1252"))
    assert course_utils.read_texts(path, encoding="cp1251").texts[-1] == "cafй"
    for odd in ("klingon", "hex"):
        assert refused(path, encoding=odd).startswith(f"encoding='{odd}' is none that Python")


@pytest.mark.parametrize("named", ["utf8", "UTF-8", "utf_8", "utf-8", "ascii", "utf-16"])
def test_an_encoding_that_does_not_fit_is_refused(written, named):
    path = written((GOOD + "caf\xe9,praise\n").encode("cp1252"))
    line = 1 if named == "utf-16" else GOOD.count("\n") + 1
    assert refused(path, encoding=named) == (
        f"my.csv is not {named} (the first odd byte is in line {line}): leave "
        f"encoding='{named}' out (it looks like cp1252)."
    )


def test_all_spellings_of_an_encoding_read_the_same(written):
    for codec, spellings in {"cp1252": "windows-1252 CP1252", "utf-8": "utf8 UTF_8"}.items():
        path = written(
            (GOOD + "für Café\x81,praise\n").encode("utf-8" if codec != "cp1252" else "latin-1")
        )
        if codec == "cp1252":  # a byte that stands for nothing
            assert "is not windows-1252" in refused(path, encoding="windows-1252")
            path = written((GOOD + "für Café,praise\n").encode(codec))
        for named in spellings.split():
            read = course_utils.read_texts(path, encoding=named).texts
            assert read[-1].startswith("für Café")


def test_the_letters_of_an_encoding_that_was_named_are_shown(written):
    path = written((GOOD + "für Café,praise\n").encode("cp1252"))
    (note,) = course_utils.read_texts(path, encoding="windows-1252").report.notes
    assert note == "Are these letters right? für, Café. If not, leave encoding='windows-1252' out."
    path = written(GOOD + "für Café,praise\n")
    (note,) = course_utils.read_texts(path, encoding="cp1252").report.notes
    assert note.startswith("This file is UTF-8: leave encoding='cp1252' out, it makes fÃ¼r, CafÃ©")
    for plain in (dict(encoding="utf8"), {}):
        assert not course_utils.read_texts(path, **plain).report.notes


# --- names that do not stand in the first row, or are one short ---


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (
            "# made by hand\n# in March, 2026\n\n" + GOOD,
            "The names of the columns stand in row 4; what stands above was not read: "
            "'# made by hand' and more.",
        ),
        (
            '"text","label"\n'
            + "".join(f'"{n}","{t}",x\n"{n}9","y{t}",z\n' for n, t in enumerate("abc")),
            "The first column has no name: it numbers the rows.",
        ),
        (
            '"text" "label"\n'
            + "".join(f'"{n}" "{t}" "x"\n"{n}9" "y{t}" "z"\n' for n, t in enumerate("abc")),
            "The first column has no name: it numbers the rows.",
        ),
    ],
)
def test_names_as_people_and_r_write_them(written, content, note):
    data = course_utils.read_texts(written(content))
    assert data.report.notes == (note,)
    assert data.texts[:2] in (("good 0", "bad 0"), ("a", "ya"))
    assert list(data.columns) in ([], ["column 1"])


def test_quotes_as_databases_write_them(written):
    rows = "".join(
        f'"{n}","he said \\"no, {n}\\" in C:\\\\x","{name}"\n' for n, name in enumerate("aaabbb")
    )
    data = course_utils.read_texts(written('"id","text","label"\n' + rows))
    assert data.texts[0] == 'he said "no, 0" in C:\\x' and len(data) == 6
    assert data.columns == {"id": list("012345")}
    assert "written \\" in data.report.notes[0]
    plain = course_utils.read_texts(written(GOOD + '"in C:\\",praise\n'))
    assert plain.texts[-1] == "in C:\\" and not plain.report.notes


# --- what is repaired, and reported ---

ODD = {
    "quote in a tab-separated file": (
        GOOD.replace(",", "\t") + '"Wow\tpraise\nfine it is\tpraise\nfun"\tpraise\n',
        {"double quotes read as plain signs": (1, [10])},
        ['"Wow', "fine it is", 'fun"'],
    ),
    "quote that is never closed": (
        GOOD + 'x\n"Wow,praise\nfine it is,praise\n',
        {"double quotes read as plain signs": (1, [11])},
        ['"Wow', "fine it is"],
    ),
    "quotes in the middle of a quoted cell": (
        GOOD + '"I say "a" b",praise\n"Good" book,praise\n',
        {"double quotes read as plain signs": (2, [10, 11])},
        ['I say "a" b', '"Good" book'],
    ),
    "what a database writes for nothing": (
        GOOD.replace("label", "label,who") + "\\N in a text,praise,\\N\n",
        {"\\N of a database, an empty cell": (1, [10])},
        ["\\N in a text"],
    ),
    "labels in other spellings": (
        GOOD + "x,Praise\ny, praise\u200b \n",
        {"label in another spelling, now 'praise'": (1, [10])},
        ["x", "y"],
    ),
}
ONE_ODD_TEXT = {
    "end of \0 text": ("end of  text", "signs that nobody sees, taken out of the text"),
    "first part\rsecond part": ("first part second part", "line break in the middle of a text"),
    "Well, no, never": ("Well, no, never", "text goes on after a separator"),
}
ODD |= {
    what: (GOOD + text + ",praise\n", {what: (1, [10])}, [read])
    for text, (read, what) in ONE_ODD_TEXT.items()
}


@pytest.mark.parametrize(("content", "repaired", "texts"), ODD.values(), ids=ODD)
def test_repaired_and_reported(written, content, repaired, texts):
    data = course_utils.read_texts(written(content))
    assert list(data.texts[8:]) == texts
    assert found(data, "repaired") == repaired
    assert all(data.label_names[label] == "praise" for label in data.labels[8:])
    check_count(data)


def test_text_goes_on_in_columns_without_a_name(written):
    rows = "".join(f"ham,hello {i},,,\nspam,win {i},,,\n" for i in range(4))
    content = "v1,v2,,,\n" + rows + 'spam,call me now, or never, it is free," ok",\n'
    data = course_utils.read_texts(written(content.encode("latin-1")), text="v2", label="v1")
    assert data.texts[-1] == "call me now, or never, it is free, ok"
    assert found(data, "repaired") == {"text goes on in columns without a name": (1, [10])}
    assert not data.columns


def test_whole_numbers_with_and_without_a_point_are_one_label(written):
    rows = "".join(f"a {i},1\nb {i},0\n" for i in range(4)) + "c,1.0\nd,0.0\n"
    data = course_utils.read_texts(written(HEADER + rows))
    assert data.label_names == ("0", "1") and data.labels[-2:] == (1, 0)
    assert sum(kind.count for kind in data.report.repaired) == 2


def test_a_label_alone_in_a_list(written):
    lines = [{"text": row["text"], "label": [row["label"]]} for row in JSON_ROWS]
    lines.append({"text": "so la la", "label": []})
    data = course_utils.read_texts(written("\n".join(map(json.dumps, lines)), "my.jsonl"))
    assert data.label_names == ("complaint", "praise")
    assert found(data, "repaired") == {"label alone in a list": (8, [1, 2, 3, 4, 5])}
    assert found(data, "left out") == {"no label": (1, [9])}


def test_labels_that_are_words_like_others(written):
    labels = ["N/A", "None", "nan", "NULL", "(other)", "1,0", "01", "1", "good.", "good"]
    long = ["12345678901234567", "12345678901234568"]
    rows = "".join(f"text {n};{label}\n" for n in range(3) for label in labels + long)
    rows = "".join(f"{n} {row}\n" for n, row in enumerate(rows.splitlines()))
    data = course_utils.read_texts(written("text;label\n" + rows))
    assert set(data.label_names) == {*labels, *long}
    assert not data.report.left_out and not data.report.repaired
    said = [kind.what for kind in data.report.to_see]
    assert said == [f"the label '{x}' may say that there is none" for x in ("N/A", "nan", "NULL")]


def test_half_a_sign_of_json(written):
    lines = [*JSON_ROWS, {"text": "ha\ud83d", "label": "praise"}]
    data = course_utils.read_texts(written("\n".join(map(json.dumps, lines)), "my.jsonl"))
    assert data.texts[-1] == "ha\ufffd"
    assert "half a sign" in data.report.repaired[0].what


LEFT_OUT = {
    "repeated header": (
        GOOD + HEADER + ROWS.replace("d ", "d 1"),
        {"repeats the names of the columns": (1, [10])},
    ),
    "empty rows": (
        HEADER + "\n,\n" + ROWS + " , \n\n\x1a",
        {"empty row": (5, [2, 3, 12, 13, 14])},
    ),
    "empty text below sep=": ("sep=,\n" + HEADER + ",praise\n" + ROWS, {"no text": (1, [2])}),
    "a row of one cell": (GOOD + "text\n", {"no label": (1, [10])}),
    "no text for a database": (GOOD + "\\N,praise\n", {"no text": (1, [10])}),
    "no label for a database": (GOOD + "fine,\\N\n", {"no label": (1, [10])}),
    "no text": (GOOD + ",praise\n" * 40, {"no text": (40, [10, 11, 12, 13, 14])}),
    "no label": (GOOD + "x,\ny\n", {"no label": (2, [10, 11])}),
    "rare labels": (
        GOOD + "x,priase\ny,priase\nz,other\n",
        {"label on one or two rows only": (3, [10, 11, 12])},
    ),
    "two labels": (
        GOOD + "Good  1,complaint\n",
        {"the same text has different labels": (2, [4, 10])},
    ),
}


@pytest.mark.parametrize(("content", "left_out"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_left_out_and_counted(written, content, left_out):
    data = course_utils.read_texts(written(content))
    assert found(data, "left out") == left_out
    check_count(data)
    if "empty row" not in left_out:
        rows = next(iter(left_out.values()))[1]
        message = refused(written(content), strict=True)
        assert message.startswith("my.csv, ") and str(rows[0]) in message


def test_a_slip_in_a_label_is_named(written):
    data = course_utils.read_texts(written(GOOD + "x,priase\n"))
    assert data.report.left_out[0].example == "priase Did you mean 'praise'?"


def test_a_label_that_looks_like_a_slip_is_kept_and_told(written):
    rows = "".join(f"text {i},delivery\nother {i},billing\n" for i in range(40))
    slips = "".join(f"late {i},delivry\nelse {i},account\n" for i in range(4))
    data = course_utils.read_texts(written(HEADER + rows + slips))
    assert data.label_names == ("account", "billing", "delivery", "delivry")
    (told,) = data.report.to_see
    assert told.what == "label 'delivry' looks like a slip. Did you mean 'delivery'?"
    assert told.rows == [82, 84, 86, 88]


def test_report_as_text_and_as_table(written, capsys):
    data = course_utils.read_texts(written(GOOD + ",praise\n<b>x</b>,<i>odd</i>\n"))
    said = capsys.readouterr().out
    assert said == (
        "my.csv: 10 rows, 8 texts.\nLeft out: 1 × no text, 1 × label on one or two rows only.\n"
    )
    assert list(data.report.table()["first rows"]) == ["10", "11"]
    page = data.report._repr_html_()
    assert "&lt;i&gt;odd" in page and "<i>" not in page
    course_utils.read_texts(written(GOOD + ",praise\n"), quiet=True)
    assert not capsys.readouterr().out


# --- what would be a guess is refused ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found nothing; expected 'text' and 'label' among them."),
        (HEADER, " has no row below the names of its columns: add some."),
        (HEADER + "\n,\n", " has no row that can be used. Left out: 2 × empty row."),
        (ROWS, "found good 0, praise; expected 'text' and 'label' among them. If yours are called"),
        (
            "text,mood\n" + ROWS,
            "expected 'label' among them. If yours are called otherwise, say la",
        ),
        ("text,mood\n" + ROWS, "Are there no labels yet? Then say label=None."),
        ("texts,label\n" + ROWS, "say text=\"its name\". Did you mean 'texts'?"),
        ("words\n", "found words (only one: commas, semicolons or tabs stand between columns)"),
        ("text,text,label\n" + ROWS, "has several columns called 'text': rename all but one."),
        (
            "id,text,label\n"
            + "".join(f"1,{row}\n" for row in ROWS.split("\n")[:-1])
            + "1,Well, no,praise\n",
            "row 10: more cells than the 3 columns: put a text that contains ',' between double",
        ),
        (GOOD + "Well, no,prse\n", "row 10: more cells than the 2 columns: put a text that"),
        (
            "label,text\n"
            + "".join(f"praise,good {i}\ncomplaint,bad {i}\n" for i in range(4))
            + 'praise,"Wow\npraise,fine it is\ncomplaint,fun"\n',
            "row 10: a double quote opens here and closes in a later line, and what stands between",
        ),
        (
            gzip.compress(gzip.compress(GOOD.encode(), mtime=0), mtime=0),
            "is packed twice: unpack it once.",
        ),
        (zipped(my_csv=b"version https://git-lfs.github.com"), "is only a pointer to the file"),
        (HEADER + "a,praise\nb,complaint\n", "has no row that can be used. Left out: 2 × label on"),
        (HEADER + "a,praise\n" * 4, "every row says 'praise'; expected at least two labels."),
        (HEADER + f"a,{'x' * 41}\n" * 4, f"every row says '{'x' * 39}…'; expected at least two"),
        (
            HEADER + "".join(f"text {i},{i}\n" for i in range(30)),
            "30 different labels in 30 rows; expected a few that come again and again: is it the",
        ),
        (
            "text,label\n" + "".join(f"{i},praise\n{i}.5,complaint\n" for i in range(9)),
            "every text is a number, such as 0: is it the right column? If it is, say numbers=Tr",
        ),
        (
            HEADER + "".join(f'a {i},"[0, 1]"\nb {i},"[1, 0]"\n' for i in range(9)),
            "18 rows (2, 3, 4, 5, 6, …): the cell holds a list of labels, and this course gives",
        ),
        (
            HEADER + "".join(f'a {i},"joy, fear"\nb {i},joy\nc {i},fear\n' for i in range(9)),
            "9 rows (2, 5, 8, 11, 14, …): the cell holds a list of labels, and this course gives",
        ),
        ("\n<!DOCTYPE html>\n<html>", "is a web page, not a table: download the file itself"),
        (b"\xef\xbb\xbf<html lang='de'>", "is a web page, not a table: download the file itself"),
        (
            "version https://git-lfs.github.com/spec/v1\noid",
            "is only a pointer to the file (Git LFS",
        ),
        (b"\xd0\xcf\x11\xe0\xa1", "is an Office file of an old kind (.xls or .doc): save its"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), "is a spreadsheet of an old kind"),
        (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "is a Word document of an old"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "needs a password: save"),
        (b"%PDF-1.7", "is a PDF, not a table"),
        (b"\x80\x04\x95", "is a pickle, which can run any program"),
        (b"PK\x03\x04\x14\x00", "is a damaged zip file: download or save it again."),
        (zipped(a_csv=GOOD, b_csv=GOOD), "holds 2 files (a.csv, b.csv), expected one: unpack it"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-9], "is damaged and cannot be unpacked"),
        (parquet(FRAME)[:-9], "cannot be read as a Parquet file"),
        (zipped(xl_workbook_xml="x").replace(b"xl.work", b"xl/work"), "cannot be read as an Excel"),
    ],
    ids=short,
)
def test_refused_in_one_sentence(written, content, message):
    said = refused(written(content))
    assert said.startswith("my.csv") and message in said and "\n" not in said
    assert said.endswith((".", "?"))


def test_all_kinds_of_problems_at_once(written):
    rows = "".join(f"Well, no {i},prse\n" for i in range(7)) + 'x,"[1, 2]"\n'
    assert refused(written(GOOD + rows)) == (
        "my.csv has 2 kinds of faults:\n"
        "  1. row 17: the cell holds a list of labels, and this course gives each text exactly one"
        ": choose it, or empty the cell, and the row is left out ([1, 2]).\n"
        "  2. 7 rows (10, 11, 12, 13, 14, …): more cells than the 2 columns: put a text that "
        "contains ',' between double quotes."
    )


def test_json_that_is_no_table(written):
    lines = '{"text": "a", "label": "b"}\nno json\n[1]\n'
    assert "2 rows (2, 3): not an object, expected one in each line" in refused(
        written(lines, "my.jsonl")
    )
    assert refused(written('{"a": 1}', "my.json")).startswith("my.json, row 1, must hold the names")
    assert "holds JSON in another shape" in refused(written("[1, 2]", "my.json"))
    assert "holds JSON in another shape" in refused(written("[1, 2]", "my.jsonl"))
    assert "is not valid JSON" in refused(written('[{"text": ', "my.json"))


def test_label_that_is_not_among_the_names(written):
    rows = HEADER + "fine,positive\npoor,negative\nso la la,postive\n"
    assert refused(written(rows, "reviews.csv"), label_names=("negative", "positive")) == (
        "reviews.csv, row 4: 'postive' is not one of negative, positive. Did you mean 'positive'?"
    )


@pytest.mark.parametrize("names", ["abc", ["a"], ["a", "a"], 3])
def test_names_of_labels_that_cannot_be(names, written):
    assert refused(written(GOOD), label_names=names).startswith("label_names=")


def test_files_that_are_not_there(written, monkeypatch):
    folder = written(GOOD).parent
    monkeypatch.chdir(folder)
    assert refused("mine.csv") == (
        "There is no file 'mine.csv': give its path as seen from the folder of this notebook "
        "(files there: my.csv)."
    )
    assert refused("") == (
        "'.' is a folder, expected a file: add the name of the file (there are my.csv)."
    )
    assert refused("no/such/folder.csv").endswith("the folder of this notebook.")
    assert refused(None) == (
        "Expected the path of a file, or a DataFrame of pandas; found a NoneType."
    )
    assert refused("https://example.org/data/train.csv") == (
        "'https://example.org/data/train.csv' is an address: download the file first, then give "
        "its name."
    )


def test_what_is_no_file(written):
    assert refused("/dev/null").startswith("'/dev/null' is a device, not a file")
    assert refused(GOOD * 9).startswith("'text,label good 0,praise bad 0,")
    assert re.search(r"is no path that can be opened \(.*embedded null", refused("a\0b"))
    frame = type("Frame", (), {"to_pandas": None})()
    assert refused(frame).endswith("found a Frame, say .to_pandas().")


def test_many_wrong_labels_do_not_fill_the_screen(written):
    rows = "".join(f"text {n},wrong{n}\n" for n in range(99))
    lines = refused(written(HEADER + rows), label_names=["good", "bad"]).splitlines()
    assert lines[0] == "my.csv has 99 kinds of faults:" and len(lines) == 14 and "…" in lines[-1]


def test_a_long_list_of_names_is_shortened(written):
    names = [f"name {n}" for n in range(999)]
    assert len(refused(written(HEADER + "a,wrong\n"), label_names=names)) < 350


def test_one_word_alone_is_no_row_of_names(written):
    said = refused(written("remarks\ntext\nfine\n"), label=None)
    assert "row 1, must hold the names of the columns; found remarks" in said


def test_a_lone_carriage_return_in_the_first_row(written):
    data = course_utils.read_texts(written(HEADER + "one\rtwo,praise\n" + ROWS))
    assert data.texts[0] == "one two"


def test_a_text_with_a_separator_and_no_label_to_tell_by(written):
    said = refused(written(HEADER + "Well, no,praise\n"), label=None)
    assert "row 2: more cells than the 2 columns" in said


def test_file_that_may_not_be_read(written, monkeypatch):
    def locked(*_):
        raise PermissionError(13, "Permission denied")

    path = written(GOOD)
    monkeypatch.setattr("pathlib.Path.open", locked)
    assert refused(path) == (
        "my.csv cannot be read (Permission denied): is it open in another program?"
    )


# --- any file at all ---

CELLS = st.text(
    alphabet=st.sampled_from(list("ab ,;\t\"'\n\r\0é€字\ufeff\u200b0.1[]|")), max_size=12
) | st.sampled_from(["pos", "neg", "Pos", "neg ", "1", "1.0", "text", "label", "pos, neg"])

ABOVE = st.lists(
    st.lists(st.sampled_from(["", " ", "\u200b", "\n"]) | CELLS, max_size=3), max_size=2
)

TABLES = st.tuples(
    ABOVE,
    st.lists(st.lists(CELLS, max_size=4), max_size=25),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030"]),
    st.booleans(),
)


@settings(max_examples=2_000, deadline=None)
@given(TABLES, st.booleans())
@example(([], [["a", "pos"]] * 3 + [["b", "neg"]] * 3, ",", "utf-8", True), True)
@example(([["", ""]], [["a", "pos"]] * 3, ";", "utf-8", False), True)
def test_rows_in_are_rows_out_and_rows_reported(tmp_path_factory, table, labelled):
    above, rows, separator, codec, quoted = table
    stream = io.StringIO()
    rows = [*above, ["text", "label"], *rows, *[["more", "pos"], ["less", "neg"]] * 3]
    if quoted:
        csv.writer(stream, delimiter=separator).writerows(rows)
    else:
        stream.write("\n".join(separator.join(row) for row in rows))
    path = tmp_path_factory.getbasetemp() / "odd.csv"
    path.write_bytes(stream.getvalue().encode(codec, "replace"))
    try:
        with redirect_stdout(io.StringIO()):
            data = course_utils.read_texts(path, label="label" if labelled else None)
    except DataError as problem:
        assert str(problem)
        return
    check_count(data)
    if labelled:
        texts = [text.lower() for text in data.texts]
        assert len(
            {(" ".join(t.split()), n) for t, n in zip(texts, data.labels, strict=True)}
        ) == len({" ".join(t.split()) for t in texts})


ANY_TEXT = st.text(st.sampled_from(list("ab ,;\t\"'\n|€é字🙂.!?")), min_size=1, max_size=14)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        ANY_TEXT.filter(lambda text: text.strip() and not says_nothing(text.strip())),
        min_size=6,
        max_size=20,
        unique_by=lambda t: " ".join(t.split()),
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
def test_what_a_program_wrote_is_what_is_read(
    tmp_path_factory, texts, separator, end, quoting, codec, label_first
):
    rows = [["text", "label"], *([text, ("pos", "neg")[n % 2]] for n, text in enumerate(texts))]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows(row[::-1] if label_first else row for row in rows)
    path = tmp_path_factory.getbasetemp() / "sound.csv"
    path.write_bytes(stream.getvalue().encode(codec))
    data = course_utils.read_texts(path, quiet=True)
    assert data.texts == tuple(text.strip() for text in texts)
    assert [data.label_names[n] for n in data.labels] == [row[1] for row in rows[1:]]


def test_an_open_table_is_read_row_by_row(written):
    content = HEADER + "".join(f"text {n},pos\n" for n in range(200_000))
    with open_table(written(content), "text", "label") as table:
        rows = iter(table)
        assert next(rows) == (2, ["text 0", "pos"])
        assert table.columns == ["text", "label"] and isinstance(table.findings, Findings)
        assert sum(1 for _ in rows) == 199_999


ASKED = "Wie zufrieden sind Sie mit der Bedienung, dem Preis, der Auswahl, alles in allem?"
TOPIC = "Worum ging es; in einem Wort?"


@pytest.mark.parametrize("cut", [shown(ASKED, 30), shown(ASKED, 30)[:-1], "WIE  ZUF...", ASKED])
@pytest.mark.parametrize("kind", ["csv", "title", "xlsx", "jsonl", "frame"])
def test_a_long_name_of_a_column_may_be_cut(kind, cut, tmp_path):
    frame = pd.DataFrame({"when": range(8), ASKED: ["good", "bad"] * 4, TOPIC: ["a", "b"] * 4})
    frame[ASKED] += frame["when"].astype(str)
    source = tmp_path / f"in.{kind}"
    if kind in ("csv", "title"):
        table = "Umfrage;;\n" * (kind == "title") + frame.to_csv(index=False, sep=";")
        source.write_text(table, "utf-8")
    elif kind == "xlsx":
        frame.to_excel(source, index=False, startrow=2)
    elif kind == "jsonl":
        frame.to_json(source, orient="records", lines=True)
    else:
        source = frame
    data = course_utils.read_texts(source, cut, "Worum ging es; in …", quiet=True)
    assert data.texts == tuple(frame[ASKED]) and data.label_names == ("a", "b")
    told = [f"'{cut}' is the column '{ASKED}'."] * (cut != ASKED)
    assert data.report.notes[-len(told) - 1 :] == (
        *told,
        f"'Worum ging es; in …' is the column '{TOPIC}'.",
    )
    data = course_utils.read_texts(
        source, "when", cut, numbers=True, quiet=True, label_names=data.texts
    )
    assert len(data) == 8


def test_a_beginning_of_several_columns_or_a_short_one_is_refused(written):
    other = "Wie zufrieden sind Sie mit der Bedienung am Telefon?"
    path = written(f'"{ASKED}","{other}",label\n' + "a,b,c\n" * 9)
    for cut in (shown(ASKED, 30), shown(ASKED, 30)[:-1]):
        said = f"Several columns begin like '{cut}': '{ASKED}', '{other}'. Give more of the name."
        assert refused(path, text=cut).endswith(said)
    assert refused(path, text="Wie zuf").endswith(f" Did you mean '{ASKED}' or '{other}'?")
    assert refused(path, text="…").endswith('say text="its name".')


def test_the_column_that_may_be_meant_holds_something_and_begins_alike(written):
    items = [{"body": "a", "labels": None, "labels.topic": "b", "lab": "c"}] * 9
    path = written("\n".join(map(json.dumps, items)), "my.jsonl")
    assert refused(path, text="body", label="label").endswith("Did you mean 'labels.topic'?")
    assert refused(path, text="body", label="topic").endswith("Did you mean 'labels.topic'?")
    assert refused(path, text="bdy", label="lab").endswith("Did you mean 'body'?")


def test_what_may_say_that_there_is_no_text_is_kept_and_told(written, capsys):
    said = {
        2: "k.A.",
        3: "Siehe Anhang",
        5: "siehe anhang!",
        6: "n/a",
        7: "See attachment",
        8: "k.A.",
        10: "siehe oben",
        11: "siehe oben",
    }
    rows = [f"{said.get(n, f'see attachment {n}')},{'ab'[n % 2]}\n" for n in range(2, 30)]
    path = written("text,label\n" + "".join(rows))
    data = course_utils.read_texts(path)
    assert len(data) == 25 and data.texts.count("k.A.") == 2
    told = "which may say that there is no text (row"
    kept = f"Kept as it is: 2 × 'k.A.', {told}s 2, 8), 1 × 'Siehe Anhang', {told} 3), 1 × 'siehe "
    assert "1 × no text, only 'n/a'" in (said := capsys.readouterr().out) and kept in said
    assert f"1 × 'See attachment', {told} 7).\n" in said
    assert "siehe oben" not in said  # it has two labels, and was left out
    assert kept in str(look_through(path, "text").report)


def test_equal_numbers_have_one_order():
    from course_utils.data.names import in_order

    for names in (["+1", "1", "-1", "01"], ["1", "0", "nan", "2"], ["10", "2", "1.0"]):
        assert in_order(names) == in_order(names[::-1]) == in_order(set(names))
    assert in_order({"1", "0", "nan", "2"}) == ["0", "1", "2", "nan"]
    assert in_order({"10", "9", "nan"}) == ["10", "9", "nan"]  # words, one of them
