"""Would this computer carry a class? Simulated students log in, and run 00, 04 and some of them 05.

    python instructor/class_server/load_test.py --students 16 --python /opt/tljh/user/bin/python

Takes about five minutes, and as long again where some fine-tune. It starts a hub of its own
(`trial_hub.py`) with the settings of the class, on this computer alone; on a class's server, run it
as root, so that each student is an account. It prints a table, and writes every number to
benchmarks/results/DATE-class.json. Whatever it makes, accounts included, it removes at the end.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import threading
import time
from datetime import date
from pathlib import Path

import numpy as np
from student import Student
from trial_hub import ROOT, TrialHub, missing, stop
from websocket import WebSocketException

RESULTS = ROOT / "benchmarks" / "results"
NOTEBOOKS = ("00_start_here.ipynb", "04_tokenization.ipynb")
TUNING = "05_fine_tuning.ipynb"
TOO_MUCH = "import torch\nlarge = [torch.ones(1 << 26) for _ in range(64)]  # 16 GiB"
AIM = {"students": 30, "memory": 16.0}  # a class, and GB of the computer that shall carry it


class Visit:
    """What one student does from the door to the last cell, and how long each thing took.

    Args:
        student: who.
        hub: the hub, which knows the student's processes.
        notebooks: the notebooks to run, each in a kernel of its own.
        think: mean seconds between two cells.
        seed: of the seconds between cells.
    """

    def __init__(self, student: Student, hub: TrialHub, notebooks, think: float, seed: int):
        self.student, self.hub, self.notebooks, self.think = student, hub, notebooks, think
        self.random = np.random.default_rng(seed)
        self.seconds, self.cells, self.after = {}, [], {}
        self.problem, self.kernel = None, None

    def processes(self, kind: str) -> list[int]:
        """The student's servers or kernels."""
        who = (self.student.name, kind)
        return [number for number, found in self.hub.of_students().items() if found == who]

    def go(self, late: float) -> None:
        """Arrive some seconds after the start, then do everything; what fails is noted."""
        time.sleep(late)
        try:
            for name, step in {
                "log in": self.student.log_in,
                "server": self.student.start_server,
                "notebooks": lambda: self.student.get_notebooks(self.hub.repository),
            }.items():
                self.timed(name, step)
            for notebook in self.notebooks:
                self.read(notebook)
        except Exception as problem:
            self.problem = f"{type(problem).__name__}: {problem}"

    def timed(self, name: str, step):
        """Note how long a step takes."""
        start = time.monotonic()
        done = step()
        self.seconds.setdefault(name, []).append(time.monotonic() - start)
        return done

    def read(self, notebook: str) -> None:
        """Run a notebook cell by cell, with a thought before each; the last kernel stays."""
        if self.kernel:
            self.kernel.stop()
        self.kernel = self.timed("kernel", self.student.start_kernel)
        for number, source in enumerate(self.student.cells(notebook)):
            time.sleep(self.random.uniform(0, 2 * self.think))
            ran = self.kernel.run(source, patience=1_800)
            cell = {"notebook": notebook[:2], "cell": number, "seconds": ran["seconds"]}
            self.cells.append({**cell, "first line": source.partition("\n")[0]})
            if ran["status"] != "ok":
                raise RuntimeError(f"cell {number} of {notebook}: {ran['errors'] or ran['status']}")
        for kind, name in (("kernel", f"kernel after {notebook[:2]}"), ("server", "server")):
            held = [memory_of(number) for number in self.processes(kind)]
            self.after[name] = sum(one["written"] for one in held if one)


class Memory(threading.Thread):
    """Looks every two seconds what the students' processes hold, until it is told to end.

    What a process has written nobody shares. Libraries and weights that it only reads are shared,
    and counted in parts: then the sum over all is what the computer gives.
    """

    def __init__(self, hub: TrialHub):
        super().__init__(daemon=True)
        self.hub, self.done, self.samples = hub, threading.Event(), []
        self.most = {}  # process -> the sample in which it had written most

    def run(self) -> None:
        """Look again and again."""
        while not self.done.wait(2):
            self.look()

    def look(self) -> None:
        """One sample."""
        people, total, written = set(), 0.0, 0.0
        for process, (owner, kind) in self.hub.of_students().items():
            held = memory_of(process)
            if held is None:
                continue
            people.add(owner)
            total += held["in parts"]
            written += held["written"]
            known = self.most.get(process, {"written": -1})
            if held["written"] > known["written"]:
                self.most[process] = {"owner": owner, "kind": kind, **held}
        for program in self.hub.programs.values():
            held = memory_of(program.pid)
            total += held["in parts"] if held else 0
        self.samples.append({"people": len(people), "megabytes": total, "written": written})

    def end(self) -> None:
        """Look once more, and then no more."""
        self.done.set()
        self.join()
        self.look()


