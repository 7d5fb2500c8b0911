"""The record of `tools/gpu.py`: one JSON file that grows item by item and survives being killed."""
import hashlib
import json
import os
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import torch
from gpu_session import SEED, Disagreement, Item, Session, Unavailable, describe, first_line
from gpu_speed import release

ROOT = Path(__file__).resolve().parent.parent
FORMAT = 1
STARTS = 2  # of an item that ended the process; it is not started again
STATES = ("ok", "failed", "unavailable", "skipped", "running")


class Unwritable(Exception):
    """The record cannot be read, written, or gone on with; nothing should be measured."""


class Overrun(BaseException):
    """An item took far longer than expected. Not an Exception, so that no item can catch it."""


class Clock:
    """What is left of this start's seconds."""
    def __init__(self, slice_seconds: float, budget: float | None, used: float) -> None:
        self.start = time.monotonic()
        left = slice_seconds if budget is None else min(slice_seconds, budget - used)
        self.end = self.start + left

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.end - time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.start


def code_hash() -> str:
    """What the package and these tools are, in twelve digits."""
    tools, sha = ROOT / "tools", hashlib.sha256()
    files = [*(ROOT / "mdm_nb").rglob("*.py"), *tools.glob("gpu*.py"), tools / "timing.py"]
    for file in sorted(files): sha.update(file.read_bytes())
    return sha.hexdigest()[:12]


class Record:
    """What was found so far, and where it is written."""
    def __init__(
        self,
        path: Path,  # of the JSON file
        session: Session,  # its machine must be that of the file, and it receives the results
    ) -> None:
        self.path, self.session, self.code = path, session, code_hash()
        machine = describe(session.device)
        self.content = self._read() or {
            "format": FORMAT, "toy": session.toy, "machine": machine, "seed": SEED,
            "seconds": 0.0, "starts": 0, "items": {},
        }
        mine = {"format": FORMAT, "toy": session.toy, "device": machine["device"]}
        begun = {**self.content, **self.content["machine"]}
        changed = [f"{k} was {begun[k]} and is {v}" for k, v in mine.items() if begun[k] != v]
        if changed: raise Unwritable(f"{path}: {', '.join(changed)}; choose another --out")
        self.seconds: float = self.content["seconds"]
        self.content["starts"] += 1
        self.items: dict[str, dict] = self.content["items"]
        for name, row in self.items.items():
            if row["status"] == "ok": session.results[name] = row["result"]
        self.write()

    def _read(self) -> dict | None:
        try: content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError: return None
        except (OSError, ValueError) as e:
            raise Unwritable(f"cannot go on with {self.path} ({first_line(e)}): "
                             "choose another --out") from e
        if isinstance(content, dict) and {"format", "items", "machine"} <= set(content):
            return content
        raise Unwritable(f"{self.path} is not a record of this script: choose another --out")

    def write(self) -> None:
        """Write the file whole or not at all."""
        neighbour = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        text = json.dumps(self.content, indent=1, default=str) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            neighbour.write_text(text, encoding="utf-8")
            os.replace(neighbour, self.path)
        except OSError as e:
            with suppress(OSError): neighbour.unlink()
            why = f"cannot write {self.path} ({e.strerror})"
            raise Unwritable(f"{why}: choose another --out") from e

    def put(self, name: str, status: str, spent: float, **more: object) -> None:
        """Write down what became of an item, and the seconds of this start so far."""
        if status not in STATES: raise ValueError(status)
        attempts = self.items.get(name, {}).get("attempts", 0) + (status == "running")
        self.items[name] = {
            "status": status, "attempts": attempts, "code": self.code,
            "when": datetime.now(UTC).isoformat(timespec="seconds"), **more,
        }
        self.content["seconds"] = self.seconds + spent
        self.write()

    def done(self, name: str, again: bool) -> bool:
        """Whether an item need not be run: it worked, or did not with this very code."""
        row = self.items.get(name, {"status": "skipped"})
        if row["status"] == "ok": return True
        return row["status"] in ("failed", "unavailable") and row["code"] == self.code and not again

    @property
    def failed(self) -> bool:
        """Whether any item failed."""
        return any(row["status"] == "failed" for row in self.items.values())

    def table(self) -> str:
        """One line an item."""
        about = self.content["machine"]
        head = f"{about['device']}, torch {about['torch']}" + ", toy size" * self.session.toy
        lines = [f"{head}; {self.content['seconds']:.0f} s in {self.content['starts']} start(s)"]
        for name, row in self.items.items():
            text = row["result"]["text"] if row["status"] == "ok" else row.get("reason", "")
            other = "" if row["code"] == self.code else f" (other code, {row['code']})"
            seconds = f"{row.get('seconds', 0):6.1f} s"
            lines.append(f"{name:28} {row['status']:11} {seconds}  {text}{other}")
        return "\n".join(lines)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `Overrun` inside after so many seconds."""
    def ring(number: int, frame: FrameType | None) -> None:
        raise Overrun(f"stopped after {seconds:.0f} s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try: yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(item: Item, session: Session, limit: float) -> tuple[str, dict]:
    """Run an item; its status and what is to be remembered."""
    try:
        with at_most(limit): return "ok", {"result": item.call(session)}
    except Unavailable as e: return "unavailable", {"reason": str(e)}
    except Disagreement as e: return "failed", {"reason": str(e), "found": e.found}
    except Overrun as e: return "failed", {"reason": f"{e}, expected {item.seconds:.0f} s"}
    except Exception as e:  # noqa: BLE001 - an item must not take the others with it
        trace = traceback.format_exc().replace(f"{ROOT}{os.sep}", "").splitlines()
        return "failed", {"reason": first_line(e), "trace": trace[-12:]}


def sound(device: torch.device) -> bool:
    """Whether the device still answers; after some errors it does not until the process ends."""
    if device.type != "cuda": return True
    try: torch.cuda.synchronize(device)
    except RuntimeError: return False
    return True


def one(record: Record, item: Item, session: Session, clock: Clock) -> bool:
    """Run one item and write it down; whether the device can go on."""
    expected = min(item.seconds, 1.0) if session.toy else item.seconds
    row, about = record.items.get(item.name, {}), {"expected_seconds": expected}
    if row.get("status") == "running" and row["attempts"] >= STARTS:
        reason = f"the process ended while it ran, {row['attempts']} times"
        record.put(item.name, "failed", clock.spent, reason=reason, **about)
        return True
    if clock.left < expected:
        reason = f"{max(clock.left, 0):.0f} s were left, {expected:.0f} s expected"
        record.put(item.name, "skipped", clock.spent, reason=reason, **about)
        return True
    record.put(item.name, "running", clock.spent, **about)
    start = time.monotonic()
    limit = clock.left if session.toy else min(clock.left, 30 + 3 * item.seconds)
    status, found = attempt(item, session, limit)
    seconds = time.monotonic() - start
    record.put(item.name, status, clock.spent, seconds=seconds, **about, **found)
    if status == "ok": session.results[item.name] = found["result"]
    text = found["result"]["text"] if status == "ok" else found["reason"]
    print(f"{item.name}: {status} in {seconds:.1f} s: {text}", flush=True)
    return sound(session.device)


def run(record: Record, items: list[Item], session: Session, clock: Clock, again: bool) -> None:
    """Run the items that are not done, as far as the time goes."""
    for item in items:
        if record.done(item.name, again): continue
        if not one(record, item, session, clock):
            print("the device no longer answers in this process: start again to go on", flush=True)
            return
        release(session.device)
