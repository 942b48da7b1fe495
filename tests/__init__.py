"""Is what the design promises true? The folders mirror the packages; every test says the rule it checks."""
