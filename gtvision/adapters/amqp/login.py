"""Who logs in where: the connection parameters of a partner, whose password is read each time from its file."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import pika

from gtvision.domain.errors import BadConfiguration
from gtvision.settings import Bridge, Partner

_PORT, _TLS_PORT = 5672, 5671
_HEARTBEAT_S = 20
_SOCKET_S = 5.0
_HANDSHAKE_S = 10.0
_MOST_BYTES = 4096
_OTHERS = 0o007


@dataclass(frozen=True, slots=True)
class Login:
    """A user of a virtual host, and the brokers that it is tried at.

    Attributes:
        partner: What it is called in settings and messages.
        hosts: host or host:port, tried in order.
        vhost: The virtual host.
        user: Who logs in.
        password_file: Where its password is; it is kept nowhere else.
        tls: Whether connections are encrypted.
        ca_file: Certificates to trust; None: those of the system.
    """

    partner: str
    hosts: tuple[str, ...]
    vhost: str
    user: str
    password_file: Path
    tls: bool = False
    ca_file: Path | None = None

    @classmethod
    def of(cls, bridge: Bridge, partner: Partner) -> "Login":
        """That partner's, from the settings."""
        place = (partner.vhost, partner.user, partner.password_file)
        return cls(partner.name, bridge.hosts, *place, tls=bridge.tls, ca_file=bridge.ca_file)

    def missing_files(self) -> tuple[Path, ...]:
        """Those of its files that this node has not."""
        files = (self.password_file, self.ca_file if self.tls else None)
        return tuple(file for file in files if file is not None and not file.exists())

    def parameters(self, blocked_s: float | None = None) -> list[pika.ConnectionParameters]:
        """What pika connects by, one for each host.

        Args:
            blocked_s: How long a broker that is short of memory may hold us up before the connection is given up; None
                waits, as heartbeats tell whether it still lives.

        Raises:
            BadConfiguration: The password or the certificates cannot be read.
        """
        credentials = pika.PlainCredentials(self.user, self._password())
        context = self._context() if self.tls else None
        return [self._at(host, credentials, context, blocked_s) for host in self.hosts]

    def _at(
        self, host: str, credentials: pika.PlainCredentials, context: ssl.SSLContext | None, blocked_s: float | None
    ) -> pika.ConnectionParameters:
        name, _, port = host.partition(":")
        return pika.ConnectionParameters(
            host=name,
            port=int(port) if port else (_TLS_PORT if self.tls else _PORT),
            virtual_host=self.vhost,
            credentials=credentials,
            ssl_options=None if context is None else pika.SSLOptions(context, name),
            heartbeat=_HEARTBEAT_S,
            socket_timeout=_SOCKET_S,
            stack_timeout=_HANDSHAKE_S,
            blocked_connection_timeout=blocked_s,
            client_properties={"connection_name": f"gtvision {self.partner}"},
        )

    def _password(self) -> str:
        field = f"bridge.partners.{self.partner}.password_file"
        try:
            with self.password_file.open("rb") as opened:
                mode = self.password_file.stat().st_mode
                password = opened.read(_MOST_BYTES + 1).decode().rstrip("\r\n")
        except OSError as exc:
            raise BadConfiguration(f"{self.password_file} cannot be read on this node: {exc.strerror}", field) from exc
        except UnicodeDecodeError:
            raise BadConfiguration(f"{self.password_file} is no text", field) from None  # its bytes are the secret
        if mode & _OTHERS:
            raise BadConfiguration(f"{self.password_file} is open to everybody: chmod 600 {self.password_file}", field)
        if not password or len(password) >= _MOST_BYTES or "\n" in password:
            raise BadConfiguration(f"{self.password_file} holds one line, the password of {self.user}", field)
        return password

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except FileNotFoundError as exc:
            raise BadConfiguration(f"{self.ca_file} is not there on this node", "bridge.ca_file") from exc
        except (OSError, ValueError) as exc:
            raise BadConfiguration(f"{self.ca_file} holds no certificates: {exc}", "bridge.ca_file") from exc
