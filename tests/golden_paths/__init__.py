"""The golden paths that come with the tool."""
