"""Where a run keeps what it made, and who may write there."""
