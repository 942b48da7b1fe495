"""How do scripts and pipelines talk to a server? `from headwater.client import Headwater`."""
