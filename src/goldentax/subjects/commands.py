"""``goldentax subjects``: load files of subjects, and look how a load went."""

from pathlib import Path

import click
from django.db import transaction

from goldentax.kernel import clock
from goldentax.kernel.crypto import sm
from goldentax.kernel.settings import settings
from goldentax.subjects.forms import tables
from goldentax.subjects.operations import loading
from goldentax.subjects.queries import loads as queries
from goldentax.subjects.rules import kinds
from goldentax.subjects.rules.views import Progress

ACTOR = "cli:subjects"

group = click.Group("subjects", help="Subjects of the tax system. 主体")


@group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", default="", type=click.Choice(["", *kinds.KIND_NAMES]), help="What rows without 类别 are."
)
@click.option("--dry-run", is_flag=True, help="Do everything and roll back. 试运行")
@click.option(
    "--result", type=click.Path(dir_okay=False, path_type=Path), help="Write every row's outcome here."
)
def load(file: Path, kind: str, dry_run: bool, result: Path | None) -> None:
    """Load a CSV or XLSX of companies and people: clean, de-duplicate, add. 批量采集

    The same file sent again goes on where it stopped, and changes nothing once it is done.
    """
    if file.stat().st_size > tables.FILE_BYTES_MAX:
        raise tables.too_large()
    content = file.read_bytes()
    if dry_run:
        with transaction.atomic():
            _run(content, name=file.name, kind=kind, result=result)
            transaction.set_rollback(True)
        click.echo("试运行：未写入任何内容 · dry run: nothing was written")
    else:
        _run(content, name=file.name, kind=kind, result=result)


def _run(content: bytes, *, name: str, kind: str, result: Path | None) -> None:
    now = clock.now()
    made = loading.receive_load(
        content=content,
        file_name=name,
        actor=ACTOR,
        now=now,
        request_id=f"cli-{sm.sm3(content + kind.encode()).hex()[:40]}",
        default_kind=kind,
    )
    done = loading.run_load(load_id=made.public_id, now=now, report=_say)
    language = settings().language
    if done.failure:
        raise click.ClickException(f"{done.failure[language]['message']} ({done.failure[language]['code']})")
    for outcome, count in loading.progress_of(done).outcomes.items():
        click.echo(f"{queries.OUTCOME_NAMES[outcome].in_language(language):　<12}{count:>8}")
    click.echo(f"{done.public_id}")
    if result is not None:
        result.write_bytes(queries.result_file(load=done, language=language))


def _say(progress: Progress) -> None:
    click.echo(f"{progress.state} {progress.rows_done}/{progress.rows_total}", err=True)
