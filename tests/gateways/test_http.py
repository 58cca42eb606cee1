from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.http import (
    LARGEST,
    AddressRefused,
    AnswerTooLarge,
    RedirectRefused,
    Service,
    TokenInvalid,
    Unavailable,
    address,
)
from tests.catalog.backstage_server import BY_QUERY, Backstage, Said, entity, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cr3t-token"


@pytest.fixture(autouse=True)
def _no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        for variable in (name, name.lower()):
            monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server() -> Iterator[Backstage]:
    with running(Backstage([entity("a")])) as backstage:
        yield backstage


def asked(server: Backstage, *, token: str = "", largest: int = LARGEST) -> bytes:
    service = Service(server.url, token=token, pauses=(0, 0))
    try:
        return service.get(BY_QUERY, {}, largest=largest).body
    finally:
        service.close()


def refused(server: Backstage, *, token: str = "") -> ScaffolderError:
    with pytest.raises(ScaffolderError) as caught:
        asked(server, token=token)
    return caught.value


@pytest.mark.parametrize(
    ("given", "remembered"),
    [
        ("https://Backstage.Example.com/", "https://backstage.example.com"),
        ("HTTPS://backstage.example.com:443/base//", "https://backstage.example.com/base"),
        ("https://backstage.example.com:7007", "https://backstage.example.com:7007"),
        ("http://localhost:7007/", "http://localhost:7007"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:7007", "http://[::1]:7007"),
    ],
)
def test_an_address_has_one_form(given: str, remembered: str) -> None:
    assert address(given) == remembered
    assert address(remembered) == remembered


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("http://backstage.example.com", "use https://backstage.example.com"),
        ("http://localhost.example.com", "use https"),
        ("http://10.0.0.1", "use https"),
        ("https://ann:pa55@example.com", "without them"),
        ("https://example.com/?token=pa55", "without them"),
        ("https://example.com/#pa55", "without them"),
        ("ftp://example.com", "looks like"),
        ("example.com", "looks like"),
        ("https://", "looks like"),
        ("https://[pa55", "looks like"),
        ("https://example.com:pa55", "looks like"),
        ("https://example.com/a b", "looks like"),
        ("https://example.com/\n", "looks like"),
    ],
)
def test_other_addresses_are_not_asked(given: str, words: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        address(given)

    assert words in caught.value.hint
    assert "pa55" not in f"{caught.value} {caught.value.hint}"


def test_one_connection_is_kept_and_an_answer_comes_packed(server: Backstage) -> None:
    service = Service(server.url)

    bodies = {service.get(BY_QUERY, {"limit": "1"}).body for _ in range(3)}
    service.close()

    assert len(bodies) == 1
    assert b'"totalItems": 1' in bodies.pop()
    assert len(server.connections) == 1
    assert "gzip" in server.asked[0][1]["accept-encoding"]


def test_the_token_is_said_and_nobody_elses(
    server: Backstage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ann password pa55\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("http_proxy", "http://ann:pa55@127.0.0.1:1")  # a proxy would read what http carries
    monkeypatch.chdir(tmp_path)

    asked(server)
    asked(server, token=SECRET)

    assert [headers.get("authorization") for _, headers in server.asked] == [None, f"Bearer {SECRET}"]


@pytest.mark.parametrize("token", ["two words", "line\nInjected: yes", "schlüssel", "tab\there"])
def test_what_cannot_be_a_token_is_not_shown(token: str) -> None:
    with pytest.raises(TokenInvalid) as caught:
        Service("https://example.com", token=token)

    assert token not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_for_again(server: Backstage, status: int) -> None:
    server.trouble = [Said(status), Said(status)]

    assert b"totalItems" in asked(server)


@pytest.mark.parametrize("said", [Said(429), Said(503), Said(200, b'{"items": [' + b" " * 1000, cut=True)])
def test_what_does_not_pass_is_told_after_a_few_tries(server: Backstage, said: Said) -> None:
    server.trouble = [said] * 9

    error = refused(server, token=SECRET)

    assert isinstance(error, Unavailable)
    assert error.exit_code == 4
    assert len(server.asked) == 3
    assert SECRET not in f"{error} {error.hint}"


def test_a_service_is_left_alone_for_as_long_as_it_says(server: Backstage) -> None:
    server.trouble = [Said(429, headers={"Retry-After": "1"})]
    begun = time.monotonic()

    asked(server)

    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("as_date", [False, True])
def test_nobody_waits_for_an_hour(server: Backstage, *, as_date: bool) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    server.trouble = [Said(503, headers={"Retry-After": in_an_hour if as_date else "3600"})]

    error = refused(server)

    assert "wants to be left alone for 3" in error.hint
    assert len(server.asked) == 1


def test_an_answer_is_bounded_however_it_is_packed(server: Backstage) -> None:
    server.trouble = [Said(body=b" " * 3_000_000)]

    with pytest.raises(AnswerTooLarge):
        asked(server, largest=1_000_000)


def test_what_is_not_packed_as_it_says_is_trouble(server: Backstage) -> None:
    server.trouble = [Said(body=b"no gzip", headers={"Content-Encoding": "gzip"})] * 3

    assert isinstance(refused(server), Unavailable)


def test_a_redirect_within_the_service_is_followed(server: Backstage) -> None:
    server.trouble = [Said(307, headers={"Location": BY_QUERY + "?limit=1"})]

    assert b"totalItems" in asked(server, token=SECRET)
    assert server.asked[1][0].endswith("limit=1")


def test_a_redirect_to_another_host_is_refused_and_gets_no_token(server: Backstage) -> None:
    with running(Backstage()) as elsewhere:
        for location in (
            f"{elsewhere.url}/x?state={SECRET}",
            "https://sso.example.com/",
            "//other",
            "",
            f"http://[{SECRET}",
        ):
            server.trouble = [Said(302, headers={"Location": location})]
            server.asked.clear()

            error = refused(server, token=SECRET)

            assert isinstance(error, RedirectRefused), location
            assert SECRET not in f"{error} {error.hint}"

    assert elsewhere.asked == []


def test_a_round_of_redirects_ends(server: Backstage) -> None:
    server.trouble = [Said(302, headers={"Location": BY_QUERY})] * 99

    assert isinstance(refused(server), RedirectRefused)


def test_nobody_there_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

        with pytest.raises(Unavailable, match="cannot be reached: Connection refused"):
            Service(url, pauses=()).get("/", {})


def test_an_unknown_host_is_told_at_once() -> None:
    with pytest.raises(Unavailable, match="no host of that name"):
        Service("https://backstage.invalid", pauses=(60,)).get("/", {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for `backstage.test` and 127.0.0.1 that only it vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "backstage.test")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("backstage.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def over_tls(certificate: Path) -> Iterator[Backstage]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with running(Backstage([entity("a")]), tls=context) as backstage:
        yield backstage


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_companys_own_authority_is_trusted(
    over_tls: Backstage, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(certificate))

    assert b"totalItems" in asked(over_tls, token=SECRET)


def test_a_certificate_that_nobody_vouches_for_is_told_and_gets_no_token(over_tls: Backstage) -> None:
    error = refused(over_tls, token=SECRET)

    assert isinstance(error, Unavailable)
    assert "is not trusted: self-signed certificate" in error.message
    assert "SSL_CERT_FILE" in error.hint
    assert over_tls.asked == []


def test_a_missing_file_of_certificates_is_told(over_tls: Backstage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")

    assert "REQUESTS_CA_BUNDLE" in refused(over_tls).message


def test_the_proxy_of_the_environment_is_gone_through(
    over_tls: Backstage, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = int(over_tls.url.rpartition(":")[2])
    with proxy(port) as (own_port, requests):
        monkeypatch.setenv("https_proxy", f"http://ann:p%4055@127.0.0.1:{own_port}")
        service = Service("https://backstage.test", token=SECRET)
        body = service.get(BY_QUERY, {}).body
        service.close()

    assert b"totalItems" in body
    assert requests[0].startswith(b"CONNECT backstage.test:443 ")
    assert b"Basic YW5uOnBANTU=" in requests[0]
    assert SECRET.encode() not in b"".join(requests)


@pytest.mark.parametrize("proxy_url", ["http://ann:pa55@127.0.0.1:1", "gopher://ann:pa55@x", "http://ann:pa55@:x"])
def test_a_proxy_that_does_not_work_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy_url: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy_url)

    with pytest.raises(ScaffolderError, match="proxy") as caught:
        Service("https://backstage.test", pauses=()).get("/", {})

    assert "pa55" not in f"{caught.value} {caught.value.hint}"


@contextmanager
def proxy(to_port: int) -> Iterator[tuple[int, list[bytes]]]:
    """Let one connection through to a port of this machine, whatever host it asks for."""
    requests: list[bytes] = []

    def serve() -> None:
        inner, _ = listening.accept()
        requests.append(inner.recv(65_536))
        with inner, socket.create_connection(("127.0.0.1", to_port)) as outer:
            inner.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            other = {inner: outer, outer: inner}
            while True:
                for ready in select.select([inner, outer], [], [])[0]:
                    data = ready.recv(65_536)
                    if not data:
                        return
                    requests.append(data)
                    other[ready].sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], requests
        thread.join()
