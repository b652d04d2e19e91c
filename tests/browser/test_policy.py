"""The content security policy of every page: even a script that got in could send nothing out and
run nothing more."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.browser.visit import eventually

REFUSED = "(?i)policy|refused|default-src"
PAGES = ["index.html", "heads/minilm/L3H7.html"]

# Every way that a page has to ask for something elsewhere, but for leading the reader there.
ATTEMPTS = """async (elsewhere) => {
  const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
  add('img', {src: `${elsewhere}/img`});
  add('script', {src: `${elsewhere}/script`});
  add('link', {rel: 'stylesheet', href: `${elsewhere}/style`});
  add('link', {rel: 'manifest', href: `${elsewhere}/manifest`});
  add('iframe', {src: `${elsewhere}/frame`});
  add('object', {data: `${elsewhere}/object`});
  add('embed', {src: `${elsewhere}/embed`});
  add('video', {src: `${elsewhere}/video`});
  add('base', {href: elsewhere});
  const form = document.createElement('form');
  Object.assign(form, {action: `${elsewhere}/form`, method: 'post'});
  document.body.append(form);
  form.submit();
  const font = new FontFace('other', `url(${elsewhere}/font)`);
  const tries = [
    () => fetch(`${elsewhere}/fetch`, {mode: 'no-cors'}),
    () => new Promise((done) => {
      const asked = new XMLHttpRequest();
      asked.onloadend = done;
      asked.open('GET', `${elsewhere}/xhr`);
      asked.send();
    }),
    () => navigator.sendBeacon(`${elsewhere}/beacon`),
    () => new EventSource(`${elsewhere}/events`),
    () => new WebSocket(`${elsewhere.replace('http', 'ws')}/socket`),
    () => new Worker(`${elsewhere}/worker`),
    () => font.load(),
  ];
  for (const attempt of tries) await Promise.resolve().then(attempt).catch(() => {});
}"""

# Ways to run something that is no file of the report.
INTRUSIONS = """() => {
  window.ran = [];
  const inline = document.createElement('script');
  inline.textContent = 'window.ran.push("inline")';
  document.body.append(inline);
  const element = document.createElement('p');
  element.setAttribute('onclick', 'window.ran.push("handler")');
  document.body.append(element);
  element.click();
  const link = document.createElement('a');
  link.href = 'javascript:void window.ran.push("address")';
  document.body.append(link);
  link.click();
  const data = document.createElement('script');
  data.src = 'data:text/javascript,window.ran.push("data")';
  document.body.append(data);
  // Not now: what the debugger runs may use eval.
  setTimeout(() => {
    const evaluate = () => eval('window.ran.push("eval")');
    const construct = () => new Function('window.ran.push("Function")')();
    for (const attempt of [evaluate, construct]) {
      try { attempt(); } catch { /* refused */ }
    }
    window.tried = true;
  });
}"""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that would answer anything, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 – the base class's own name

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("page", PAGES)
def test_nothing_can_be_asked_for_elsewhere(visit, quickstart_report, over, page, elsewhere):
    address, asked = elsewhere
    there = visit(quickstart_report, over, tolerate=REFUSED, offline=False).go(page)
    there.page.evaluate(ATTEMPTS, address)
    there.page.wait_for_timeout(500)
    assert asked == []
    assert len(there.refusals) >= 10
    there.requested.clear()  # attempts are seen here even where they are refused


@pytest.mark.parametrize("page", PAGES)
def test_nothing_can_be_run_but_the_report_s_own_files(visit, quickstart_report, over, page):
    there = visit(quickstart_report, over, tolerate=REFUSED).go(page)
    there.page.evaluate(INTRUSIONS)
    assert eventually(lambda: there.page.evaluate("window.tried"))
    there.page.wait_for_timeout(200)
    assert there.page.evaluate("window.ran") == []
    assert len(there.refusals) >= 5
