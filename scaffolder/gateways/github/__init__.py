"""
GitHub, and GitHub Enterprise Server, as a forge.

`server` says where one is, `client` asks it by GitHub's rules through PyGithub (`transport`), `limits` reads how long
it wants to be left alone, `marks` tells our repositories from others', `forge` is the protocol, `preflight` finds out
beforehand what would fail later, `token` says what a token may do, `app_token` gets one for a GitHub App.

PyGithub takes long to load: it is imported with the first request.
"""
