"""Benchmarks: each figure beside a limit taken in the same run. ``make bench`` runs them all."""
