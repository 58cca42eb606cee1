"""
A double of GitHub for tests: its REST API and its git over HTTP, on loopback, with real bare repositories.

`serving` starts one. What it knows is in `state`, what it answers in `operations`, what can go wrong in `faults`;
`description` checks all that is said against GitHub's own description of its API.
"""
