"""The messy export of notebook 07: the reader finds exactly the faults that were put in."""

from collections import Counter

import pytest

import course_utils
from course_utils.data import exports
from course_utils.data.copies import plain, words_only


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tickets")


@pytest.fixture(scope="module")
def path(folder):
    return course_utils.messy_export(folder)


@pytest.fixture(scope="module")
def tickets(path):
    return course_utils.read_texts(path, text="text", label="topic", quiet=True)


@pytest.fixture(scope="module")
def new(folder):
    return course_utils.read_texts(course_utils.new_export(folder), label=None, quiet=True)


def found(report) -> Counter:
    """What the report counts, the spellings of all labels together."""
    counts = Counter()
    for kind in (*report.left_out, *report.repaired, *report.to_see):
        counts[kind.what.partition(", now")[0]] += kind.count
    return counts


def test_the_report_finds_the_faults_and_nothing_else(tickets):
    copies = ("copy", "copy in capitals", "near-copy")
    assert found(tickets.report) == {
        fault: count for fault, count in exports.FAULTS.items() if fault not in copies
    }
    assert len(tickets.report.notes) == 1 and "Windows-1252" in tickets.report.notes[0]


def test_the_docstring_says_how_many_there_are_of_each():
    told = " ".join(exports.messy_export.__doc__.split())
    for fault, count in exports.FAULTS.items():
        said = 24 if fault == "the same text has different labels" else count
        assert f" {said} " in told, fault


def test_the_tickets_are_counted_from_one(tickets):
    numbers = set(map(int, tickets.columns["ticket"]))
    assert min(numbers) == 1


def test_every_row_is_accounted_for(tickets):
    left_out = sum(kind.count for kind in tickets.report.left_out)
    assert tickets.report.rows == len(tickets) + left_out > 2_000


def test_copies_and_near_copies(tickets):
    exact = len(tickets) - len(set(tickets.texts))
    copies = len(tickets) - len({plain(text) for text in tickets.texts})
    near = len(tickets) - len({words_only(text) for text in tickets.texts})
    faults = exports.FAULTS
    assert exact == faults["copy"]
    assert copies == exact + faults["copy in capitals"]
    assert near == copies + faults["near-copy"]


def test_shape_of_the_file(path):
    content = path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert b"\x92" in content and b"\x93" in content  # round quotes of Windows-1252
    lines = content.decode("cp1252").split("\r\n")
    assert lines[:2] == ["sep=;", "ticket;created;thread;topic;text;;"]
    assert content.count(b"\0") + content.count(b"\xad") == 9


def test_threads_topics_and_long_texts(tickets):
    assert list(tickets.columns) == ["ticket", "created", "thread"]
    assert tickets.columns["created"] == sorted(tickets.columns["created"])
    threads = Counter(tickets.columns["thread"])
    assert sum(count > 1 for count in threads.values()) > 0.4 * len(threads)
    shares = {name: count / len(tickets) for name, count in tickets.counts().items()}
    assert shares["film"] == pytest.approx(0.04, abs=0.005)
    assert min(shares, key=shares.get) == "film"
    long = sum(len(text.split()) > 120 for text in tickets.texts) / len(tickets)
    assert long == pytest.approx(0.09, abs=0.01)


def test_no_thread_and_no_text_of_the_new_file_is_known(tickets, new):
    assert not set(new.columns["thread"]) & set(tickets.columns["thread"])
    assert not {words_only(text) for text in new} & {words_only(text) for text in tickets.texts}
    assert list(new.columns) == ["ticket", "created", "thread"]
    assert min(new.columns["created"]) > max(tickets.columns["created"])
    assert sum(thread.startswith("M-") for thread in new.columns["thread"]) == 20


def test_the_same_each_time_and_a_file_that_changed_is_kept(path, folder, tmp_path):
    again = course_utils.messy_export(tmp_path)
    assert again.read_bytes() == path.read_bytes()
    assert course_utils.messy_export(tmp_path) == again
    again.write_bytes(b"mine")
    with pytest.raises(course_utils.CourseError, match=r"is not the file that the course wrote"):
        course_utils.messy_export(tmp_path)
    assert again.read_bytes() == b"mine"


def test_film_reviews_are_those_of_load_imdb():
    assert exports._some_reviews(400) == list(course_utils.load_imdb(quiet=True).texts[:400])


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(course_utils.CourseError, match="cannot be written .*choose another folder"):
        exports._write(tmp_path / "file", "tickets.csv", "")
