"""Who logs in to a real broker, and how it goes wrong: passwords, certificates, hosts in order."""

import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag

import pytest

from gtvision.adapters.amqp import AmqpOutlet, Login
from gtvision.adapters.amqp.connection import connected
from gtvision.domain.errors import BadConfiguration, BrokerUnavailable
from gtvision.domain.message import WireMessage
from tests.rabbitmq import PASSWORD, RabbitServer
from tests.system.amqp_parts import Running, bridge_of, login_of, new_name


def logs_in(login: Login) -> bool:
    with connected(login) as connection:
        return bool(connection.is_open)


@pytest.fixture(scope="module")
def pem(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of the test's own, and a certificate for localhost by it."""
    folder, openssl = tmp_path_factory.mktemp("pem"), needs("openssl")
    for name in ("ca", "other"):
        made = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        subprocess.run([openssl, *made.split()], cwd=folder, check=True, capture_output=True)
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    asked = "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr"
    signed = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem"
    for command in (asked, signed):
        subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def encrypted(needs: Callable[[str], str], pem: Path) -> Iterator[RabbitServer]:
    with RabbitServer(needs, pem) as server:
        yield server


def test_an_encrypted_connection_trusts_the_authority_that_is_named(
    encrypted: RabbitServer, pem: Path, tmp_path: Path
) -> None:
    host = f"localhost:{encrypted.tls_port}"
    login = login_of((host,), tmp_path, tls=True, ca_file=str(pem / "ca.pem"))
    queue = new_name()
    outlet = AmqpOutlet(login, {queue: {}})
    with Running(outlet):
        outlet.publish(WireMessage(b"body"), queue).result(20)
    assert encrypted.depth(queue) == 1


@pytest.mark.parametrize(("name", "authority"), [("localhost", "other"), ("localhost", None), ("127.0.0.1", "ca")])
def test_an_authority_or_a_name_that_is_another_is_refused(
    encrypted: RabbitServer, pem: Path, tmp_path: Path, name: str, authority: str | None
) -> None:
    ca_file = str(pem / f"{authority}.pem") if authority else None
    login = login_of((f"{name}:{encrypted.tls_port}",), tmp_path, tls=True, ca_file=ca_file)
    with pytest.raises(BrokerUnavailable, match="certificate"):
        logs_in(login)


def test_certificates_that_are_none_are_a_wrong_setting(tmp_path: Path) -> None:
    login = login_of(("localhost",), tmp_path, tls=True, ca_file=str(tmp_path / "password"))
    with pytest.raises(BadConfiguration, match=r"bridge\.ca_file"):
        login.parameters()


def test_hosts_are_tried_in_order_until_one_answers(rabbit: RabbitServer, free_port: int, tmp_path: Path) -> None:
    assert logs_in(login_of((f"127.0.0.1:{free_port}", rabbit.host), tmp_path))


def test_a_partner_sees_its_own_virtual_host_only(rabbit: RabbitServer, tmp_path: Path) -> None:
    bridge = bridge_of((rabbit.host,), tmp_path)
    city = bridge.partners[0]
    assert logs_in(Login.of(bridge, city))
    with pytest.raises(BrokerUnavailable, match="does not let city into the virtual host 'road'"):
        logs_in(Login.of(bridge, city.model_copy(update={"vhost": "road"})))
    with pytest.raises(BrokerUnavailable, match="nowhere"):
        logs_in(Login.of(bridge, city.model_copy(update={"vhost": "nowhere"})))


def test_a_wrong_password_is_told_without_the_password(
    rabbit: RabbitServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pika")
    login = login_of((rabbit.host,), tmp_path)
    login.password_file.write_text("not-the-secret")
    with pytest.raises(BrokerUnavailable, match="refuses the login of city") as caught:
        logs_in(login)
    assert "not-the-secret" not in f"{caught.value!r} {login!r} {login.parameters()!r} {caplog.text}"


def test_no_log_of_a_whole_connection_holds_the_password(
    rabbit: RabbitServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pika")
    queue = new_name()
    outlet = AmqpOutlet(login_of((rabbit.host,), tmp_path), {queue: {}})
    with Running(outlet):
        outlet.publish(WireMessage(b"body"), queue).result(20)
    assert caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644])
def test_a_password_that_everybody_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    login = login_of(("localhost",), tmp_path)
    login.password_file.chmod(mode)
    with pytest.raises(BadConfiguration, match="chmod 600") as caught:
        login.parameters()
    assert caught.value.field == "bridge.partners.city.password_file"


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"a" * 5000])
def test_a_file_that_holds_no_password_is_refused_without_telling_it(tmp_path: Path, content: bytes) -> None:
    login = login_of(("localhost",), tmp_path)
    login.password_file.write_bytes(content)
    with pytest.raises(BadConfiguration, match=str(login.password_file)) as caught:
        login.parameters()
    assert "two" not in str(caught.value)
    assert "aaaa" not in str(caught.value)


def test_a_missing_password_ends_the_run_as_a_wrong_setting(rabbit: RabbitServer, tmp_path: Path) -> None:
    login = login_of((rabbit.host,), tmp_path)
    login.password_file.unlink()
    with pytest.raises(BadConfiguration, match="cannot be read"):
        AmqpOutlet(login, {}).run(Flag())
