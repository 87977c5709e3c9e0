"""A sentence in the two languages of the product, Chinese first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people, in Chinese and in English; both are always written together."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Choose by a language tag; every tag that does not start with ``en`` reads Chinese."""
        return self.en if language.lower().startswith("en") else self.zh

    def format(self, **facts: object) -> "Text":
        """Put facts into the braces of both sentences."""
        return Text(self.zh.format(**facts), self.en.format(**facts))
