"""Let copies of one process run the tests, each a file at a time: `pytest -p copies --copies 2`.

What tests import takes half a minute of processor time, and so does collecting them. Here one
process does both, then copies itself. A file stays whole, so that what its tests share is made
once. Where a process cannot be copied, or with one copy, pytest runs as ever.
"""
import gc
import multiprocessing
from collections.abc import Iterable, Iterator
from itertools import groupby
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from typing import cast

import pytest
from _pytest.capture import CaptureManager

# These files take longest; a long file that begins last would keep everybody waiting.
FIRST = ("test_diffusion", "test_cli", "test_gpu_script", "test_coverage", "test_train",
         "test_config", "test_evaluate", "test_ancestors", "test_combinations", "test_bound",
         "test_mdm", "test_sample", "test_coding", "test_mulan", "test_faults", "test_lyapunov",
         "test_keyed")
Groups = list[list[pytest.Item]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many copies."""
    parser.addoption("--copies", type=int, default=1, help="processes that share the tests")


def pytest_sessionstart() -> None:
    """What is imported and collected stays: nobody need look for garbage in it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on there is garbage."""
    gc.freeze()
    gc.enable()


def in_files(items: list[pytest.Item]) -> Groups:
    """The tests of each file, in order; the files that take long come first."""
    def turn(group: list[pytest.Item]) -> int:
        name = group[0].path.stem
        return FIRST.index(name) if name in FIRST else len(FIRST)
    return sorted((list(group) for _, group in groupby(items, lambda i: i.path)), key=turn)


class Sender:
    """Sends which test begins, and what is reported about it, to the process that was copied."""
    def __init__(self, config: pytest.Config, way: Connection) -> None:
        self.config, self.way = config, way

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Called before each test."""
        self.way.send(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called after setup, call and teardown of each test."""
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.way.send(data)


def work(groups: Groups, taken: "Synchronized[int]", way: Connection) -> None:
    """What a copy does: take a file that nobody has taken, run its tests, and again."""
    config = groups[0][0].config
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    plugins.register(Sender(config, way))
    capture = cast(CaptureManager, plugins.getplugin("capturemanager"))
    # a file of its own for what is captured
    capture.stop_global_capturing()
    capture.start_global_capturing()
    while True:
        with taken.get_lock():
            place, taken.value = taken.value, taken.value + 1
        if place >= len(groups): break
        for item, following in zip(groups[place], [*groups[place][1:], None], strict=True):
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    capture.stop_global_capturing()
    way.send(None)


def started(groups: Groups, copies: int) -> dict[Connection, BaseProcess]:
    """Processes at work, by the way on which they send."""
    fork, out = multiprocessing.get_context("fork"), {}
    taken = fork.Value("i", 0)
    for _ in range(copies):
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=work, args=(groups, taken, there))
        process.start()
        there.close()
        out[here] = process
    return out


def reports(at_work: Iterable[Connection]) -> Iterator[dict]:
    """What they report, until all are done; an error if one ends before."""
    doing = dict.fromkeys(at_work, "the first test")
    while doing:
        for way in cast(list[Connection], wait(doing)):
            try: data = way.recv()
            except EOFError:
                raise pytest.Session.Failed(f"{doing[way]} ended its process") from None
            if data is None: del doing[way]
            elif isinstance(data, str): doing[way] = data
            else: yield data


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Copy this process, and show what the copies report."""
    config, copies = session.config, cast(int, session.config.getoption("copies"))
    if copies < 2 or session.testsfailed: return None
    if config.getoption("collectonly") or not session.items: return None
    vars(config)["_tmp_path_factory"].getbasetemp()  # one folder for all
    done, at_work = 0, started(in_files(session.items), copies)
    try:
        for data in reports(at_work):
            report = config.hook.pytest_report_from_serializable(config=config, data=data)
            config.hook.pytest_runtest_logreport(report=report)
            if report.when == "teardown":
                done += 1
                where = {"nodeid": report.nodeid, "location": report.location}
                config.hook.pytest_runtest_logfinish(**where)
            if session.shouldfail: raise session.Failed(session.shouldfail)
    except session.Failed as e:
        session.shouldfail = str(e)  # is shown
        for process in at_work.values(): process.terminate()
        raise
    finally:
        for process in at_work.values(): process.join()
    assert done == len(session.items), f"{done} of {len(session.items)} tests ran"
    return True
