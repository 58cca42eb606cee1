"""
What it is worth to leave a skeleton's own words out before comparing.

A company of services with a job each, most of them born from one golden path: what the template wrote into description,
tags and API is in all of them. Queries describe the same jobs in other words, a third with the same word for the thing,
and every other one beginning as people begin who know the golden path. Some ask for a job that nobody does, on a thing
that others have to do with.

Each of `SIDES` says what the catalog holds of a service born from the golden path: what the template wrote in sentences
that every such service has, or in the one that says what this service does; with the annotation that a birth leaves, by
which it is left out, or without; and as if the template had written nothing.
"""

from __future__ import annotations

import re
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

from scaffolder.actions import template_words
from scaffolder.catalog.entity import Entity
from scaffolder.similar.own_words import TEMPLATE_WORDS
from scaffolder.tree import File, Tree
from tests.benchmarks.similar.data import Query
from tests.benchmarks.similar.entities import slug
from tests.benchmarks.similar.measures import measure
from tests.benchmarks.similar.tables import HEADS, Table, measures_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.benchmarks.similar.baselines import Encoder
    from tests.benchmarks.similar.program import Homes
    from tests.benchmarks.similar.tables import Goal

    Job = tuple[tuple[str, str], tuple[str, str, str]]
    Row = dict[str, Any]

SEED = 7
BORN, OTHERS = 180, 60
ANSWERED, UNANSWERED = 100, 60
SAME_WORD = 3

# A thing, and the same thing in other words.
THINGS = (
    ("parking permit", "car park pass"),
    ("lunch order", "canteen meal request"),
    ("meeting room", "conference space"),
    ("fire drill", "evacuation exercise"),
    ("library loan", "borrowed book"),
    ("tram timetable", "streetcar schedule"),
    ("greenhouse sensor", "glasshouse probe"),
    ("museum ticket", "gallery admission"),
    ("blood sample", "lab specimen"),
    ("harvest forecast", "crop yield estimate"),
    ("ferry booking", "boat passage reservation"),
    ("school report", "pupil's marks"),
    ("water meter", "household consumption gauge"),
    ("rental bike", "shared bicycle"),
    ("court hearing", "trial date"),
    ("vaccination record", "immunisation history"),
    ("lost suitcase", "missing luggage"),
    ("choir rehearsal", "singing practice"),
    ("power cut", "electricity outage"),
    ("street lamp", "road light"),
    ("film subtitle", "movie caption"),
    ("bread recipe", "baking formula"),
    ("pet adoption", "rehoming of an animal"),
    ("chess tournament", "board game competition"),
    ("snow report", "piste condition"),
    ("waste collection", "rubbish pick-up"),
    ("translated sentence", "text put into another language"),
    ("invoice", "bill"),
    ("job applicant", "candidate for a post"),
    ("shipping container", "freight box"),
)

# What is done with a thing: as a name, in a sentence, and in another sentence.
ACTIONS = (
    ("reminder", "Sends a reminder before each {} is due.", "Nudge people ahead of time about an upcoming {}."),
    ("search", "Finds any {} by its words.", "Look up a {} by typing part of it."),
    ("archive", "Keeps every old {} for ten years.", "Long-term storage of each past {}."),
    ("pricing", "Works out what a {} costs.", "Calculate the charge for one {}."),
    ("import", "Reads the files that partners send about each {}.", "Take in what outside firms deliver on a {}."),
    ("audit", "Records who changed a {} and when.", "Trace of all edits made to any {}."),
    ("outlook", "Predicts the number of each {} next month.", "Estimate the future volume of every {}."),
    ("approval", "Lets a manager accept or reject a {}.", "Sign-off by a superior for a {}."),
    ("map", "Shows where each {} is.", "Display the location of every {} on a chart."),
    ("anonymiser", "Removes personal data from a {}.", "Strip names and addresses out of each {}."),
    ("label", "Prints a label for each {}.", "Produce a sticker per {}."),
    ("ledger", "Hands the sums of each {} to the accountants.", "Pass the amounts of every {} on to bookkeeping."),
)

BEFORE = "Python web service made from the golden path, with health checks, metrics, structured logs and PostgreSQL."
AFTER = "Getting started: run the tests, start the service, deploy it. Configuration, alerts and whom to ask."
TAGS = ("python", "fastapi", "postgresql", "golden-path")
PATHS = ("/health/live", "/health/ready", "/metrics", "/openapi.json")
WOVEN = "Python web service with health checks, metrics, structured logs and PostgreSQL on the golden path: "
SKELETON = Tree({"catalog-info.yaml": File(" ".join((BEFORE, AFTER, WOVEN, *TAGS, *PATHS)).encode())})
ASKED_AFTER = "Python web service with PostgreSQL: "