def memory_of(process: int):
    """What a process holds, in MB; None if it is gone.

    "written": what it has written, and so never shares. "alone": this, and what nobody else has
    read yet. "in parts": that, and its part of what several have read.
    """
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    pages = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    alone = pages["Private_Clean"] + pages["Private_Dirty"]
    return {"written": pages["Private_Dirty"], "alone": alone, "in parts": pages["Pss"]}


def model_of(samples: list, own: dict, most: dict) -> dict:
    """MB = a + b * students, in two cases.

    a: the hub, the proxy, and what all read and share. b: what a person's server and kernel have
    written, "at rest" after 00 or 04, or "at worst" in the moment when the kernel held most. All
    are there at once if a class runs the program of the slide together, because it trains.

    Args:
        samples: of `Memory`; the last one with everybody there.
        own: see `own_of`.
        most: see `at_any_moment`.
    """
    server = own["server"]["most"]
    rest = max(
        own[name]["median"] for name in own if name in ("kernel after 00", "kernel after 04")
    )
    a = samples[-1]["megabytes"] - samples[-1]["written"]
    each = {"at rest": server + rest, "at worst": server + most["kernel"]["written"]}
    needed = {case: (a + b * AIM["students"]) / 1024 for case, b in each.items()}
    return {"a": a, "b": each, f"GB for {AIM['students']}": needed}


def troubles(hub: TrialHub, first: Visit, other: Visit, late: Student) -> dict:
    """What happens past the memory, after a killed kernel, and while the hub restarts."""
    told = {}
    for visit in (first, other):  # who does nothing for long is cut off, and a browser comes back
        visit.kernel.connect()
    other.kernel.run("mine = 42")

    def neighbour() -> dict:
        ran = other.kernel.run("print(mine)", patience=60)
        return {"goes on": ran["text"] == "42\n", "waited": ran["seconds"]}

    ran = first.kernel.run(TOO_MUCH)
    again = first.kernel.run("large = None; print('here')")
    told["too much memory"] = {
        "sentences": ran["errors"],
        "kernel lives": again["text"] == "here\n",
        "neighbour": neighbour(),
    }
    who = (first.student.name, "kernel")
    for number in [number for number, found in hub.of_students().items() if found == who]:
        stop(number, signal.SIGKILL)
    start = time.monotonic()
    back = False
    while not back and time.monotonic() - start < 60:
        time.sleep(1)
        try:
            first.kernel.connect()
            back = first.kernel.run("print('here')", patience=5)["text"] == "here\n"
        except (OSError, ValueError, WebSocketException):  # it is on its way
            continue
    told["killed kernel"] = {
        "a new one after": time.monotonic() - start if back else None,
        "neighbour": neighbour(),
    }
    start = time.monotonic()
    hub.end("hub")
    meanwhile = neighbour()
    hub.start_hub()
    seconds = time.monotonic() - start
    late.log_in()
    late.start_server()
    told["restarted hub"] = {
        "away": seconds,
        "neighbour meanwhile": meanwhile,
        "neighbour": neighbour(),
        "somebody new comes in": True,
    }
    return told


