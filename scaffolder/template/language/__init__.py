"""The `${{ }}` language: Jinja2's syntax and sandbox, with the values and operators of JavaScript."""
