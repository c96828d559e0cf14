"""The quizzes for a learning platform: `python course.py release OUT --quizzes`.

OUT-quizzes holds the three questions at the end of each notebook, and the eight questions of 00, in
two formats: `moodle_gift.txt`, one file with all of them in GIFT, which Moodle imports into its
question bank; and `qti/`, a package for each quiz in QTI 2.1, which Canvas, OpenOlat and others
import. Each choice brings its reply along. The right answers stand in these files, so they
are for the instructor alone.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from course_utils.lessons.questions import question_sets
from course_utils.lessons.quizzes import LESSONS as WITH_QUIZZES
from course_utils.lessons.quizzes import LETTERS, Question, quiz_of
from tools.lessons import read_lesson

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
SCHEMAS = {  # namespace -> where its official schema lies
    QTI: "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    PACKAGE: "http://www.imsglobal.org/xsd/imscp_v1p1.xsd",
}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of all files in a package: same questions, same bytes


@dataclass(frozen=True)
class Quiz:
    """Some questions with the name of their file and the title that students see."""

    name: str
    title: str
    questions: tuple


def quizzes_of(lessons) -> list[Quiz]:
    """The quizzes of these lessons, in their order; the eight questions stand with lesson 00.

    Args:
        lessons: paths of lessons; one without a quiz is passed over.
    """
    found = []
    for lesson in lessons:
        number = lesson.name[:2]
        title = read_lesson(lesson).cells[0].source.partition("\n")[0].lstrip("# ")
        if number == "00":
            for name, questions in question_sets().items():
                asked = tuple(
                    Question(q["text"], tuple(q["choices"]), tuple(q["replies"]), q["right"])
                    for q in questions.values()
                )
                found.append(Quiz(name.replace(" ", "_"), name.capitalize(), asked))
        if (WITH_QUIZZES / f"lesson_{number}" / "quiz.toml").is_file():
            found.append(Quiz(f"quiz_{number}", title, quiz_of(number)))
    return found


def write_quizzes(folder, lessons) -> None:
    """Fill an empty folder with the quizzes of these lessons, in both formats."""
    quizzes, folder = quizzes_of(lessons), Path(folder)
    (folder / "moodle_gift.txt").write_text(gift(quizzes), encoding="utf-8", newline="\n")
    (folder / "qti").mkdir()
    for quiz in quizzes:
        write_package(folder / "qti" / f"{quiz.name}.zip", quiz)


# --- GIFT ---


def gift(quizzes) -> str:
    """All quizzes as one text in GIFT, each in a category of its own."""
    parts = []
    for quiz in quizzes:
        # a slash would begin a category below
        parts.append(f"$CATEGORY: BERT course/{quiz.title.replace('/', '//')}")
        for number, question in enumerate(quiz.questions, start=1):
            parts.append(gift_question(f"{quiz.name}, question {number}", question))
    return "\n\n".join(parts) + "\n"


def gift_question(name: str, question: Question) -> str:
    """One question in GIFT: `=` marks the right choice, `~` a wrong one, `#` begins its reply."""
    lines = [f"::{escaped(name)}::[plain]{escaped(question.text)} {{"]
    for letter, choice, reply in zip(LETTERS, question.choices, question.replies, strict=True):
        mark = "=" if letter == question.right else "~"
        lines.append(f"{mark}{as_plain(choice)}#{as_plain(reply)}")
    return "\n".join([*lines, "}"])


def escaped(text: str) -> str:
    """The text with a backslash before each sign that means something in GIFT."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", r"\n")


def as_plain(text: str) -> str:
    """A choice or a reply, escaped; [plain] keeps its first sign from being a format or weight."""
    return ("[plain]" if text.startswith(("[", "%")) else "") + escaped(text)


# --- QTI 2.1 ---


def write_package(path, quiz: Quiz) -> None:
    """Write a content package: its manifest, the test, and a file for each question."""
    items = {
        f"{quiz.name}_{number}": question for number, question in enumerate(quiz.questions, start=1)
    }
    pages = {"imsmanifest.xml": manifest(quiz, items), "test.xml": assessment_test(quiz, items)}
    for number, (name, question) in enumerate(items.items(), start=1):
        pages[f"{name}.xml"] = assessment_item(name, f"{quiz.title}, {number}", question)
    with zipfile.ZipFile(path, "w") as package:
        for name, page in pages.items():
            ElementTree.indent(page)
            text = ElementTree.tostring(page, encoding="utf-8", xml_declaration=True)
            package.writestr(zipfile.ZipInfo(name, LONG_AGO), text, zipfile.ZIP_DEFLATED)


