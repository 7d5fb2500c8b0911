"""Citations: every class that has a source knows it, and what comes out is BibTeX."""
import re
from collections import Counter
from collections.abc import Iterator

import pytest
import torch
from torch import nn

import mdm_nb as m
from mdm_nb.gaussians.core import InputError
from mdm_nb.runs.cite import KINDS_OF_PART, PAPERS_OF, cite, sources_of
from mdm_nb.runs.options import Config
from mdm_nb.runs.papers import PAPERS

BASES = {*KINDS_OF_PART, m.Scalar, m.Exponential, m.Multistep, m.Guidance}


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
        assert re.fullmatch(r"@(article|inproceedings|misc)\{[a-z0-9_]+,", head) and end == "}"
        for field in fields:
            assert re.fullmatch(r"  (author|title|journal|booktitle|year|eprint|archiveprefix|url)"
                                r" = \{.+\},", field)
            assert field.count("{") == field.count("}")
            if not field.startswith("  url"): assert not re.search(r"(?<!\\)[_&%#]", field)
    found = Counter(keys_of(*PAPERS_OF))
    assert max(found.values()) == 1 and text.count("{") == text.count("}")
    assert PAPERS.keys() - found.keys() <= {  # these belong to settings
        "salimans2022", "song2019", "boys2023", "song2023", "chung2023", "wang2023"}


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
    with pytest.raises(InputError, match=r"things\[1\] is a float, which nothing is known about"):
        cite(model, 0.5)
    with pytest.raises(InputError, match="is not a run folder"): cite("no/such/folder")
