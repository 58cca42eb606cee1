"""
A double of GitHub for tests: its REST API and its git over HTTP, on loopback, with real bare repositories.

    with serving(tmp_path, description=where_there_is_one()) as github:
        token = github.add_user("mona")
        github.add_organization("acme", members={"mona": "admin"})
        fault = github.faults.add(Trouble.BAD_GATEWAY_AFTER, "POST", "/orgs/acme/repos")
        …                                # a program is told github.api_url and the token
        assert fault.fired
        assert github.names() == ["acme/shop"]

What it knows is in `state`, what it answers in `operations`, what can go wrong in `faults`, what a request costs in
`rates`; `description` checks all that is said against GitHub's own description of its API.
"""
