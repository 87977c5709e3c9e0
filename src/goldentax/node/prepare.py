"""
Make one node ready to serve: ``python -m goldentax.node.prepare --node 45``.

Tables, built-in code tables, keys, certificate authorities, and, in a demo world, its people and companies. Each step
is safe to repeat and quick when there is nothing to do; each prints one line ``step<TAB>done<TAB>total`` that the start
shows as progress.
"""

import argparse
import os
import sys


def main() -> int:
    """Run every step for the node of ``--node``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", required=True)
    os.environ["GOLDENTAX_NODE"] = parser.parse_args().node
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    import django

    django.setup()
    prepare()
    return 0


def say(step: str, done: int = 0, total: int = 0) -> None:
    """Print one line of progress."""
    print(f"{step}\t{done}\t{total}", flush=True)


def prepare() -> None:
    """Bring this process's node up to date."""
    from django.core.management import call_command

    from goldentax.certificates import api as certificates
    from goldentax.kernel import clock
    from goldentax.kernel.codes import api as codes
    from goldentax.kernel.crypto import keys
    from goldentax.kernel.settings import settings

    say("migrate")
    call_command("migrate", interactive=False, verbosity=0)
    say("codes")
    codes.load_builtin(now=clock.now())
    say("keys")
    keys.node_signer()
    say("certificates")
    certificates.make_authorities(now=clock.now())
    if settings().demo:
        from goldentax.node.demo import create_demo_world

        create_demo_world(home=settings().home, now=clock.now(), progress=say)
    say("ready", 1, 1)


if __name__ == "__main__":
    sys.exit(main())
