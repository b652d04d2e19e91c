"""Of which components the scores of heads are made."""
