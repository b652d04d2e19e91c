"""What a build remembers, how it says where it is, and whose processes do the work."""
