"""What does Headwater look like in use? A small estate of its own making, ingested and asked about."""
