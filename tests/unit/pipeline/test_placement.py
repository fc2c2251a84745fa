"""Which camera runs where."""

from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from gtvision.pipeline.placement import Apply, Node, Running, Start, Stop, reconcile

NEW, OLD = "2.0", "1.0"
NODES = (Node("a", 4), Node("b", 4))
cameras = st.sampled_from([f"cam{number}" for number in range(12)])
change_times = st.floats(1, 3)
wanted_cameras = st.dictionaries(cameras, change_times)
some_nodes = st.lists(st.sampled_from([Node("a", 4), Node("b", 4), Node("c", 8), Node("d", 0)]), unique=True)
placements = st.builds(Running, st.sampled_from(["a", "b", "c", "d", None]), change_times, st.sampled_from([OLD, NEW]))
running_cameras = st.dictionaries(cameras, placements)


def on(node: str | None, changed_s: float = 1.0, software: str = NEW) -> Running:
    return Running(node, changed_s, software)


def carried_out(
    wanted: Mapping[str, int], running: Mapping[str, Running], nodes: Sequence[Node]
) -> tuple[dict[str, Running], int]:
    """What runs after one round in which all actions succeed and every actor says where it is, and their number."""
    result = {name: now if now.node else on(nodes[0].id, now.changed_s, NEW) for name, now in running.items()}
    actions = reconcile(wanted, running, nodes, NEW)
    for action in actions:
        if isinstance(action, Stop):
            del result[action.camera_id]
        elif isinstance(action, Start):
            assert action.camera_id not in result, "a camera never runs twice"
            result[action.camera_id] = on(action.node, wanted[action.camera_id])
        else:
            now = result[action.camera_id]
            result[action.camera_id] = Running(now.node, wanted[action.camera_id], now.software)
    return result, len(actions)


def test_nothing_is_done_when_what_runs_is_what_is_wanted() -> None:
    assert reconcile({"north": 1}, {"north": on("a")}, NODES, NEW) == []


def test_wanted_cameras_start_where_there_are_the_fewest_per_core() -> None:
    nodes = (Node("small", 2), Node("large", 6))
    starts = reconcile({f"cam{number}": 1 for number in range(8)}, {}, nodes, NEW)
    assert Counter(start.node for start in starts if isinstance(start, Start)) == {"large": 6, "small": 2}


def test_a_camera_that_is_not_wanted_stops_and_closes_its_events() -> None:
    assert reconcile({}, {"north": on("a")}, NODES, NEW) == [Stop("north", closes_events=True)]


def test_newer_settings_are_applied_without_a_restart() -> None:
    assert reconcile({"north": 3}, {"north": on("b", 2)}, NODES, NEW) == [Apply("north")]


def test_settings_that_the_actor_fetched_ahead_of_the_list_are_left_alone() -> None:
    assert reconcile({"north": 2}, {"north": on("b", 3)}, NODES, NEW) == []


def test_an_actor_that_does_not_answer_is_neither_stopped_nor_started_again() -> None:
    assert reconcile({"north": 3}, {"north": on(None, 0, "")}, NODES, NEW) == []


def test_a_camera_of_a_dead_node_stops_with_its_events_open_and_starts_elsewhere() -> None:
    running, wanted = {"north": on("gone"), "south": on("a")}, {"north": 1, "south": 1}
    assert reconcile(wanted, running, NODES, NEW) == [Stop("north", closes_events=False)]
    assert reconcile(wanted, {"south": on("a")}, NODES, NEW) == [Start("north", "b")]


def test_old_software_is_replaced_one_camera_at_a_time_and_only_while_all_others_run() -> None:
    wanted = {"east": 1, "north": 1, "south": 1}
    running = {"east": on("a"), "north": on("a", software=OLD), "south": on("b", software=OLD)}
    assert reconcile(wanted, running, NODES, NEW) == [Stop("north", closes_events=False)]
    del running["north"]
    assert reconcile(wanted, running, NODES, NEW) == [Start("north", "a")]


def test_without_nodes_nothing_starts() -> None:
    assert reconcile({"north": 1}, {}, (), NEW) == []


@given(wanted_cameras, running_cameras, some_nodes)
def test_each_camera_has_one_action_at_most_and_stops_come_first(
    wanted: dict[str, int], running: dict[str, Running], nodes: list[Node]
) -> None:
    actions = reconcile(wanted, running, nodes, NEW)
    assert max(Counter(action.camera_id for action in actions).values(), default=0) <= 1
    kinds = [type(action) for action in actions]
    assert kinds == sorted(kinds, key=(Stop, Apply, Start).index)


@given(wanted_cameras, running_cameras, some_nodes)
def test_only_wanted_cameras_without_an_actor_start_and_only_on_living_nodes(
    wanted: dict[str, int], running: dict[str, Running], nodes: list[Node]
) -> None:
    for action in reconcile(wanted, running, nodes, NEW):
        if isinstance(action, Start):
            assert action.camera_id in wanted.keys() - running.keys()
            assert action.node in {node.id for node in nodes}


@given(wanted_cameras, running_cameras, some_nodes)
def test_a_camera_of_this_software_on_a_living_node_is_never_disturbed(
    wanted: dict[str, int], running: dict[str, Running], nodes: list[Node]
) -> None:
    alive = {node.id for node in nodes}
    for action in reconcile(wanted, running, nodes, NEW):
        if isinstance(action, Stop) and action.camera_id in wanted:
            now = running[action.camera_id]
            assert now.node not in alive or now.software != NEW
            assert not action.closes_events


@given(wanted_cameras, running_cameras, some_nodes.filter(bool))
def test_rounds_end_with_every_wanted_camera_running_once_as_it_is_wanted(
    wanted: dict[str, int], running: dict[str, Running], nodes: list[Node]
) -> None:
    for _ in range(2 * len(running) + 4):
        running, actions = carried_out(wanted, running, nodes)
    assert actions == 0
    assert running.keys() == wanted.keys()
    for name, now in running.items():
        assert now.node in {node.id for node in nodes}
        assert now.changed_s >= wanted[name]
        assert now.software == NEW


@given(st.dictionaries(cameras, change_times), st.integers(1, 5))
def test_equal_nodes_differ_by_one_camera_at_most(wanted: dict[str, int], count: int) -> None:
    nodes = [Node(f"node{number}", 4) for number in range(count)]
    load = Counter({node.id: 0 for node in nodes})
    load.update(start.node for start in reconcile(wanted, {}, nodes, NEW) if isinstance(start, Start))
    assert max(load.values()) - min(load.values()) <= 1
