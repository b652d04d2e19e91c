"""Models: from the corpus's words to a loaded model and its tokenizer."""
