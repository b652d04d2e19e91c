"""The local server: what it answers, what it keeps to itself, how it stops."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from attnviz import serve as serving
from attnviz.errors import InputError
from attnviz.serve import address, make_server


@pytest.fixture
def report(tmp_path):
    """A folder as a report lays it out, beside a file that is nobody's business."""
    folder = tmp_path / "report"
    names = [
        "index.html",
        "manifest.json",
        "manifest.js",
        "data/tokens-00.arrow",
        "data/tokens-00.arrow.js",
        "assets/viewer.css",
        "assets/viewer.js",
        "heads/minilm/L0H0.html",
    ]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@contextmanager
def running(folder, prefix="/"):
    """Asks a running server: `ask(path)` gives the response with its body read."""
    with make_server(folder, prefix=prefix) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def ask(path, method="GET", **headers):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            response.body = response.read()
            connection.close()
            return response

        ask.port = server.server_port
        try:
            yield ask
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("path", "mime"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/manifest.json", "application/json"),
        ("/data/tokens-00.arrow", "application/vnd.apache.arrow.file"),
        ("/assets/viewer.css", "text/css; charset=utf-8"),
        ("/assets/viewer.js", "text/javascript; charset=utf-8"),
        ("/heads/minilm/L0H0.html?x=1#y", "text/html; charset=utf-8"),
    ],
)
def test_files_come_with_their_type_and_are_asked_for_again(report, path, mime):
    with running(report) as ask:
        response = ask(path)
        assert (response.status, response.getheader("Content-Type")) == (200, mime)
        assert response.body.decode() in (path.lstrip("/").split("?")[0], "index.html")
        assert response.getheader("Cache-Control") == "no-cache"
        assert response.getheader("X-Content-Type-Options") == "nosniff"
        assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
        assert ask(path, "HEAD").body == b""


def test_an_unchanged_file_is_not_sent_twice(report):
    with running(report) as ask:
        modified = ask("/manifest.json").getheader("Last-Modified")
        assert ask("/manifest.json", **{"If-Modified-Since": modified}).status == 304


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/data/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/link.txt",
        "/linked/secret.txt",
        "/data/",
        "/nothing.html",
        "/a%00b",
        "/" + "x" * 5000,
    ],
)
def test_nothing_else_is_told(report, path):
    (report / "link.txt").symlink_to(report.parent / "secret.txt")
    (report / "linked").symlink_to(report.parent, target_is_directory=True)
    with running(report) as ask:
        response = ask(path)
        assert response.status == 404
        assert b"secret" not in response.body
        assert b"tokens" not in response.body


@pytest.mark.parametrize(
    "path",
    [
        "/manifest.js",
        "/data/tokens-00.arrow.js",
        "/data/tokens-00.arrow%2ejs",
        "/data/x/../tokens-00.arrow.js",
        "/linked.css",
        "/MANIFEST.JS",
    ],
)
def test_twins_are_for_double_clicks_alone(report, path):
    (report / "linked.css").symlink_to(report / "manifest.js")
    with running(report) as ask:
        assert ask(path).status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_of_other_sites_are_told_nothing(report, method):
    with running(report) as ask:
        refused = ask("/manifest.json", method, **{"Sec-Fetch-Site": "cross-site"})
        assert refused.status == 403
        assert "another site" in refused.reason
        assert refused.getheader("Cross-Origin-Resource-Policy") == "same-origin"
        for site in ("same-origin", "none"):
            assert ask("/manifest.json", method, **{"Sec-Fetch-Site": site}).status == 200


