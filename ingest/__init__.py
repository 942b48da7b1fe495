"""Events in: journal, fold, derivation, rendering, projection."""
