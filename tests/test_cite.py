"""Citations: every class that has a source knows it, and what comes out is BibTeX."""
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import mdm_nb as m
from mdm_nb.gaussians.core import InputError
from mdm_nb.runs.cite import KINDS_OF_PART, PAPERS_OF, cite, sources_of
from mdm_nb.runs.options import Config
from mdm_nb.runs.papers import PAPERS

BASES = {*KINDS_OF_PART, m.Scalar, m.Exponential, m.Multistep, m.Guidance}

NEIGHBOURS = Path(__file__).parents[1] / "nbs/learn/neighbours"


def public_kinds() -> Iterator[type]:
    """Every public class of the package that may be a part of a model."""
    for name in m.__all__:
        thing = getattr(m, name)
        if isinstance(thing, type) and issubclass(thing, (*KINDS_OF_PART, m.Encoder)): yield thing


def keys_of(*things: object) -> list[str]:
    """The keys of what is cited, in order."""
    return re.findall(r"(?m)^@\w+\{([^,]+),$", cite(*things))


@pytest.mark.parametrize("kind", sorted(set(public_kinds()) - BASES, key=lambda k: k.__name__))
def test_every_part_of_a_model_has_a_row(kind: type) -> None:
    """A new process, clock, context, denoiser, sampler or method cannot be forgotten."""
    assert sources_of(kind) is not None


@pytest.mark.parametrize("kind", sorted(BASES, key=lambda k: k.__name__))
def test_a_base_class_has_none(kind: type) -> None:
    """Or what somebody derives from it would inherit a source that is not its own."""
    assert sources_of(kind) is None


def test_every_entry_is_bibtex() -> None:
    """Kinds and fields are BibTeX's, braces balance, keys are unique, nothing is empty."""
    text = cite(*PAPERS_OF, m.PSLD, m.LearnedMDM)
    entries = re.split(r"(?m)^(?=@)", text)[1:]
    for entry in entries:
        head, *fields, end = re.sub(r"(?m)^%.*\n?", "", entry).strip().splitlines()
        assert re.fullmatch(r"@(article|inproceedings|misc|book)\{[a-z0-9_]+,", head) and end == "}"
        for field in fields:
            assert re.fullmatch(r"  (author|title|journal|booktitle|publisher|volume|pages|year|doi"
                                r"|eprint|archiveprefix|url) = \{.+\},", field)
            assert field.count("{") == field.count("}")
            if not field.startswith("  url"): assert not re.search(r"(?<!\\)[_&%#]", field)
    found = Counter(keys_of(*PAPERS_OF))
    assert max(found.values()) == 1 and text.count("{") == text.count("}")
    assert PAPERS.keys() - found.keys() <= {  # these belong to settings
        "salimans2022", "song2019", "boys2023", "song2023", "chung2023", "wang2023",
        "albert1993", "polson2013",
        "hoffman2014", "mudur2023"}  # and these are compared with, or told of, on pages


def test_journals_are_articles_with_a_place() -> None:
    """A volume and pages are a journal's; and what has a publisher is a book."""
    for key, paper in PAPERS.items():
        kind = paper.bibtex(key).split("{")[0]
        if paper.volume or paper.pages: assert kind == "@article" and paper.volume and paper.pages
        assert (kind == "@book") == bool(paper.publisher)
        if paper.doi: assert re.fullmatch(r"10\.\d{4,}/\S+", paper.doi)


NAMED = (r"(?P<who>[A-Z][\w'-]+)(?P<more> et al\.|(?:, [A-Z][\w'-]+)*,? and [A-Z][\w'-]+)? "
         r"\(?(?P<year>(?:19|20)\d\d)\b")


