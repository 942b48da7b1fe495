"""The landing page: the ways in, for somebody who opens the address in a browser."""
