"""
Make the virtual environment: ``python3 tools/bootstrap.py [--dev] [--browser]`` (run by `make run` and `make
test`).

Any Python 3 can run this file; it looks for one that the product can use, makes ``.venv`` with it, installs
the locked, hashed requirements and the product itself, and brings the front-end assets. Where nothing has
changed since the last time it ends in a moment. It needs nothing but the standard library, and says what to
do when it is stuck.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "goldentax-stamp.json"
OLDEST, NEWEST = (3, 11), (3, 13)
NAMES = ("python3.13", "python3.12", "python3.11", "python3", "python")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The environment, the front-end packages and the assets, measured: 540, 410 and 50 MB.
FREE_MIB_MIN = 1200


def main():
    """Make everything that is missing."""
    parser = argparse.ArgumentParser(description="make the virtual environment")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument(
        "--browser", action="store_true", help="also a browser for the browser tests, if it can be had"
    )
    options = parser.parse_args()
    if not is_whole_venv():
        make_venv(find_python())
    install("requirements-dev.txt" if options.dev else "requirements.txt")
    # Once for all processes of a world: where the environment keeps Python from writing what it compiled, each would
    # compile the whole product anew. What stands is looked at in a tenth of a second.
    run([str(PYTHON), "-m", "compileall", "-q", str(ROOT / "src")], "the product could not be compiled")
    run(
        [str(PYTHON), str(ROOT / "tools" / "assets.py")],
        "the front-end assets could not be brought; see above",
    )
    if options.browser:
        bring_browser()


def say(text):
    """Print one line at once."""
    print("bootstrap: " + text, flush=True)


def give_up(text):
    """End with a message that says what to do."""
    sys.exit("bootstrap: " + text)


def run(command, complaint, **options):
    """Run a command, or give up with the complaint."""
    try:
        done = subprocess.run(command, cwd=str(ROOT), check=False, **options)
    except OSError as error:
        give_up(f"{complaint} ({error})")
    if done.returncode != 0:
        check_disk()
        give_up(complaint)
    return done


def run_and_follow(command, complaint):
    """
    Run a command that may take long: on a terminal its present step is shown; what it said, only if it fails.

    Addresses are taken out of what it said: which package index a machine uses is nobody else's business.
    """
    said = []
    process = subprocess.Popen(command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for raw in process.stdout:
        line = re.sub(r"\w+://\S+", "(address)", raw.decode("utf-8", "replace").rstrip())
        said.append(line)
        if sys.stdout.isatty() and line.startswith(("Collecting", "Downloading", "Installing")):
            print("\r\033[K  " + line.split(" (from")[0][:70], end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if process.wait() != 0:
        print("\n".join(said[-15:]), file=sys.stderr)
        check_disk()
        give_up(complaint)


def check_disk():
    """Give up if the disk is nearly full, because then that is the reason of all else."""
    free_mib = shutil.disk_usage(str(ROOT)).free // 2**20
    if free_mib < 200:
        give_up(f"the disk of {ROOT} is full: {free_mib} MiB are left, {FREE_MIB_MIN} MiB are needed")


def version_of(python):
    """The version of an interpreter as (major, minor), or nothing if it does not run."""
    script = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run(
            [python, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        major, minor = done.stdout.decode().split()
        return int(major), int(minor)
    except (OSError, ValueError):
        return None


def is_usable(version):
    """Whether the product runs on this version."""
    return version is not None and OLDEST <= version <= NEWEST


def find_python():
    """This interpreter if it will do, else the newest on the path that does."""
    if is_usable(sys.version_info[:2]):
        return sys.executable
    for name in NAMES:
        found = shutil.which(name)
        if found and is_usable(version_of(found)):
            return found
    give_up(
        "Python 3.11, 3.12 or 3.13 is needed; this is {}.{} and no other was found on the path.\n"
        "  Debian 12, 13:       apt install python3 python3-venv\n"
        "  Ubuntu 24.04:        apt install python3 python3-venv\n"
        "  elsewhere:           uv python install 3.12, pyenv install 3.12, or python.org\n"
        "  installed elsewhere: make run PYTHON=/path/to/python3.12".format(*sys.version_info[:2])
    )


def is_whole_venv():
    """Whether the environment works: it is of a usable Python, was not moved, and has pip."""
    if not is_usable(version_of(str(PYTHON))):
        return False
    command = [str(PYTHON), "-c", "import sys, pip; print(sys.prefix)"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0 and Path(done.stdout.decode().strip()).resolve() == VENV.resolve()


def make_venv(python):
    """Make the environment anew."""
    free_mib = shutil.disk_usage(str(ROOT)).free // 2**20
    if free_mib < FREE_MIB_MIN:
        give_up(f"only {free_mib} MiB are left on the disk of {ROOT}; {FREE_MIB_MIN} MiB are needed")
    if not os.access(str(ROOT), os.W_OK):
        give_up(f"{ROOT} cannot be written; clone into a folder of your own")
    if VENV.exists():
        say("the environment .venv is broken or was moved; it is made anew")
        shutil.rmtree(str(VENV))
    major, minor = version_of(python)
    say(f"making .venv with Python {major}.{minor}")
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    ways = (
        ([python, "-m", "venv", str(VENV)],),
        # Debian splits the part that brings pip into a package of its own; a pip of the system can do its
        # work.
        (
            [python, "-m", "venv", "--without-pip", str(VENV)],
            [python, "-m", "pip", "--python", str(PYTHON), "install", "pip"],
        ),
        ([python, "-m", "virtualenv", str(VENV)],),
        ([shutil.which("uv") or "uv", "venv", "--seed", "--python", python, str(VENV)],),
    )
    for way in ways:
        for command in way:
            try:
                done = subprocess.run(command, check=False, **quiet)
            except OSError:
                break
            if done.returncode != 0:
                break
        if is_whole_venv():
            return
        shutil.rmtree(str(VENV), ignore_errors=True)
    if install_venv_package(major, minor):
        run([python, "-m", "venv", str(VENV)], "the virtual environment could not be made")
        return
    give_up(
        "this Python cannot make a virtual environment (its modules venv and ensurepip are incomplete).\n"
        f"  Debian, Ubuntu:  apt install python{major}.{minor}-venv\n"
        "  without root:    any other Python 3.11 to 3.13: make run PYTHON=/path/to/python3"
    )


def install_venv_package(major, minor):
    """Install Debian's package of the missing part, where that is allowed; tell whether it was."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"installing python{major}.{minor}-venv with apt-get")
    return apt_install([f"python{major}.{minor}-venv"])