@pytest.mark.parametrize("page", sorted(NEIGHBOURS.glob("*.ipynb")), ids=lambda page: page.stem)
def test_every_work_that_a_neighbour_names_has_an_entry(page: Path) -> None:
    """Found by first author and year, in prose, comments and docstrings."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    text = " ".join("".join(cell["source"]) for cell in cells)
    named = {match["who"].lower() + match["year"] for match in re.finditer(NAMED, text)}
    assert {name for name in named if not any(k.startswith(name) for k in PAPERS)} == set()


def test_names_with_years_are_found() -> None:
    """One author, two, many, and several in full."""
    text = ("Wiener (1949); Ho and Salimans 2022; after Yang et al. (2021); Bardeen, Bond, Kaiser "
            "and Szalay (1986); 1000 torch 2000")
    found = [match["who"] + match["year"] for match in re.finditer(NAMED, text)]
    assert found == ["Wiener1949", "Ho2022", "Yang2021", "Bardeen1986"]


def test_rows_lead_to_papers() -> None:
    """No key of the table is misspelt."""
    assert {key for keys in PAPERS_OF.values() for key in keys} <= PAPERS.keys()


def test_parts_deep_inside_are_found() -> None:
    """A guided, measured model: through wrappers, bound methods and clocks."""
    levels = m.Discretization(4)
    model = m.Diffusion(m.MLP(2, 8, 1), m.VP(m.Monotone(hidden=4)), "eps", levels, (2,),
                        T=3, free_variance=True)
    base = m.denoiser(model.process, model.predict, "eps")
    told = m.Measured(base, m.randn((1, 2), m.seeded(0)), lambda x: x, covariance="tweedie")
    found = keys_of(m.Guided(told, lambda z, *_: z.flatten(1), 2.0))
    there = {"dhariwal2021", "boys2023", "song2021", "kingma2021", "ho2020", "nielsen2024"}
    assert there <= set(found)
    assert not {"sahoo2024", "salimans2022", "dockhorn2022"} & set(found)


def test_a_steered_model_cites_what_steers_it() -> None:
    """Although a function puts it there."""
    levels = m.Discretization(4)
    model = m.Diffusion(m.MLP(2, 8, 1), m.VP(), discretization=levels, shape=(2,))
    known, mask = torch.zeros(1, 2), torch.tensor([True, False])
    steered = m.Steered(model, lambda base: m.Inpainting(base, known, mask))
    assert "Inpainting" in cite(steered) and "kingma2021" in keys_of(steered)
    assert "Inpainting" not in cite(model)


def test_a_sampler_inside_a_sampler_is_found() -> None:
    """RePaint's walks are of another sampler."""
    assert keys_of(m.Resampling(m.DPMSolver(4))) == ["mdm_nb", "lugmayr2022", "lu2022"]


def test_a_configuration_is_cited_as_its_model() -> None:
    """Without data, and without training."""
    config = Config(process="malda", schedule="learned", width=8, blocks=1)
    assert {"singhal2023", "kingma2021", "salimans2022"} <= set(keys_of(config))


def test_what_is_not_known_is_named_or_refused() -> None:
    """A network of one's own is named; a number is no part of a model."""
    class MyNetwork(nn.Module):
        def forward(self, z: object, g: object) -> object:
            """Nothing."""
            return 0 * z
    model = m.Diffusion(MyNetwork(), discretization=m.Discretization(4), shape=(2,))
    text = cite(model)
    assert text.count("% MyNetwork: no source is known here") == 1
    with pytest.raises(InputError, match=r"things\[1\] is a float, which is no part"):
        cite(model, 0.5)
    with pytest.raises(InputError, match="is not a run folder"): cite("no/such/folder")


@pytest.mark.parametrize(("thing", "what"), [
    (Config, "the class Config"), (m.Box, "the class Box"), (nn.Linear, "the class Linear"),
    (m.effectiveness, "the function effectiveness"), (m.Box((0.0,), (1.0,)), "a Box")])
def test_what_has_no_row_is_called_by_its_name(thing: object, what: str) -> None:
    """And its reader is told what is missing and what to do."""
    name = what.split()[-1]
    if thing is Config: assert cite(Config()).startswith("@misc{mdm_nb,")
    with pytest.raises(InputError) as error: cite(thing)
    said = str(error.value)
    assert f"things[0] is {what}, which has no row in PAPERS_OF" in said
    assert f"PAPERS_OF[{name}] = (its keys in PAPERS,)" in said and " type" not in said


def test_a_link_cites_those_who_found_it() -> None:
    """Albert and Chib for probit, Polson, Scott and Windle for logit."""
    assert keys_of(m.CBModel()) == ["mdm_nb", "wojnowicz2022", "albert1993"]
    assert keys_of(m.CBModel(link="logit")) == ["mdm_nb", "wojnowicz2022", "polson2013"]
    assert keys_of(m.hmc) == ["mdm_nb", "duane1987", "bingham2019"]
    assert "bardeen1986" in keys_of(m.Wiener(m.VP(), m.GaussianField(8)))
