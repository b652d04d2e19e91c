"""What heads write to the residual stream, and which later heads read it."""
