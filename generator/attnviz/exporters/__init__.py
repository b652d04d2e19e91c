"""Attention written for other programs: files of matrices, and figures of one head."""
