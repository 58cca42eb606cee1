"""Benchmarks of finding what already does a job."""
