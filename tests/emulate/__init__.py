"""
What the npm package `emulate` does for GitHub, with git beside it: an emulator that is not ours.

It knows no smart HTTP, no letter case in names and no archived repositories that refuse; that is tested on our own
double (`tests.github`).
"""
