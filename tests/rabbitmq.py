"""RabbitMQ brokers that a test starts for itself, on their own ports and in their own folders."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

PASSWORD = "p@ss word/7%"
USERS = ("city", "road")
"""Each has a virtual host of its name, and no rights in the other's."""
_PROGRAMS = Path("/usr/lib/rabbitmq/bin")  # what Debian's own commands run as another user
_WAIT_S = 60
_LOCAL_DISTRIBUTION = "-kernel inet_dist_use_interface {127,0,0,1}"


def free_ports(count: int) -> list[int]:
    """TCP ports of loopback that nobody listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class _Party:
    """What the nodes of one cluster share: a folder, a cookie, definitions and the daemon that knows their ports."""

    def __init__(self, needs: Callable[[str], str], size: int) -> None:
        needs("rabbitmq-server")
        self._epmd = needs("epmd")
        self.folder = Path(tempfile.mkdtemp(prefix="gtvision-rabbitmq-"))
        (self.folder / ".erlang.cookie").write_text(uuid4().hex)
        (self.folder / ".erlang.cookie").chmod(0o400)
        (self.folder / "definitions.json").write_text(json.dumps(_definitions()))
        (self.folder / "plugins").write_text("[].")
        self.names = [f"gtv{number}@localhost" for number in range(1, size + 1)]
        [self.port] = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """That of every program of the party."""
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            **{name: value for name, value in os.environ.items() if name.startswith("GTVISION_TEST")},
        }

    def start(self) -> None:
        """Starts the daemon; nodes would start one that outlives them."""
        self._process = subprocess.Popen([self._epmd, "-relaxed_command_check"], env=self.environment)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_WAIT_S)
        shutil.rmtree(self.folder)


class RabbitServer:
    """One broker; `with RabbitServer(needs) as server`. Starting takes some five seconds.

    Its users are `USERS`, all with the same `PASSWORD`; there is no guest.

    Args:
        needs: The fixture of that name, which finds programs or ends the test.
        pem: A folder with `ca.pem`, `server.pem` and `server.key`: it listens on `tls_port` as well.
    """

    def __init__(self, needs: Callable[[str], str], pem: Path | None = None) -> None:
        self._set_up(_Party(needs, 1), 0, pem)
        self._owns_party = True

    @classmethod
    def _of(cls, party: _Party, number: int) -> Self:
        node = cls.__new__(cls)
        node._set_up(party, number, None)
        node._owns_party = False
        return node

    def _set_up(self, party: _Party, number: int, pem: Path | None) -> None:
        self._party, self.name = party, party.names[number]
        self._folder = party.folder / self.name
        self._folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port, self._distribution_port = free_ports(3)
        lines = [f"listeners.tcp.1 = 127.0.0.1:{self.port}", *_CONFIG]
        lines.append(f"load_definitions = {party.folder / 'definitions.json'}")
        if len(party.names) > 1:
            lines.append("cluster_formation.peer_discovery_backend = classic_config")
            lines += [f"cluster_formation.classic_config.nodes.{at} = {name}" for at, name in enumerate(party.names, 1)]
        if pem is not None:
            lines.append(f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}")
            lines += [f"ssl_options.cacertfile = {pem / 'ca.pem'}", f"ssl_options.certfile = {pem / 'server.pem'}"]
            lines += [f"ssl_options.keyfile = {pem / 'server.key'}", "ssl_options.verify = verify_none"]
        (self._folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Self:
        self._party.start()
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._owns_party:
            self._party.stop()

    @property
    def host(self) -> str:
        """As `bridge.hosts` names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, user: str = "city") -> str:
        """As Celery's `broker_url` names it."""
        return f"amqp://{user}:p%40ss%20word%2F7%25@{self.host}/{user}"

    def begin(self) -> None:
        """Starts it and does not wait."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_PROGRAMS / "rabbitmq-server"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )

    def start(self) -> None:
        """Starts it and returns when it answers."""
        self.begin()
        self.wait()

    def wait(self) -> None:
        """Returns when it answers."""
        for _ in range(_WAIT_S * 10):
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                self.connect().close()
                return
            except (AMQPError, OSError):
                if not self.is_running:
                    break
                time.sleep(0.1)
        self.kill()
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """Ends it as an operator does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops it and starts it again, on the same port, with what was durable."""
        self.stop()
        self.start()

    def connect(self, user: str = "city") -> pika.BlockingConnection:
        """A connection of that user to its own virtual host."""
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                "127.0.0.1",
                self.port,
                user,
                pika.PlainCredentials(user, PASSWORD),
                socket_timeout=5,
                stack_timeout=10,
                blocked_connection_timeout=30,
            )
        )

    @contextmanager
    def channel(self, user: str = "city") -> Iterator[BlockingChannel]:
        """A channel with confirms for what a test does itself."""
        connection = self.connect(user)
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
        finally:
            if connection.is_open:
                connection.close()

    def depth(self, queue: str, user: str = "city") -> int:
        """Messages that are ready in a queue."""
        with self.channel(user) as channel:
            ready: int = channel.queue_declare(queue, passive=True).method.message_count
            return ready

    @property
    def is_running(self) -> bool:
        """Whether its process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl` prints. Each call costs half a second."""
        done = subprocess.run(
            [_PROGRAMS / "rabbitmqctl", "-q", "-n", self.name, *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=_WAIT_S,
        )
        assert done.returncode == 0, f"rabbitmqctl {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def cut_connections(self) -> None:
        """Closes every connection, as an operator can."""
        self.ctl("close_all_connections", "--global", "a test cuts it")

    @contextmanager
    def memory_alarm(self) -> Iterator[None]:
        """The broker believes that memory is short: whoever publishes is held up meanwhile."""
        self.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            yield
        finally:
            self.ctl("set_vm_memory_high_watermark", "absolute", "1GB")

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **self._party.environment,
            "detached": "1",  # its script becomes the broker then, rather than its parent
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._party.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "logs"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self._folder / "config"),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_LOCAL_DISTRIBUTION} +S 2:2 +A 4",
            "RABBITMQ_CTL_ERL_ARGS": _LOCAL_DISTRIBUTION,
        }

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_WAIT_S)
            self._process = None


class RabbitCluster:
    """Brokers that are one; `with RabbitCluster(needs) as cluster`. Each of `nodes` stops and starts by itself."""

    def __init__(self, needs: Callable[[str], str], size: int = 3) -> None:
        self._party = _Party(needs, size)
        self.nodes: Sequence[RabbitServer] = [RabbitServer._of(self._party, number) for number in range(size)]

    def __enter__(self) -> Self:
        self._party.start()
        self.nodes[0].start()  # the others join it: started all at once, two may each found a cluster
        for node in self.nodes[1:]:
            node.begin()
        for node in self.nodes[1:]:
            node.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in self.nodes:
            node.kill()
        self._party.stop()

    @property
    def hosts(self) -> tuple[str, ...]:
        """As `bridge.hosts` names them."""
        return tuple(node.host for node in self.nodes)

    def leader_of(self, queue: str, vhost: str = "city") -> RabbitServer:
        """The node that leads a queue."""
        asked = next(node for node in self.nodes if node.is_running)
        listed = asked.ctl("list_queues", "-p", vhost, "name", "pid", "--no-table-headers")
        pids = dict(line.split("\t") for line in listed.splitlines())
        [leader] = [node for node in self.nodes if f"<{node.name}." in pids[queue]]
        return leader


_CONFIG = [
    "log.file.level = info",
    "log.console = false",
    "vm_memory_high_watermark.absolute = 1GB",
    "disk_free_limit.absolute = 50MB",
    "loopback_users.none = true",
    "queue_master_locator = client-local",
]


def _definitions() -> dict[str, object]:
    every = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": name, "password": PASSWORD, "tags": [], "limits": {}} for name in USERS],
        "vhosts": [{"name": name} for name in USERS],
        "permissions": [{"user": name, "vhost": name, **every} for name in USERS],
    }
