"""Certificates as a Django app."""

from goldentax.kernel.module import ModuleConfig


class CertificatesConfig(ModuleConfig):
    name = "goldentax.certificates"
    label = "certificates"
