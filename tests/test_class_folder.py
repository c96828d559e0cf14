"""The folder where the results of a class meet: what goes in, and what is believed."""

import asyncio
import json
import os
import stat

import pytest

import course_utils
from course_utils.errors import DataError
from course_utils.judge.class_folder import hand_in, handed_in
from course_utils.look.views import results


@pytest.fixture
def drop(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CLASS_FOLDER", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def record():
    return course_utils.load_record("fine_tuning")


def box(view):
    return view.children[0].value


# --- the files ---


def test_a_result_goes_in_and_comes_out(tmp_path):
    hand_in(tmp_path, 12, 0.764)
    hand_in(tmp_path, 11, 0.77916667)
    assert handed_in(tmp_path) == ({11: 0.7792, 12: 0.764}, 0)
    hand_in(tmp_path, 11, 0.8)  # trained again
    assert handed_in(tmp_path) == ({11: 0.8, 12: 0.764}, 0)
    assert sorted(os.listdir(tmp_path)) == ["seat-11.json", "seat-12.json"]


def test_a_file_has_no_name_in_it_and_is_not_for_everybody(tmp_path):
    hand_in(tmp_path, 11, 0.779)
    file = tmp_path / "seat-11.json"
    assert json.loads(file.read_text()) == {"seat": 11, "accuracy": 0.779}
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("seat", "accuracy", "message"),
    [
        (0, 0.7, "Seat 0 is nobody's: type your own seat number, and run from there."),
        (-1, 0.7, "-1 is not a seat"),
        (1_000_000, 0.7, "1000000 is not a seat"),
        ("Anna", 0.7, "'Anna' is not a seat: expected a whole number such as 11."),
        ("../11", 0.7, "is not a seat"),
        (True, 0.7, "True is not a seat"),
        (11, 77.9, "77.9 is not an accuracy: expected a fraction such as 0.779."),
        (11, -0.1, "is not an accuracy"),
        (11, float("nan"), "nan is not an accuracy"),
        (11, "0.7", "is not an accuracy"),
    ],
)
def test_what_cannot_be_is_not_handed_in(seat, accuracy, message, tmp_path):
    with pytest.raises(DataError, match=message.replace("(", r"\(")):
        hand_in(tmp_path, seat, accuracy)
    assert not os.listdir(tmp_path)


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="did not get to the class .*: say your seat and accuracy"):
        hand_in(tmp_path / "away", 11, 0.7)

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", refuse)  # as in a folder where one may only change one's own
    with pytest.raises(DataError, match="somebody else has handed it in"):
        hand_in(tmp_path, 11, 0.7)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "11", '{"seat": 11}', '{"seat": 12, "accuracy": 0.7}', "[" * 150]
    + ['{"seat": 11, "accuracy": 7}', '{"seat": "11", "accuracy": "x"}', " " * 201]
    + ['{"seat": 0, "accuracy": 0.7}', '{"seat": 11, "accuracy": NaN}', "\ufffe"],
)
def test_other_files_are_left_out(content, tmp_path):
    hand_in(tmp_path, 12, 0.764)
    (tmp_path / "seat-11.json").write_text(content, encoding="utf-16")
    (tmp_path / "seat-13.json").write_text(content, encoding="utf-8")
    (tmp_path / ".draft").write_text("half a")
    assert handed_in(tmp_path) == ({12: 0.764}, 2)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on Unix")
def test_nothing_leads_elsewhere_or_makes_one_wait(tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    hand_in(tmp_path, 11, 0.7)
    (drop / "seat-11.json").symlink_to(tmp_path / "seat-11.json")
    os.mkfifo(drop / "seat-12.json")
    (drop / "seat-13.json").mkdir()
    assert handed_in(drop) == ({}, 3)


# --- the view ---


def test_without_a_folder_nothing_is_different(record, tmp_path, monkeypatch):
    assert "Handed in" not in course_utils.class_results(record, live={11: 0.779}).children[1].value
    monkeypatch.setenv("COURSE_CLASS_FOLDER", str(tmp_path / "away"))
    assert "Handed in" not in course_utils.class_results(record, live={11: 0.779}).children[1].value


def test_the_cell_of_05_hands_in_and_says_so(record, drop):
    view = course_utils.class_results(record, live={11: 0.77916667})
    assert handed_in(drop) == ({11: 0.7792}, 0)
    said = "Handed in to the class, without your name: 11 0.7792."
    assert said in view.children[1].value
    assert "Seat 0 is nobody" in course_utils.class_results(record, live={0: 0.7}).children[1].value
    assert handed_in(drop) == ({11: 0.7792}, 0)


def test_who_may_list_the_folder_sees_everybody(record, drop):
    for seat in (12, 11):
        hand_in(drop, seat, 0.7 + seat / 1_000)
    view = course_utils.class_results(record)
    assert box(view) == "11 0.711\n12 0.712"
    assert "2 seats" in view.children[1].value


def test_who_may_not_sees_the_own_result(record, drop, monkeypatch):
    hand_in(drop, 12, 0.7)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(results, "handed_in", refuse)
    assert box(course_utils.class_results(record, live={11: 0.779})) == "11 0.779"


def test_a_seat_appears_while_one_looks(record, drop, monkeypatch):
    sleep = asyncio.sleep
    monkeypatch.setattr(results.asyncio, "sleep", lambda _: sleep(0.01))

    async def lesson():
        view = course_utils.class_results(record, live={11: 0.779})
        entry = view.children[0]
        entry.value += "\n40 0.75"  # read out, and typed
        hand_in(drop, 12, 0.764)
        await sleep(0.3)
        assert entry.value.splitlines() == ["11 0.779", "40 0.75", "12 0.764"]
        hand_in(drop, 12, 0.8)  # trained again
        hand_in(drop, 40, 0.6)  # typed already
        await sleep(0.3)
        assert entry.value.splitlines() == ["11 0.779", "40 0.75", "12 0.8"]
        assert "3 seats" in view.children[1].value
        entry.close()
        await sleep(0.1)
        hand_in(drop, 13, 0.7)
        await sleep(0.1)
        assert "13" not in entry.value

    asyncio.run(lesson())
