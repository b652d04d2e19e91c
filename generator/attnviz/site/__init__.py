"""The report's pages and the viewer's files, as bytes by path, from the manifest and the templates.

Nothing is written here: `report.writer` does that. `assets` comes first, as the manifest names the
viewer's files; `render_pages` then needs nothing but the manifest.
"""

from attnviz.site.bundle import WORKER, Assets, assets, templates_folder, worker
from attnviz.site.pages import render_pages

__all__ = ["WORKER", "Assets", "assets", "render_pages", "templates_folder", "worker"]