def assessment_item(name: str, title: str, question: Question) -> ElementTree.Element:
    """One question with its choices, one point for the right one, and a reply to each."""
    item = root(QTI, "assessmentItem", identifier=name, title=title, adaptive="false")
    item.set("timeDependent", "false")
    response = add(item, "responseDeclaration", identifier="RESPONSE", cardinality="single")
    response.set("baseType", "identifier")
    add(add(response, "correctResponse"), "value", question.right)
    for outcome, value in (("SCORE", "0"), ("MAXSCORE", "1")):
        declared = add(item, "outcomeDeclaration", identifier=outcome, cardinality="single")
        declared.set("baseType", "float")
        add(add(declared, "defaultValue"), "value", value)
    # several: Canvas wants a reply to be added to those that are there
    feedback = add(item, "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple")
    feedback.set("baseType", "identifier")
    asked = add(add(item, "itemBody"), "choiceInteraction", responseIdentifier="RESPONSE")
    asked.attrib |= {"shuffle": "false", "maxChoices": "1"}
    add(asked, "prompt", question.text)
    for letter, choice in zip(LETTERS, question.choices, strict=True):
        add(asked, "simpleChoice", choice, identifier=letter)
    add_processing(item, question.right)
    for letter, reply in zip(LETTERS, question.replies, strict=True):
        shown = add(item, "modalFeedback", outcomeIdentifier="FEEDBACK", showHide="show")
        shown.set("identifier", f"reply-{letter}")
        add(shown, "p", reply)
    return item


def add_processing(item, right: str) -> None:
    """Say what each choice brings: the points, and which reply."""
    cases = add(add(item, "responseProcessing"), "responseCondition")
    for letter in LETTERS:
        case = add(cases, "responseIf" if letter == LETTERS[0] else "responseElseIf")
        match = add(case, "match")
        add(match, "variable", identifier="RESPONSE")
        add(match, "baseValue", letter, baseType="identifier")
        score = add(case, "setOutcomeValue", identifier="SCORE")
        add(score, "baseValue", "1" if letter == right else "0", baseType="float")
        several = add(add(case, "setOutcomeValue", identifier="FEEDBACK"), "multiple")
        add(several, "variable", identifier="FEEDBACK")
        add(several, "baseValue", f"reply-{letter}", baseType="identifier")


def assessment_test(quiz: Quiz, items) -> ElementTree.Element:
    """The questions in their order, on one page of a test."""
    test = root(QTI, "assessmentTest", identifier=quiz.name, title=quiz.title)
    part = add(test, "testPart", identifier="part", navigationMode="nonlinear")
    part.set("submissionMode", "simultaneous")
    section = add(part, "assessmentSection", identifier="section", title=quiz.title)
    section.set("visible", "false")
    for name in items:
        add(section, "assessmentItemRef", identifier=name, href=f"{name}.xml")
    return test


def manifest(quiz: Quiz, items) -> ElementTree.Element:
    """What the package holds."""
    listed = root(PACKAGE, "manifest", identifier=f"package_{quiz.name}")
    about = add(listed, "metadata")
    add(about, "schema", "QTIv2.1 Package")
    add(about, "schemaversion", "1.0.0")
    add(listed, "organizations")
    resources = add(listed, "resources")
    test = add(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1")
    test.set("href", "test.xml")
    add(test, "file", href="test.xml")
    for name in items:
        add(test, "dependency", identifierref=name)
    for name in items:
        item = add(resources, "resource", identifier=name, type="imsqti_item_xmlv2p1")
        item.set("href", f"{name}.xml")
        add(item, "file", href=f"{name}.xml")
    return listed


def root(namespace: str, tag: str, **attributes) -> ElementTree.Element:
    """The outermost element of a file, with its namespace and the place of its schema."""
    spaces = {"xmlns": namespace, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    spaces["xsi:schemaLocation"] = f"{namespace} {SCHEMAS[namespace]}"
    return ElementTree.Element(tag, spaces | attributes)


def add(parent, tag: str, text: str = None, **attributes) -> ElementTree.Element:
    """Make a child of an element, and return it."""
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text
    return child
