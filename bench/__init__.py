"""How fast is Headwater, and how much does it use? `python -m bench --help`."""
