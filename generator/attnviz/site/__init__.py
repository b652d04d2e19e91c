"""The report's pages: from its manifest and the templates to HTML, as bytes by path. Nothing is written here.

templates = templates_folder()
pages = render_pages(manifest, templates)         # index.html, heads/<model>/<head>.html
viewer = assets(templates)                        # .files by path; .script and .style go into the manifest
"""

from attnviz.site.assets import Assets, assets, templates_folder
from attnviz.site.pages import render_pages

__all__ = ["Assets", "assets", "render_pages", "templates_folder"]
