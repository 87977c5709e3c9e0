"""Tables of subjects: who exists, by what credentials, how verified, how related, loaded from where."""

from goldentax.subjects.models.checks import Check, LocalRecord, LocalSource
from goldentax.subjects.models.desk import AnsweredRequest, Draft, Question
from goldentax.subjects.models.loads import Load, LoadRow, Review
from goldentax.subjects.models.relations import Invitation, Relation, valid_on
from goldentax.subjects.models.subjects import Credential, NumberSeries, Subject, SubjectVersion

__all__ = [
    "AnsweredRequest",
    "Check",
    "Credential",
    "Draft",
    "Invitation",
    "Load",
    "LoadRow",
    "LocalRecord",
    "LocalSource",
    "NumberSeries",
    "Question",
    "Relation",
    "Review",
    "Subject",
    "SubjectVersion",
    "valid_on",
]