def test_special_files_and_links_that_lead_nowhere(report, capfd):
    os.mkfifo(report / "pipe.json")
    (report / "null.json").symlink_to("/dev/null")
    (report / "loop.json").symlink_to("loop.json")
    (report / "first").symlink_to("second", target_is_directory=True)
    (report / "second").symlink_to("first", target_is_directory=True)
    for folder, target in (("out", "../../secret.txt"), ("round", "index.html")):
        (report / folder).mkdir()
        (report / folder / "index.html").symlink_to(target)
    (report / "tube").mkdir()
    os.mkfifo(report / "tube" / "index.html")
    names = ("pipe.json", "null.json", "loop.json", "first/x.json", "out/", "round/", "tube/")
    with running(report) as ask:
        assert [ask(f"/{name}").status for name in names] == [404] * len(names)
        assert ask("/").status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("second", ["localhost", "evil.example"])
def test_a_host_that_is_named_twice(report, second):
    with running(report) as ask, socket.create_connection(("127.0.0.1", ask.port)) as reader:
        reader.settimeout(10)
        lines = ["GET / HTTP/1.1", "Host: localhost", f"Host: {second}", "Connection: close"]
        reader.sendall("\r\n".join([*lines, "", ""]).encode())
        assert reader.recv(12) == b"HTTP/1.1 400"


def test_a_request_that_is_no_path(report):
    with running(report) as ask:
        assert ask("http://127.0.0.1/index.html").status == 404
        assert ask("/index.html", "POST").status == 501


def test_only_localhost_is_answered(report):
    with running(report) as ask:
        assert ask("/", Host="localhost:8000").status == 200
        assert ask("/", Host="127.0.0.1").status == 200
        assert ask("/", Host="evil.example").status == 403


def test_a_report_under_a_sub_path(report):
    with running(report, prefix="/pages/minilm") as ask:
        assert ask("/pages/minilm/").body == b"index.html"
        assert ask("/pages/minilm/data/tokens-00.arrow").status == 200
        assert ask("/pages/minilm/heads").getheader("Location") == "/pages/minilm/heads/"
        assert ask("/index.html").status == 404
        assert ask("/pages/minilm/../../secret.txt").status == 404


def test_a_folder_without_a_report(tmp_path):
    with pytest.raises(InputError, match=r"there is no report here \(no index\.html\)"):
        make_server(tmp_path)


def test_a_port_in_use_or_out_of_range(report):
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        pytest.raises(InputError, match="expected a free port"),
    ):
        make_server(report, busy.getsockname()[1])
    with pytest.raises(InputError, match=r"port 99999: .*expected a free port"):
        make_server(report, 99999)


def test_a_reader_who_leaves_makes_no_noise(report, capfd):
    (report / "large.arrow").write_bytes(bytes(20_000_000))
    with running(report) as ask, make_server(report) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with socket.create_connection(("127.0.0.1", server.server_port)) as reader:
            reader.sendall(b"GET /large.arrow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reader.recv(10)
        thread.join()
        assert ask("/").status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("opens", [True, False])
def test_serving_opens_the_browser_by_default(report, monkeypatch, opens):
    opened, lines = threading.Event(), []
    urls = []
    monkeypatch.setattr(serving.webbrowser, "open", lambda url: (urls.append(url), opened.set()))

    def stop(server, *args):
        if opens:
            assert opened.wait(5)
        assert bool(urls) == opens
        urls.append(address(server))
        raise KeyboardInterrupt

    monkeypatch.setattr(serving._Server, "serve_forever", stop)
    serving.serve(report, open_browser=opens, say=lines.append)
    assert len(set(urls)) == 1
    assert urls[0] in lines[0]
    assert lines[1] == "Stopped."


def test_ctrl_c_ends_it_cleanly(report):
    program = (
        # A shell that runs this in the background has SIGINT ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);import sys,"
        " pathlib; from attnviz.serve import serve; serve(pathlib.Path(sys.argv[1]),"
        " open_browser=False)"
    )
    command = [sys.executable, "-u", "-c", program, str(report)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as server:
        assert server.stdout.readline().startswith(f"Serving {report} at http://127.0.0.1:")
        server.send_signal(signal.SIGINT)
        rest, errors = server.communicate(timeout=10)
    assert (rest, errors, server.returncode) == ("Stopped.\n", "", 0)
