"""The quizzes for a learning platform: what is written is what the questions say.

Two tests read them with programs of others. Set GIFT_PARSER to the folder of the npm package
`gift-pegjs`, and QTI_SCHEMAS to a folder with the official `imsqti_v2p1.xsd` and `imscp_v1p1.xsd`
(and install lxml); else they are skipped.
"""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course_utils.lessons.questions import question_sets
from course_utils.lessons.quizzes import LETTERS, Question
from tools import quizzes
from tools.lessons import LESSONS, find_lessons, read_lesson

WRITTEN = quizzes.quizzes_of(find_lessons([]))
NASTY = quizzes.Quiz(
    "nasty",
    "07 · Let's <practice> & a/b?",
    (
        Question(
            text="Is {a} = b \\ c ~ d: #1?\n\n// no <b>comment</b> & no $CATEGORY: x",
            choices=("%50% of ~all~", "[html] = {x}", "->\\n:: ä 漢 🙂"),
            replies=("[PAD] # 1", "=a & <b>", "%100%{}"),
            right="b",
        ),
    ),
)
ALL = [*WRITTEN, NASTY]


def everything(quiz):
    """What has to come back: name, and of each question the text, the choices, replies, and key."""
    return quiz.title, [(q.text, q.choices, q.replies, q.right) for q in quiz.questions]


def test_every_quiz_and_the_eight_questions_are_written():
    names = ["eight_questions", *(f"quiz_{number:02}" for number in range(1, 10))]
    assert [quiz.name for quiz in WRITTEN] == names
    assert [len(quiz.questions) for quiz in WRITTEN] == [8] + [3] * 9
    assert WRITTEN[5].title == "05 · Fine-tuning"


def test_only_those_of_the_chosen_lessons():
    chosen = quizzes.quizzes_of(find_lessons(["04", "06"]))
    assert [quiz.name for quiz in chosen] == ["quiz_04", "quiz_06"]


def test_the_eight_questions_are_those_of_notebook_00():
    cells = read_lesson(LESSONS / "00_start_here.py").cells
    prose = " ".join(" ".join(c.source.split()) for c in cells if c.cell_type == "markdown")
    pattern = r"\*\*(\d)\.\*\* (.+?) \(a\) (.+?), \(b\) (.+?), \(c\) (.+?)\.(?= |$)"
    asked = {
        number: (text.replace("`", ""), choices)
        for number, text, *choices in re.findall(pattern, prose)
    }
    (questions,) = question_sets().values()
    assert asked == {number: (q["text"], q["choices"]) for number, q in questions.items()}
    assert all(len(set(q["replies"])) == 3 for q in questions.values())


# --- GIFT ---


def read_gift(text):
    """The quizzes of a text in GIFT, split at the same signs as in Moodle."""
    found, title = [], None
    for block in re.split(r"\n\n+", text.strip()):
        if block.startswith("$CATEGORY: "):
            title = block.removeprefix("$CATEGORY: BERT course/").replace("//", "/")
            found.append((title, []))
            continue
        head, body = re.fullmatch(r"(.*?)(?<!\\)\{\n(.*)\n\}", block, re.S).groups()
        _, name, stem = re.split(r"(?<!\\)::", head)
        assert name.endswith(f"question {len(found[-1][1]) + 1}") and stem.startswith("[plain]")
        answers = [re.split(r"(?<!\\)#", line) for line in body.split("\n")]
        assert all(line[0][0] in "=~" and len(line) == 2 for line in answers)
        key = "".join(letter for letter, a in zip(LETTERS, answers, strict=True) if a[0][0] == "=")
        texts = [[plain(part) for part in (choice[1:], reply)] for choice, reply in answers]
        choices, replies = zip(*texts, strict=True)
        found[-1][1].append((plain(stem).rstrip(), choices, replies, key))
    return found


def plain(text):
    unescaped = re.sub(r"\\(.)", lambda sign: {"n": "\n"}.get(sign[1], sign[1]), text)
    return unescaped.removeprefix("[plain]")


def test_what_gift_says_is_what_the_questions_say():
    assert read_gift(quizzes.gift(ALL)) == list(map(everything, ALL))


def test_a_text_cannot_begin_another_question():
    blocks = quizzes.gift([NASTY]).strip().split("\n\n")
    assert len(blocks) == 2 and not re.search(r"^(//|\$)", blocks[1], re.M)