def measure(options) -> dict:
    """The whole class, then the troubles."""
    names = [f"trial-{10 + number}" for number in range(options.students + 1)]
    with TrialHub(names, options.python, options.memory) as hub:
        visits = [
            Visit(
                Student(hub.address, name, hub.password),
                hub,
                NOTEBOOKS + (TUNING,) * (number < options.tuning),
                options.think,
                number,
            )
            for number, name in enumerate(names[:-1])
        ]
        memory, free = Memory(hub), available()
        memory.start()
        apart = options.arrive / max(1, len(visits) - 1)
        threads = [
            threading.Thread(target=visit.go, args=(number * apart,), daemon=True)
            for number, visit in enumerate(visits)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(5)
                free = min(free, available())
        memory.end()
        well = [visit for visit in visits if visit.problem is None]
        own, most = own_of(visits), at_any_moment(memory.most)
        late = Student(hub.address, names[-1], hub.password)
        found = {
            "came through": len(well),
            "problems": {v.student.name: v.problem for v in visits if v.problem},
            "seconds": {name: of_all(visits, name) for name in well[0].seconds} if well else {},
            "slowest cells": slowest(visits),
            "own MB": own,
            "most at any moment, MB": most,
            "all together at most, MB": max(one["megabytes"] for one in memory.samples),
            "model": model_of(memory.samples, own, most) if well else {},
            "memory left, GB": free,
            "trouble": {},
        }
        if len(well) > 1:
            try:
                found["trouble"] = troubles(hub, well[0], well[1], late)
            except Exception as problem:  # what was measured before counts all the same
                found["trouble"] = {"not finished": repr(problem)}
        if found["problems"]:
            print(hub.log()[-3_000:], file=sys.stderr)
        return found


def of_all(visits: list, name: str) -> dict:
    """Median and maximum of the seconds of one step."""
    values = [seconds for visit in visits for seconds in visit.seconds.get(name, [])]
    return {"median": statistics.median(values), "most": max(values)}


def slowest(visits: list) -> list:
    """The slowest cell of each notebook, over all students."""
    cells = [cell for visit in visits for cell in visit.cells]
    found = {}
    for cell in sorted(cells, key=lambda cell: cell["seconds"]):
        found[cell["notebook"]] = cell
    return [found[notebook] for notebook in sorted(found)]


def own_of(visits: list) -> dict:
    """What each server and kernel had written (MB) when its notebook was through."""
    names = sorted({name for visit in visits for name in visit.after})
    values = {name: [v.after[name] for v in visits if name in v.after] for name in names}
    return {name: {"median": statistics.median(v), "most": max(v)} for name, v in values.items()}


def at_any_moment(most: dict) -> dict:
    """The most that a server or kernel had written at any moment, and its parts then (MB)."""
    found = {}
    for held in sorted(most.values(), key=lambda held: held["written"]):
        found[held["kind"]] = {key: held[key] for key in ("written", "alone", "in parts")}
    return found


def available() -> float:
    """Memory (GB) that the system still could give."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(ln.split()[1]) for ln in lines if ln.startswith("MemAvailable")) / 2**20


def table(about: dict) -> str:
    """What was found, for people."""
    found, lines = about["found"], []
    lines.append(f"{found['came through']} of {about['students']} students came through.")
    lines += [f"  {name}: {problem}" for name, problem in found["problems"].items()]
    lines.append(f"{'seconds':34}{'median':>9}{'most':>9}")
    for name, of in found["seconds"].items():
        lines.append(f"  {name:32}{of['median']:9.1f}{of['most']:9.1f}")
    for cell in found["slowest cells"]:
        name = f"slowest cell of {cell['notebook']} (number {cell['cell']})"
        lines.append(f"  {name:32}{'':9}{cell['seconds']:9.1f}")
    lines.append(f"{'own memory, MB':34}{'median':>9}{'most':>9}")
    for name, of in found["own MB"].items():
        lines.append(f"  {name:32}{of['median']:9.0f}{of['most']:9.0f}")
    for kind, held in found["most at any moment, MB"].items():
        lines.append(f"  {kind + ', at any moment':32}{'':9}{held['written']:9.0f}")
    total = found["all together at most, MB"] / 1024
    lines.append(
        f"all together at most {total:.1f} GB; {found['memory left, GB']:.1f} GB were left"
    )
    model = found["model"]
    for case, b in model.get("b", {}).items():
        needed = model[f"GB for {AIM['students']}"][case]
        lines.append(
            f"{case}: {model['a']:.0f} MB + {b:.0f} MB for each student, so {needed:.1f} GB for "
            f"{AIM['students']}, beside the system; aimed at are {AIM['memory']:.0f} GB"
        )
    for name, what in found["trouble"].items():
        lines.append(f"{name}: {json.dumps(what, ensure_ascii=False)}")
    return "\n".join(lines)


def read_options(arguments=None):
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=16)
    parser.add_argument("--tuning", type=int, default=0, help="how many of them run 05, too")
    parser.add_argument("--arrive", type=float, default=60, help="seconds until the last is there")
    parser.add_argument("--think", type=float, default=2, help="mean seconds between two cells")
    parser.add_argument("--memory", default="2G", help="what each of them may have")
    parser.add_argument(
        "--python", default=os.environ.get("CLASS_PYTHON", sys.executable), help="of the students"
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Measure, print and store; the exit status is 1 if somebody did not come through."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and so remove what was made
    options = read_options()
    if lacking := missing():
        print(f"Not measured: {lacking}.", file=sys.stderr)
        return 1
    about = {
        "date": date.today().isoformat(),
        "device": f"CPU, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 2),
        **{name: value for name, value in vars(options).items() if name != "python"},
    }
    about["found"] = measure(options)
    print(table(about))
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{about['date']}-class.json"
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return 0 if about["found"]["came through"] == options.students else 1


if __name__ == "__main__":
    sys.exit(main())
