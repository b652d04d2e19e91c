"""What is known of single architectures, such as how their tokens lie in a grid."""

from attnviz.architectures.attention_windows import AttentionWindows

__all__ = ["AttentionWindows"]
