"""Subjects as a Django app."""

from goldentax.kernel.module import ModuleConfig


class SubjectsConfig(ModuleConfig):
    name = "goldentax.subjects"
    label = "subjects"
