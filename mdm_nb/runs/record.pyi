"""Written by tools/stubs.py: do not edit."""
from pathlib import Path
from typing import NotRequired
from typing import TypedDict
from ..data.data import ImageData
from .evaluation import Estimate
from .evaluation import Evaluation
from .options import Config

__all__ = [
    "RECORD_FORMAT", "MEASURED", "DRAWN", "describe", "hash_config", "DataFacts", "Training",
    "Record", "make_record", "render_card", "read_record", "write_record", "result_files",
    "owner_of", "retire", "merge_record"
]
def _encoder_in_words(c: Config) -> list[str]: ...
def _network_in_words(c: Config) -> str: ...
def describe(config: Config) -> str:
    """What a configuration makes, in words."""
def hash_config(config: Config) -> str:
    """SHA-256 of the options as JSON, sorted by name."""
class DataFacts(TypedDict):
    """Which data: the fingerprint decides, the rest is for the reader."""
    name: str
    counts: list[int]
    shape: list[int]
    levels: int
    fingerprint: str
    where: str
    classes: NotRequired[int]
    label_fingerprint: NotRequired[str]
class Training(TypedDict):
    """How the weights came about."""
    step: int | None
    seed: int | None
    batch_size: int | None
    seconds: float | None
    hardware: str | None
    versions: dict[str, str] | None
class Record(TypedDict):
    """What is known about one set of weights."""
    format: int
    name: str
    model: str
    data: DataFacts
    weights: str | None
    config: str | None
    training: Training
    evaluations: dict[str, Evaluation]
    note: NotRequired[str]
RECORD_FORMAT: int
def make_record(
    name: str,
    config: Config,
    data: ImageData,
    weights: str,
    training: dict,
    evaluations: dict[str, Evaluation],
) -> Record:
    """All that is known about one set of weights."""
def _version_list(versions: dict[str, str] | None) -> str | None: ...
def _run_facts(record: Record) -> dict[str, object]: ...
def _evaluation_facts(evaluation: Evaluation, training: Training) -> dict[str, object]: ...
def _bullets(facts: dict[str, object]) -> list[str]: ...
def render_card(record: Record) -> str:
    """What was done, with what, on what, and what came of it."""
def _digest(record: Record) -> str: ...
def read_record(folder: Path | str) -> Record:
    """Read and check the record of a run."""
def _check_record(record: Record) -> None: ...
def _check_estimate(row: Estimate) -> None: ...
def write_record(folder: Path, record: Record) -> None:
    """Write record.json, and card.md from it."""
MEASURED: tuple[str, str, str]
DRAWN: tuple[str, str, str]
def result_files(folder: Path, patterns: tuple[str, ...] = ...) -> list[Path]:
    """What depends on the weights of a run."""
def owner_of(folder: Path) -> str | None:
    """The weights that the results in a folder belong to."""
def retire(folder: Path, files: list[Path], weights: str | None) -> None:
    """Move results of other weights below retired/."""
def _new_folder(parent: Path, name: str) -> Path: ...
def merge_record(folder: Path, new: Record) -> Record:
    """Add evaluations to the record of a run; what cannot stay beside them retires."""
