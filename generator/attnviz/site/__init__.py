"""The report's pages: from its manifest and the templates to HTML, as bytes by path. Nothing is written here."""

from attnviz.site.assets import assets, templates_folder
from attnviz.site.pages import render_pages

__all__ = ["assets", "render_pages", "templates_folder"]
