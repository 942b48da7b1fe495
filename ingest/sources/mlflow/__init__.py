"""How does what an MLflow server holds come into the journal? By asking it, again and again, over its REST API.

mapping   from what MLflow answers to events     pure, shared with the client plugin
decide    what is to be told of something, and what was told before   pure
windows   what is to be asked, and up to where all is told   pure
address   where a server is, and what its namespace is   pure
reading   the questions, over HTTP
ledger    the poller's own file: what was told
telling   journal first, then the ledger
registry  one look at models and versions
tracking  one look at experiments, runs and logged models
poll      look, tell, wait; again and again
faults    what went wrong, and what to do about it
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "mlflow"
"""The source of records that were made from an MLflow server."""
