"""What a user installs: the modules, the commands, the metadata, and nothing else."""
import email
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KINDS = (".py", ".pyi", ".typed", ".json", ".md", ".safetensors")
SOURCES = [p for p in (ROOT / "mdm_nb").rglob("*") if p.suffix in KINDS]
FILES = sorted(p.relative_to(ROOT).as_posix() for p in SOURCES)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy so that no build folder is left behind."""
    work = tmp_path_factory.mktemp("wheel")
    names = ["settings.ini", "setup.py", "pyproject.toml", "README.md", "LICENSE", *FILES]
    for name in names:
        (work / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (work / "src" / name).write_bytes((ROOT / name).read_bytes())
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "wheel", *quiet, "--wheel-dir", str(work)]
    command.append(str(work / "src"))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(work.glob("*.whl"))) as z: yield z


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """settings.ini."""
    config = ConfigParser(delimiters=["="])
    config.read(ROOT / "settings.ini", encoding="utf-8")
    return dict(config["DEFAULT"])


def read(wheel: zipfile.ZipFile, name: str) -> str:
    """A file of the wheel's metadata."""
    path = next(n for n in wheel.namelist() if n.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def test_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = [n for n in wheel.namelist() if ".dist-info/" not in n]
    assert sorted(names) == FILES
    assert any("LICENSE" in n for n in wheel.namelist())


def test_wheel_brings_types(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    parts = [n for n in names if n.startswith("mdm_nb/") and n.count("/") == 2]
    modules = {n for n in parts if n.endswith(".py") and not n.endswith("/__init__.py")}
    assert modules, "the parts are packaged"
    assert {"mdm_nb/py.typed", "mdm_nb/__init__.pyi", *(f"{n}i" for n in modules)} <= names


def test_wheel_metadata_is_what_settings_say(
    wheel: zipfile.ZipFile, settings: dict[str, str]
) -> None:
    meta = email.message_from_string(read(wheel, "METADATA"))
    assert meta["Name"].replace("-", "_") == settings["lib_name"]
    assert meta["Version"] == settings["version"]
    assert meta["Requires-Python"] == f">={settings['min_python']}"
    plain = [r for r in meta.get_all("Requires-Dist") if "extra ==" not in r]
    assert {r.split(";")[0].strip() for r in plain} == set(settings["requirements"].split())
    extras = [k for k in settings if k.endswith("_requirements")]
    assert set(meta.get_all("Provides-Extra")) == {k.removesuffix("_requirements") for k in extras}
    assert "mdm_nb" in meta.get_payload(), "the README is the long description"


def test_wheel_has_the_commands(wheel: zipfile.ZipFile, settings: dict[str, str]) -> None:
    points = ConfigParser(delimiters=["="])
    points.read_string(read(wheel, "entry_points.txt"))
    commands = dict(c.split("=") for c in settings["console_scripts"].split())
    assert dict(points["console_scripts"]) == commands
    assert dict(points["nbdev"]) == {"mdm_nb": "mdm_nb._modidx:d"}


def test_versions_agree(settings: dict[str, str]) -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {settings['version']}\n" in citation
