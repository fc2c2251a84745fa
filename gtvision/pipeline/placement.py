"""Which camera runs where: a pure function from (wanted, running, nodes) to a list of actions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that can run cameras.

    Attributes:
        id: The cluster's id of it.
        cores: How much it can carry, relative to others.
    """

    id: str
    cores: float


@dataclass(frozen=True, slots=True)
class Running:
    """A camera that has an actor.

    Attributes:
        node: Where; None while it does not say.
        version: Of its settings.
        software: Of its code.
    """

    node: str | None
    version: int
    software: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start that camera on that node."""

    camera_id: str
    node: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop that camera; its open events close when it is not wanted any more, and stay open when it moves."""

    camera_id: str
    closes_events: bool


@dataclass(frozen=True, slots=True)
class Apply:
    """Tell that camera that its settings changed."""

    camera_id: str


Action = Start | Stop | Apply


def reconcile(
    wanted: Mapping[str, int], running: Mapping[str, Running], nodes: Sequence[Node], software: str
) -> list[Action]:
    """What has to be done so that what runs becomes what is wanted, stops first.

    A camera stays where it is as long as its node lives. New ones go where there are the fewest per core. Actors of
    another software version are replaced one at a time.

    Args:
        wanted: Version of the settings of each camera that should run.
        running: The cameras that have an actor.
        nodes: Those that live.
        software: The version that should run.
    """
    stops: list[Action] = [Stop(camera_id, True) for camera_id in sorted(running.keys() - wanted.keys())]
    kept = {camera_id: running[camera_id] for camera_id in sorted(running.keys() & wanted.keys())}
    old = next((i for i, r in kept.items() if r.node is not None and r.software != software), None)
    if old is not None:
        stops.append(Stop(old, False))
    applies: list[Action] = [
        Apply(camera_id)
        for camera_id, now in kept.items()
        if camera_id != old and now.node is not None and now.version < wanted[camera_id]
    ]
    missing = sorted(wanted.keys() - running.keys())
    return stops + applies + _starts(missing, (r.node for r in kept.values()), nodes)


def _starts(missing: Iterable[str], places: Iterable[str | None], nodes: Sequence[Node]) -> list[Action]:
    load = Counter(places)
    starts: list[Action] = []
    for camera_id in missing if nodes else ():
        node = min(nodes, key=lambda node: (load[node.id] / max(node.cores, 0.1), node.id))
        load[node.id] += 1
        starts.append(Start(camera_id, node.id))
    return starts
