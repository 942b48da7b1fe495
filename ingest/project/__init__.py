"""One batch of events: joined into the state, derived again where it touches, rendered as rows (D7).

join.py      contributions -> state, and what they touch
groups.py    changed symlinks -> groups, and the pairs they touch
runs.py      touched runs -> observations, acts, lifecycles
jobs.py      touched declarations and dataset events -> observations
pairs.py     touched pairs -> edges
batch.py     the order of these steps
"""