def part(homes: Homes, encoder: Encoder) -> tuple[list[Goal], list[Table]]:
    """Return no goal, and a table with each side's figures, the encoder's alone below ours."""
    born, others, asked = jobs()
    asked_of = queries(asked, {*born, *others})
    shown = []
    for number, (name, side) in enumerate(SIDES.items()):
        rows = [*map(side, born), *map(bare, others)]
        ours = homes.of(f"skeleton-{number}", rows).answers(asked_of)
        shown.append(measures_row(name, measure(asked_of, ours)))
        alone = encoder([*map(left, rows)], asked_of)
        shown.append(measures_row(f"{name}: encoder alone", measure(asked_of, alone), ranks_only=True))
    title = f"Skeleton words: {BORN} services born from one golden path among {BORN + OTHERS}"
    return [], [Table(title, ("", *HEADS), shown)]


def jobs() -> tuple[list[Job], list[Job], list[Job]]:
    """Return the jobs of the services born from the golden path, of the others, and those that are asked for."""
    everything = list(product(THINGS, ACTIONS))
    Random(SEED).shuffle(everything)  # noqa: S311  # the same catalog each time
    born, others, nobodys = everything[:BORN], everything[BORN : BORN + OTHERS], everything[BORN + OTHERS :]
    answered = Random(SEED).sample([*born, *others], ANSWERED)  # noqa: S311  # the same queries each time
    return born, others, [*answered, *nobodys[:UNANSWERED]]


def bare(job: Job) -> Row:
    """Return a service that says its job and nothing else."""
    (thing, _), (action, does, _) = job
    path = f"/{slug(thing)}s"
    return {
        "id": _key(job),
        "name": slug(f"{thing}-{action}"),
        "description": does.format(thing),
        "tags": [],
        "extra": {"owner": f"team-{thing[0]}", "apis": [path]},
    }


def as_born(job: Job) -> Row:
    """Return a service with what the template wrote into it, in sentences of its own."""
    row = bare(job)
    return {**row, "description": f"{BEFORE} {row['description']} {AFTER}", **_labelled(row)}


def woven(job: Job) -> Row:
    """Return a service with what the template wrote, in the very sentence that says the job."""
    row = bare(job)
    return {**row, "description": WOVEN + row["description"], **_labelled(row)}


def _labelled(row: Row) -> Row:
    return {"tags": [*TAGS], "extra": {**row["extra"], "apis": [*PATHS, *row["extra"]["apis"]]}}


def noted(job: Job, born: Callable[[Job], Row]) -> Row:
    """Return a service as born, with the annotation that a birth leaves on it."""
    row = born(job)
    metadata = {"name": row["name"], "description": row["description"], "tags": row["tags"]}
    entity = Entity({"kind": "Component", "metadata": metadata})
    words = template_words.of_entry(entity, SKELETON, said=(row["name"], bare(job)["description"]))
    return {**row, "annotations": {TEMPLATE_WORDS: words}}


def left(row: Row) -> Row:
    """Return a row without the words that its annotation names, as the encoder alone is to read it."""
    words = set(row.get("annotations", {}).get(TEMPLATE_WORDS, "").split())
    description, *tags = (
        re.sub(r"[^\W_]+", lambda found: "" if found[0].lower() in words else found[0], text)
        for text in (row["description"], *row["tags"])
    )
    return {**row, "description": description, "tags": tags} if words else row


SIDES: dict[str, Callable[[Job], Row]] = {
    "sentences of its own": as_born,
    "sentences of its own, left out": lambda job: noted(job, as_born),
    "in the job's sentence": woven,
    "in the job's sentence, left out": lambda job: noted(job, woven),
    "had the template written nothing": bare,
}


def queries(asked: Sequence[Job], held: Iterable[Job]) -> list[Query]:
    """Return each job in other words; what nobody does has no answer."""
    known = set(held)
    return [_query(job, number, is_answered=job in known) for number, job in enumerate(asked)]


def _query(job: Job, number: int, *, is_answered: bool) -> Query:
    (same, other), (_, _, does) = job
    thing = other if number % SAME_WORD else same
    purpose = (ASKED_AFTER if number % 2 else "") + does.format(thing)
    relevant = frozenset({_key(job)} if is_answered else ())
    kind = "redescribe" if is_answered else "none-hard"
    return Query(f"skeleton-{number:03}", "skeleton", kind, slug(f"{thing}-svc"), purpose, (), (), relevant)


def _key(job: Job) -> str:
    return f"{job[0][0]}/{job[1][0]}"
