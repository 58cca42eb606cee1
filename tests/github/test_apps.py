from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jwt

from tests.github.asking import Asking

if TYPE_CHECKING:
    from tests.github.server import GitHub


def signed(key: str, issuer: int) -> str:
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": str(issuer)}, key, algorithm="RS256")


def test_an_app_gets_a_token_and_does_what_it_may(github: GitHub, mona: Asking) -> None:
    granted = {"administration": "write", "contents": "write", "metadata": "read"}
    app, key = github.add_app("scaffolder", "acme", granted)
    itself = Asking(github, signed(key, app.id))
    assert itself.get("/app").body["slug"] == "scaffolder"
    assert itself.get("/app/installations").body[0]["id"] == app.installation
    assert itself.get("/orgs/acme/installation").body["app_id"] == app.id
    assert Asking(github, signed(key, 1)).get("/app").status == 401

    given = itself.post(f"/app/installations/{app.installation}/access_tokens")
    bot = Asking(github, given.body["token"])

    assert (given.status, given.body["permissions"]) == (201, granted)
    assert bot.get("/user").message == "Resource not accessible by integration"
    assert bot.post("/orgs/acme/repos", name="shop", private=True).status == 201
    assert bot.put("/repos/acme/shop/topics", names=["a"]).status == 200
    refused = bot.post("/repos/acme/shop/hooks", config={"url": "https://acme.example"})
    assert (refused.status, refused.message) == (403, "Resource not accessible by integration")
    assert bot.get("/installation/repositories").body["total_count"] == 1
    assert mona.get("/installation/repositories").status == 403
    assert itself.get("/repos/acme/shop/installation").body["id"] == app.installation
    wanted = {"permissions": {"issues": "write"}}
    assert itself.post(f"/app/installations/{app.installation}/access_tokens", **wanted).status == 422


def test_a_token_of_an_app_ends_after_an_hour(github: GitHub, mona: Asking) -> None:
    assert mona.token
    app, key = github.add_app("scaffolder", "acme", {"contents": "read"})
    place = f"/app/installations/{app.installation}/access_tokens"
    bot = Asking(github, Asking(github, signed(key, app.id)).post(place, repositories=["shop"]).body["token"])
    github.add_repository("acme/shop", private=True)
    github.add_repository("acme/till", private=True)
    assert [bot.get("/repos/acme/shop").status, bot.get("/repos/acme/till").status] == [200, 404]

    later = time.time() + 3601
    github.state.clock = lambda: later

    assert bot.get("/repos/acme/shop").message == "Bad credentials"
