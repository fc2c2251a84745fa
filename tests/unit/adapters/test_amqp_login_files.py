"""Files that a partner's login needs on each node where a bridge runs."""

from pathlib import Path

import pytest

from gtvision.adapters.amqp import Login
from gtvision.domain.errors import BadConfiguration


def login(folder: Path, *, tls: bool) -> Login:
    return Login("city", ("broker",), "/", "city", folder / "password", tls=tls, ca_file=folder / "ca.pem")


def test_files_that_the_node_has_not_are_named_and_certificates_only_where_they_are_used(tmp_path: Path) -> None:
    assert login(tmp_path, tls=True).missing_files() == (tmp_path / "password", tmp_path / "ca.pem")
    assert login(tmp_path, tls=False).missing_files() == (tmp_path / "password",)
    (tmp_path / "password").touch()
    assert login(tmp_path, tls=False).missing_files() == ()


def test_a_file_that_is_not_there_is_said_to_be_missing_on_this_node(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"password cannot be read on this node"):
        login(tmp_path, tls=True).parameters()
    (tmp_path / "password").touch(mode=0o600)
    (tmp_path / "password").write_text("secret")
    with pytest.raises(BadConfiguration, match=r"ca\.pem is not there on this node"):
        login(tmp_path, tls=True).parameters()
