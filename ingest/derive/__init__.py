"""From state to graph: pure functions over what the state keeps (DESIGN 8).

runs.py          events of a run -> attempts, state, acts              (F3, F4, F7, F8)
observations.py  what an observation is                                (D1)
batch.py         a batch run's observations                            (D1)
streaming.py     a streaming or service run's observations             (D1)
declared.py      a job's declarations, a dataset's own statements      (F6, D1)
sources.py       the sources of an output in a run                     (D2)
groups.py        equal names and their canonical one                   (F9, D5)
sequence.py      the observations of (job, output) -> intervals        (D1, D3)
columns.py       likewise for columns                                  (D4)
"""
