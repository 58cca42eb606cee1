"""Running a template: plan, preflight, journal, runner."""
