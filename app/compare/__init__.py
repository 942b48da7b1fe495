"""Do Headwater and a Marquez say the same, and where they do not, why not?

    ours.py ─────► Side ─┐
                         ├─ names.py ─► differences.py ─► causes/ ─► report.py ─► table, JSON, HTML
    marquez.py ──► Side ─┘                                  ▲
    events ──────► facts.py ── by_rule.py ──────────────────┘

A cause is proven, not guessed: `by_rule.py` works a Marquez's own rules through our events, in the order in which they
came; a difference is explained where that gives what the Marquez shows. What it does not give is `unexplained`.
"""
