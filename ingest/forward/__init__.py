"""How does every accepted event get on to a Marquez, though it may be away for a day?

    journal ──read──► lanes ──post──► receiver           a process of its own, read-only on the journal
                        │     ▲            │
                        │     └──again─────┤ no verdict: tried again, with pauses that grow
                        ▼                  ▼
                     cursor  ◄── delivered, or refused for good: listed, and passed by

`lanes.py` says what may go, `pace.py` when, `verdict.py` what an answer means; these are pure. `ledger.py` is
the file that survives a crash, `post.py` the network, `forwarder.py` the loop over all of them.
"""
