"""Connections: encrypted and checked, given up in time, and without secrets in what is said."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from influx_server import TOKEN, InfluxServer, running, sleeps
from influx_village import village

import controller.outside.influx.server as module
from controller.outside.influx.server import NotAcceptedError, Server, UnreachableError, WriteError

LINE = b"site,site=a,id=site pv_w=1.0 1795003200"


@pytest.fixture
def server() -> Iterator[InfluxServer]:
    with running() as started:
        yield started


def client(url: str, folder: Path, **influx) -> Server:
    settings = village(url, folder, **influx).influx
    assert settings is not None
    return Server(settings, lambda: datetime(2026, 11, 22, tzinfo=UTC))


def encrypted(server: InfluxServer, authority: trustme.CA, name: str) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return f"https://127.0.0.1:{server.server_port}"


def test_a_certificate_of_ones_own_authority_is_believed(tmp_path: Path, server: InfluxServer) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    url = encrypted(server, authority, "127.0.0.1")
    client(url, tmp_path, ca_file=tmp_path / "ca.pem").write(LINE)
    assert list(server.points.values()) == [1.0]


@pytest.mark.parametrize("name", ["127.0.0.1", "another.example.org"])
def test_a_certificate_of_somebody_else_is_not(tmp_path: Path, server: InfluxServer, name: str) -> None:
    url = encrypted(server, trustme.CA(), name)
    other = trustme.CA()
    other.cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(NotAcceptedError, match="no secure connection"):
        client(url, tmp_path, ca_file=tmp_path / "ca.pem").write(LINE)
    assert server.requests == []


def test_a_certificate_for_another_name_is_not(tmp_path: Path, server: InfluxServer) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    url = encrypted(server, authority, "another.example.org")
    with pytest.raises(NotAcceptedError, match="no secure connection"):
        client(url, tmp_path, ca_file=tmp_path / "ca.pem").write(LINE)


def test_authorities_that_are_not_there_are_named(tmp_path: Path, server: InfluxServer) -> None:
    with pytest.raises(NotAcceptedError, match=r"influx\.ca_file: there is no file .*nowhere\.pem"):
        client("https://127.0.0.1:1", tmp_path, ca_file=tmp_path / "nowhere.pem").write(LINE)


def test_a_file_that_holds_no_certificate_is_a_problem_not_a_defect(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(WriteError):
        client("https://127.0.0.1:1", tmp_path, ca_file=tmp_path / "ca.pem").write(LINE)


def test_a_server_that_does_not_answer_is_given_up_in_time(
    tmp_path: Path, server: InfluxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.1)
    server.moods = [sleeps(0.4)]
    with pytest.raises(UnreachableError, match="timed out"):
        client(server.url, tmp_path).write(LINE)


def test_the_token_is_never_said(tmp_path: Path, server: InfluxServer) -> None:
    server.bucket = "another"
    with pytest.raises(NotAcceptedError) as refused:
        client(server.url, tmp_path).write(LINE)
    assert TOKEN not in str(refused.value)
    assert str(refused.value) == '404: bucket "village" not found'


def test_where_no_token_is_asked_for_none_is_sent(tmp_path: Path, server: InfluxServer) -> None:
    asked: list[str | None] = []

    def notes_it(handler, lines) -> bool:
        asked.append(handler.headers["Authorization"])
        handler.send_response(204)
        handler.end_headers()
        return True

    server.moods = [notes_it]
    client(server.url, tmp_path, token=None).write(LINE)
    assert asked == [None]


def test_an_address_below_a_path_is_kept(tmp_path: Path, server: InfluxServer) -> None:
    where: list[str] = []

    def notes_it(handler, lines) -> bool:
        where.append(handler.path)
        handler.send_response(204)
        handler.end_headers()
        return True

    server.moods = [notes_it, notes_it]
    for end in ("", "/"):
        client(f"{server.url}/insert/7/influx{end}", tmp_path).write(LINE)
    assert {path.partition("?")[0] for path in where} == {"/insert/7/influx/api/v2/write"}
