"""The only code that touches processes, git, the network and databases."""