def test_gift_in_a_parser_of_others(tmp_path):
    parser = os.environ.get("GIFT_PARSER")
    if not parser:
        pytest.skip("needs GIFT_PARSER, the folder of the npm package gift-pegjs")
    (tmp_path / "all.txt").write_text(quizzes.gift(ALL), encoding="utf-8")
    program = (
        "const {parse} = require(process.argv[1]), fs = require('fs');"
        "console.log(JSON.stringify(parse(fs.readFileSync(process.argv[2], 'utf8'))))"
    )
    ran = subprocess.run(
        ["node", "-e", program, os.path.abspath(parser), str(tmp_path / "all.txt")],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    found = []
    for each in json.loads(ran.stdout):
        if each["type"] == "Category":
            found.append((each["title"].removeprefix("BERT course/").replace("//", "/"), []))
            continue
        assert each["type"] == "MC" and each["stem"]["format"] == "plain"
        choices = tuple(choice["text"]["text"] for choice in each["choices"])
        replies = tuple(choice["feedback"]["text"] for choice in each["choices"])
        (right,) = (i for i, choice in enumerate(each["choices"]) if choice["isCorrect"])
        found[-1][1].append((each["stem"]["text"], choices, replies, LETTERS[right]))
    assert found == list(map(everything, ALL))


# --- QTI 2.1 ---

SPACES = {"q": quizzes.QTI, "p": quizzes.PACKAGE}


@pytest.fixture(params=ALL, ids=lambda quiz: quiz.name)
def package(request, tmp_path):
    """A quiz, and the files of its package: name -> outermost element."""
    quizzes.write_package(tmp_path / "quiz.zip", request.param)
    with zipfile.ZipFile(tmp_path / "quiz.zip") as opened:
        pages = {name: ElementTree.fromstring(opened.read(name)) for name in opened.namelist()}
    return request.param, pages


def texts(page, path):
    return tuple("".join(found.itertext()) for found in page.findall(path, SPACES))


def attributes(page, path, name):
    return [found.get(name) for found in page.findall(path, SPACES)]


def answered(item, letter):
    """Score and reply for a choice, by the rules that the item states."""
    conditions = item.find(".//q:responseCondition", SPACES)
    for case in conditions:
        if texts(case, "q:match/q:baseValue") == (letter,):
            values = {
                found.get("identifier"): found
                for found in case.findall("q:setOutcomeValue", SPACES)
            }
            (reply,) = texts(values["FEEDBACK"], ".//q:baseValue")
            (score,) = texts(values["SCORE"], ".//q:baseValue")
            shown = item.find(f"q:modalFeedback[@identifier='{reply}']", SPACES)
            return float(score), "".join(shown.itertext()).strip()


def test_what_qti_says_is_what_the_questions_say(package):
    quiz, pages = package
    test = pages["test.xml"]
    assert test.get("title") == quiz.title
    found = []
    for href in attributes(test, ".//q:assessmentItemRef", "href"):
        item = pages[href]
        (stem,), choices = texts(item, ".//q:prompt"), texts(item, ".//q:simpleChoice")
        assert attributes(item, ".//q:simpleChoice", "identifier") == list(LETTERS)
        (key,) = texts(item, "q:responseDeclaration/q:correctResponse/q:value")
        results = [answered(item, letter) for letter in LETTERS]
        assert [score for score, _ in results] == [float(letter == key) for letter in LETTERS]
        found.append((stem, choices, tuple(reply for _, reply in results), key))
    assert (quiz.title, found) == everything(quiz)


def test_the_manifest_lists_every_file_once(package):
    quiz, pages = package
    listed = pages["imsmanifest.xml"]
    hrefs = attributes(listed, ".//p:resource", "href")
    assert sorted(["imsmanifest.xml", *hrefs]) == sorted(pages)
    assert hrefs == attributes(listed, ".//p:file", "href")
    identifiers = attributes(listed, ".//p:resource", "identifier")
    assert attributes(listed, ".//p:dependency", "identifierref") == identifiers[1:]
    inner = [pages[href].get("identifier") for href in hrefs[1:]]
    assert (
        inner
        == identifiers[1:]
        == attributes(pages["test.xml"], ".//q:assessmentItemRef", "identifier")
    )
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in identifiers)


def test_the_same_questions_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        quizzes.write_package(tmp_path / name, NASTY)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_qti_fits_the_official_schema(tmp_path):
    if not os.environ.get("QTI_SCHEMAS"):
        pytest.skip("needs lxml, and QTI_SCHEMAS, a folder with the schemas of QTI 2.1")
    etree = pytest.importorskip("lxml.etree")
    item, packaging = (
        etree.XMLSchema(etree.parse(next(Path(os.environ["QTI_SCHEMAS"]).rglob(name))))
        for name in ("imsqti_v2p1.xsd", "imscp_v1p1.xsd")
    )
    for quiz in ALL:
        quizzes.write_package(tmp_path / "quiz.zip", quiz)
        with zipfile.ZipFile(tmp_path / "quiz.zip") as opened:
            for name in opened.namelist():
                schema = packaging if name == "imsmanifest.xml" else item
                schema.assertValid(etree.fromstring(opened.read(name)))