def apt_install(packages):
    """Install packages of the system, as root and without questions; tell whether it went well."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    return done.returncode == 0


def digest(*names):
    """The SHA-256 of some files of the repository together."""
    total = hashlib.sha256()
    for name in names:
        total.update((ROOT / name).read_bytes())
    return total.hexdigest()


def read_stamp():
    """What was installed the last time."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def install(requirements):
    """Install locked requirements and the product, unless exactly these are installed."""
    stamp = read_stamp()
    wanted = {
        requirements: digest("requirements-build.txt", requirements),
        "product": digest("pyproject.toml") + str(ROOT),
    }
    if all(stamp.get(name) == value for name, value in wanted.items()):
        return
    STAMP.unlink() if STAMP.exists() else None
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if stamp.get(requirements) != wanted[requirements]:
        say(f"installing the packages of {requirements} (about half a minute)")
        complaint = (
            "the packages could not be installed; see above. Is the network or the package index away?"
        )
        for name in ("requirements-build.txt", requirements):
            run_and_follow([*pip, "--require-hashes", "--no-deps", "-r", name], complaint)
    # The locked setuptools builds it; an isolated build would fetch one that nobody locked.
    command = [*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", "."]
    run_and_follow(command, "the product itself could not be installed; see above")
    stamp.update(wanted)
    STAMP.write_text(json.dumps(stamp))


def bring_browser():
    """Install a browser for the browser tests where it is missing and can be had; say so where it cannot."""
    if any(is_browser(name) for name in BROWSERS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Chromium for the browser tests with apt-get")
        if apt_install(["chromium", "fonts-noto-cjk"]) and any(is_browser(name) for name in BROWSERS):
            return
        say("Chromium could not be installed; the browser tests are skipped")
        return
    say("no Chromium here, and it takes root and apt-get to install it; the browser tests are skipped")


def is_browser(name):
    """Whether a browser of that name is there and starts; Ubuntu's package is only a pointer to a snap."""
    found = shutil.which(name)
    if not found:
        return False
    try:
        done = subprocess.run(
            [found, "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
