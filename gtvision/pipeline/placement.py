"""Which camera runs where: a pure function from (wanted, running, nodes) to a list of actions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        changed_s: When the settings that it has were changed, Unix seconds.
        software: Of its code.
    """

    node: str | None
    changed_s: float
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
    wanted: Mapping[str, float], running: Mapping[str, Running], nodes: Sequence[Node], software: str
) -> list[Action]:
    """What has to be done so that what runs becomes what is wanted, stops first.

    A camera stays where it is as long as its node lives. New ones go where there are the fewest per core. Actors of
    another software version are replaced one at a time, when all others run.

    Args:
        wanted: When the settings of each camera that should run were changed last. Of a camera that was
            removed and added again the time is later, so that the one that runs is told.
        running: The cameras that have an actor.
        nodes: Those that live.
        software: The version that should run.
    """
    alive = {node.id for node in nodes}
    kept = {i: now for i, now in sorted(running.items()) if i in wanted and (now.node is None or now.node in alive)}
    missing = sorted(wanted.keys() - running.keys())
    old = [i for i, now in kept.items() if now.node is not None and now.software != software]
    is_settled = not missing and all(now.node is not None for now in kept.values())
    replaced = old[:1] if is_settled and len(kept) == len(running) else []
    stops = [Stop(i, closes_events=i not in wanted) for i in sorted(running.keys() - kept.keys())]
    stops += [Stop(i, closes_events=False) for i in replaced]
    applies = [
        Apply(i) for i, now in kept.items() if i not in replaced and now.node is not None and now.changed_s < wanted[i]
    ]
    return [*stops, *applies, *_starts(missing, (now.node for now in kept.values()), nodes)]


def _starts(missing: Iterable[str], places: Iterable[str | None], nodes: Sequence[Node]) -> Iterator[Start]:
    load = Counter(places)
    for camera_id in missing if nodes else ():
        node = min(nodes, key=lambda node: (load[node.id] / max(node.cores, 0.1), node.id))
        load[node.id] += 1
        yield Start(camera_id, node.id)
