"""The story: how a bank's model comes about, from raw data to predictions, on real programs. `make story` plays it."""
