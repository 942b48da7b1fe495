"""What do a data engineer, a data scientist and an ML engineer do, from raw data to a served model?

Each act is a script of its own, run with the environment of `make workflow`, as these people would run it. None of them knows
Headwater but for the addresses in its environment.
"""
