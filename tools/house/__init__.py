"""
The house rules a machine can check, as functions over a tree.

Each takes the root of a tree and gives sentences: which file is wrong, and what to write instead; none
means well. ``tests/house`` runs them on the product, and on copies in which a violation was planted. Import
rules are not here: they stand in ``pyproject.toml`` under ``[tool.importlinter]``.
"""
