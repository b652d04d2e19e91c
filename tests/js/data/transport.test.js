import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { after, before, mock, test } from 'node:test';
import { fromBase64 } from '../../../site_templates/src/data/base64.js';
import {
  httpTransport, openTransport, scriptTransport, transportFor, twinOf,
} from '../../../site_templates/src/data/transport.js';

const BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);
const BASE = 'file:///reports/one/';
const fails = (promise, kind, message) => assert.rejects(
  promise, (error) => error.kind === kind && message.test(error.message),
);

let server;
let base;
before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/report/data/a.arrow') response.end(BYTES);
    else if (request.url === '/twins/manifest.js') response.end();
    else if (request.url === '/report/data/broken.arrow') {
      response.writeHead(200, { 'content-length': '999' }).write('half');
      setTimeout(() => response.destroy(), 20);
    } else response.writeHead(request.url.endsWith('busy.arrow') ? 503 : 404).end('no');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${server.address().port}/report/`;
});
after(() => server.close());

test('http: bytes, and a message for each way to fail', async () => {
  const fetchBytes = openTransport(base);
  assert.deepEqual(await fetchBytes('data/a.arrow'), BYTES);
  await fails(fetchBytes('data/b.arrow'), 'missing', /^data\/b\.arrow is not on the server/);
  await fails(fetchBytes('data/busy.arrow'), 'network', /refused data\/busy\.arrow \(status 503\)/);
  await fails(fetchBytes('data/broken.arrow'), 'network', /no answer/);
  await fails(httpTransport('http://127.0.0.1:9/')('data/a.arrow'), 'network', /no answer/);
});

test('no path leads out of the report', async () => {
  for (const path of [
    '../other.arrow', 'https://example.org/a.arrow', '//example.org/a.arrow', '/a.arrow', 'data/../a.arrow',
    'data/..%2f..%2fa.arrow', 'data\\..\\a.arrow', 'data/a.arrow?b', 'data/b/a.arrow', 'index.html',
  ]) {
    await fails(openTransport(base)(path), 'format', /outside the report/);
    await fails(scriptTransport(BASE, fakePage(() => {}))(path), 'format', /outside the report/);
  }
});

/** A page whose injected scripts do what the test says. */
function fakePage(run) {
  const scripts = [];
  return {
    scripts,
    createElement: () => ({ remove() { scripts.splice(scripts.indexOf(this), 1); } }),
    head: { append: (script) => { scripts.push(script); queueMicrotask(() => run(script)); } },
  };
}

const base64 = Buffer.from(BYTES).toString('base64');

test('file: the twin delivers and leaves nothing behind', async () => {
  const page = fakePage((script) => {
    assert.equal(script.src, `${BASE}data/a.arrow.js`);
    globalThis.attnvizShard('data/a.arrow', base64);
    script.onload?.();
  });
  assert.deepEqual(await scriptTransport(BASE, page)('data/a.arrow'), BYTES);
  assert.equal(page.scripts.length, 0);
  globalThis.attnvizShard('data/a.arrow', base64); // late and unasked: nobody listens
});

test('file: a packed twin is unpacked, as far as a file of the report may go', async () => {
  const request = (bytes) => scriptTransport(BASE, fakePage(() => {
    globalThis.attnvizShard('data/a.arrow', bytes.toString('base64'), 'gzip');
  }))('data/a.arrow');
  assert.deepEqual(await request(gzipSync(BYTES)), BYTES);
  await fails(request(gzipSync(BYTES).subarray(0, 30)), 'damaged', /does not hold gzip/);
  await fails(request(Buffer.from(BYTES)), 'damaged', /does not hold gzip/);
  await fails(request(gzipSync(Buffer.alloc(8_000_001))), 'damaged', /^data\/a\.arrow\.js .* more than the 8 MB/);
  const stream = globalThis.DecompressionStream;
  try {
    globalThis.DecompressionStream = undefined;
    await fails(request(gzipSync(BYTES)), 'version', /too old.*Safari 16\.4/);
  } finally {
    globalThis.DecompressionStream = stream;
  }
});

test('file: a missing, an empty and a garbled twin', async () => {
  const request = (run) => scriptTransport(BASE, fakePage(run))('data/a.arrow');
  await fails(request((script) => script.onerror()), 'missing', /^data\/a\.arrow\.js is not there/);
  await fails(request((script) => script.onload()), 'damaged', /cut short/);
  await fails(request(() => globalThis.attnvizShard('data/a.arrow', '!?')), 'damaged', /no.* base64/);
});

test('file: a twin that never comes is given up after a minute', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const request = scriptTransport(BASE, fakePage(() => {}))('data/a.arrow');
  mock.timers.tick(60_000);
  mock.timers.reset();
  await fails(request, 'network', /within 60 seconds/);
});

test('the manifest has a twin under its own name', () => {
  assert.equal(twinOf('manifest.json'), 'manifest.js');
  assert.equal(twinOf('data/a.arrow'), 'data/a.arrow.js');
});

test('base64 decodes alike with and without the native decoder', () => {
  const native = Uint8Array.fromBase64;
  try {
    Uint8Array.fromBase64 = undefined;
    assert.deepEqual(fromBase64(base64), BYTES);
    assert.throws(() => fromBase64('!'));
    Uint8Array.fromBase64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));
    assert.deepEqual(fromBase64(base64), BYTES);
  } finally {
    if (native) Uint8Array.fromBase64 = native;
    else delete Uint8Array.fromBase64;
  }
});

test('on a web server shards come out of twins where these are all that there is', async () => {
  const asked = [];
  const page = fakePage((script) => {
    asked.push(new URL(script.src).pathname);
    globalThis.attnvizShard('data/a.arrow', base64);
  });
  for (const [folder, open] of [[base, 'web'], [base, 'file'], [base.replace('report', 'twins'), 'anywhere']]) {
    await transportFor(folder, open, page)('data/a.arrow').catch(() => {});
    assert.deepEqual(asked, []);
  }
  assert.deepEqual(await transportFor(base, 'file', page)('data/a.arrow'), BYTES);
  const fetchBytes = transportFor(base.replace('report', 'twins'), 'file', page);
  assert.deepEqual(await fetchBytes('data/a.arrow'), BYTES);
  assert.deepEqual(asked, ['/twins/data/a.arrow.js']);
  await fails(fetchBytes('manifest.json'), 'missing', /manifest\.json is not on the server/);
});
