"""
The fault matrix: every request of a whole birth on GitHub, and everything that can go wrong with it.

    python -m tests.matrix            # the table
    python -m tests.matrix --write    # into docs/explanation/github.md
"""
