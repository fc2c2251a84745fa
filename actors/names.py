"""What actors are called. All live in one namespace."""

NAMESPACE = "gtvision"
FLEET = "fleet"
_CAMERA = "camera:"
_RECORDER = "recorder:"
_BRIDGE = "bridge:"


def camera_name(camera_id: str) -> str:
    """The actor of a camera."""
    return f"{_CAMERA}{camera_id}"


def camera_of(name: str) -> str | None:
    """The camera whose actor has that name, None when it is no camera's."""
    return name.removeprefix(_CAMERA) if name.startswith(_CAMERA) else None


def dispatcher_name(node_id: str) -> str:
    """The dispatcher of a node."""
    return f"dispatcher:{node_id}"


def recorder_name(node_id: str) -> str:
    """The recorder of a node."""
    return f"{_RECORDER}{node_id}"


def bridge_name(index: int) -> str:
    """A bridge; there are `bridge.copies` of them, from 0."""
    return f"{_BRIDGE}{index}"


def is_bridge(name: str) -> bool:
    """Whether that is the name of a bridge."""
    return name.startswith(_BRIDGE)


def is_recorder(name: str) -> bool:
    """Whether that is the name of a node's recorder."""
    return name.startswith(_RECORDER)
