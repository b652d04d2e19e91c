"""Templates and the values that they are handed."""

import dataclasses

import pytest
from jinja2 import Environment, FileSystemLoader, meta

from attnviz.site import templates_folder
from attnviz.site.contexts import HeadPage, HeadsPage, IndexPage, OnePage, StoryPage, TokenPage


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("index.html.j2", IndexPage),
        ("heads.html.j2", HeadsPage),
        ("head.html.j2", HeadPage),
        ("one.html.j2", OnePage),
        ("story.html.j2", StoryPage),
        ("tokens.html.j2", TokenPage),
    ],
)
def test_a_template_uses_its_whole_context_and_nothing_else(template, context):
    source = FileSystemLoader(templates_folder()).get_source(
        Environment(autoescape=True), template
    )[0]
    used = meta.find_undeclared_variables(Environment(autoescape=True).parse(source))
    assert used == {field.name for field in dataclasses.fields(context)}
