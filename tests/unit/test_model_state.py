"""What a pass changes of a model is put back and named, whatever form its state has."""

import collections

import numpy as np
import pytest
import torch
import transformers

from attnviz.models.state import in_words, restored


class Memory:
    """An object of the model's own code that is no module."""

    def __init__(self):
        self.last = None


class Part(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("frequencies", torch.ones(3), persistent=False)
        self.kind = "sparse"


class Model(torch.nn.Module):
    """A model whose state has every form that state has."""

    def __init__(self):
        super().__init__()
        self.part = Part()
        self.weight = torch.nn.Parameter(torch.ones(2))
        self.hidden = None
        self.texts = []
        self.lengths = {"longest": 4}
        self.names = {"a"}
        self.queue = collections.deque([1], maxlen=2)
        self.memory = Memory()
        self.counts = np.zeros(2)
        self.array = torch.zeros(2)


def rebind_a_buffer(model):
    model.part.register_buffer("frequencies", torch.zeros(3), persistent=False)


def add_a_buffer(model):
    model.part.register_buffer("cache", torch.zeros(3))


def replace_a_module(model):
    model.part = Part()


def set_a_value(model, name, value):
    setattr(model, name, value)


CHANGES = {
    "part.frequencies": lambda model: model.part.frequencies.mul_(2),
    "part.frequencies ": rebind_a_buffer,
    "part.cache": add_a_buffer,
    "part.kind": lambda model: setattr(model.part, "kind", "full"),
    "part": replace_a_module,
    "hidden": lambda model: setattr(model, "hidden", torch.ones(1)),
    "extra": lambda model: setattr(model, "extra", 1),
    "texts": lambda model: model.texts.append("a"),
    "lengths.longest": lambda model: model.lengths.update(longest=5),
    "lengths.shortest": lambda model: model.lengths.update(shortest=1),
    "names": lambda model: model.names.add("b"),
    "queue": lambda model: model.queue.append(2),
    "memory.last": lambda model: setattr(model.memory, "last", "text"),
    "counts": lambda model: model.counts.__iadd__(1),
    "array": lambda model: model.array.add_(1),
}


def state_of(model):
    return (
        sorted(vars(model)), sorted(model.state_dict()), model.part.kind,
        model.part.frequencies.tolist(), model.hidden, list(model.texts), dict(model.lengths),
        set(model.names), list(model.queue), model.memory.last, model.counts.tolist(),
        model.array.tolist(), sorted(dict(model.part.named_buffers())), id(model.part),
    )  # fmt: skip


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_is_put_back_and_named(path):
    model = Model()
    before = state_of(model)
    with restored(model) as changes, torch.inference_mode():
        CHANGES[path](model)
        assert state_of(model) != before
    assert state_of(model) == before
    assert changes.put_back == [path.strip()]
    assert changes.weights == []


def test_it_is_put_back_after_an_error_too():
    model = Model()

    def fail():
        with restored(model):
            model.part.kind = "full"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert model.part.kind == "sparse"


def test_what_has_not_changed_is_not_named():
    model = Model()
    with restored(model) as changes, torch.inference_mode():
        model.part.frequencies.copy_(torch.ones(3))
        model.part.kind = "".join(["spar", "se"])
        handle = model.part.register_forward_hook(print)
    assert changes.put_back == []
    assert model.part._forward_hooks, "hooks are torch's, and stay"
    handle.remove()


def test_weights_that_were_written_to_are_named():
    model = Model()
    with restored(model) as changes, torch.inference_mode():
        model.weight.mul_(2)
    assert (changes.put_back, changes.weights) == ([], ["weight"])


def test_many_paths_are_said_briefly():
    layers = [f"layer.{number}.attention.kind" for number in range(24)]
    assert in_words(["kind", *layers]) == "kind, layer.*.attention.kind"
    assert in_words(f"part{number}" for number in range(7)).endswith("part4 and 2 more")


def test_hooks_that_transformers_sets_once_are_not_set_again():
    """Else a second pass would collect each hidden state twice."""
    config = transformers.BertConfig(
        hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8, vocab_size=9
    )
    model, counts = transformers.BertModel(config).eval(), []
    for _ in range(2):
        with restored(model) as changes, torch.inference_mode():
            output = model(torch.ones(1, 3, dtype=torch.long), output_hidden_states=True)
        counts.append(len(output.hidden_states))
        assert changes.put_back == []
    assert counts == [3, 3]
