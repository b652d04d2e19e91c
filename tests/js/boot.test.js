import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { AFTER, BEFORE } from '../../site_templates/src/data/bundle.js';

const MANIFEST = {
  format: 'attnviz-report',
  format_version: 1,
  viewer: { script: 'assets/viewer-1.js', style: 'assets/viewer-1.css' },
};
const VIEWER = `${BEFORE}function(){window.runs = (window.runs ?? 0) + 1}${AFTER}`;
let run = 0;

const hash = (text, form = 'hex') => createHash('sha256').update(text).digest(form);

/** A manifest that has the hashes of some files, and the page's seal of it. */
function sealed(files, changes = {}) {
  const entries = Object.entries(files).map(([path, text]) => [path, { bytes: text.length, sha256: hash(text) }]);
  const text = JSON.stringify({ ...MANIFEST, files: Object.fromEntries(entries), ...changes });
  return { text, seal: hash(text), page: `<script src="assets/boot.js" data-manifest="${hash(text)}" defer>` };
}

/**
 * Runs boot.js in a page of a few lines on a web server that has some files, and waits until it rests. Like a browser
 * it runs scripts, and refuses stylesheets whose `integrity` is not theirs.
 * @param {Record<string, string | (() => string)>} files
 * @param {{seal?: string, at?: string, origin?: string}} [page] the seal in the page, its address and origin
 */
async function boot(files, { seal, at = 'http://localhost/sub/', origin = 'http://localhost' } = {}) {
  const requests = [];
  const answer = (address) => {
    const path = address.slice(at.length);
    requests.push(path);
    const file = files[path.replace('?again', '')];
    return typeof file === 'function' ? file(path) : file;
  };
  const message = { hidden: true, textContent: '' };
  const append = (child) => queueMicrotask(() => {
    const text = answer(child.src ?? child.href);
    if (text === undefined || (child.integrity && child.integrity !== `sha256-${hash(text, 'base64')}`)) {
      return child.onerror();
    }
    try {
      page.currentScript = child;
      if (child.src) runInThisContext(text);
    } catch {
      // The browser says it in its console.
    }
    child.onload?.();
  });
  const page = {
    currentScript: { src: `${at}assets/boot.js`, dataset: { manifest: seal } },
    documentElement: { dataset: {} },
    createElement: () => ({ remove() {} }),
    querySelectorAll: () => [],
    getElementById: (id) => (id === 'boot-message' ? message : null),
    head: { append },
  };
  const window = {};
  const fetch = async (address, { cache }) => {
    const text = answer(address);
    requests.push(`${requests.pop()} (${cache})`);
    return text === undefined ? new Response('no', { status: 404 }) : new Response(text);
  };
  Object.assign(globalThis, { document: page, window, fetch, origin });
  await import(`../../site_templates/src/boot.js?${run++}`);
  const { dataset } = page.documentElement;
  for (let turn = 0; turn < 400 && !(window.runs || dataset.ready); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { requests, message, window, ready: dataset.ready };
}

const assets = { 'assets/viewer-1.js': VIEWER, 'assets/viewer-1.css': '' };

test('the manifest is asked for anew, then the style and the viewer that it names', async () => {
  const { requests, message, window, ready } = await boot({ ...assets, 'manifest.json': JSON.stringify(MANIFEST) });
  assert.deepEqual(requests, ['manifest.json (no-cache)', 'assets/viewer-1.css', 'assets/viewer-1.js']);
  assert.deepEqual(window, {
    attnvizBoot: { manifest: MANIFEST, base: 'http://localhost/sub/', fail: window.attnvizBoot.fail }, runs: 1,
  });
  assert.deepEqual([ready, message.hidden], [undefined, true]);
});

test('a viewer that was just replaced is found through the newest manifest', async () => {
  let asked = 0;
  const newer = { ...MANIFEST, viewer: { script: 'assets/viewer-2.js', style: 'assets/viewer-2.css' } };
  const { requests, window, ready } = await boot({
    'assets/viewer-2.js': VIEWER,
    'assets/viewer-2.css': '',
    'manifest.json': () => JSON.stringify(asked++ ? newer : MANIFEST),
  });
  assert.deepEqual(requests.slice(1), [
    'assets/viewer-1.css', 'assets/viewer-1.css (default)', 'manifest.json (reload)', 'assets/viewer-2.css?again',
    'assets/viewer-2.js?again',
  ]);
  assert.equal(window.attnvizBoot.manifest.viewer.script, 'assets/viewer-2.js');
  assert.equal(ready, undefined);
});

test('what cannot start says why, in words', async () => {
  const manifest = JSON.stringify(MANIFEST);
  const newer = JSON.stringify({ ...MANIFEST, format_version: 3 });
  const elsewhere = JSON.stringify({
    ...MANIFEST, viewer: { script: 'https://example.org/x.js', style: 'assets/viewer-1.css' },
  });
  const cases = [
    [{}, /^manifest\.json is not on the server.*copied only in part/],
    [{ 'manifest.json': '<!doctype html>' }, /^manifest\.json is damaged or cut short/],
    [{ 'manifest.json': newer }, /report format 3; this viewer reads format 1 and 2/],
    [{ 'manifest.json': '{"format": "other"}' }, /not part of an attnviz report/],
    [{ 'manifest.json': manifest }, /^assets\/viewer-1\.css is not there/],
    [{ 'manifest.json': manifest, 'assets/viewer-1.css': '' }, /^assets\/viewer-1\.js is not there/],
    [{ ...assets, 'manifest.json': elsewhere }, /outside the report/],
  ];
  for (const [files, words] of cases) {
    const { message, ready } = await boot(files);
    assert.match(message.textContent, words);
    assert.deepEqual([ready, message.hidden], ['error', false]);
  }
});

test('what the manifest has hashes of is proved before it is used', async () => {
  const { text, seal } = sealed(assets);
  const intact = { ...assets, 'manifest.json': text };
  const { window, ready } = await boot(intact, { seal });
  assert.deepEqual([window.runs, ready], [1, undefined]);
  const flipped = VIEWER.replace('+ 1', '+ 2');
  const cases = [
    [{ 'assets/viewer-1.js': flipped }, /^assets\/viewer-1\.js is damaged/],
    [{ 'assets/viewer-1.js': VIEWER.slice(0, -9) }, /^assets\/viewer-1\.js is damaged/],
    [{ 'assets/viewer-1.js': VIEWER.replace('window', 'windov') }, /^assets\/viewer-1\.js is damaged/],
    [{ 'assets/viewer-1.css': ' ' }, /^assets\/viewer-1\.css is damaged/],
    [{ 'manifest.json': text.replace('attnviz-', 'Attnviz-') },
      /^manifest\.json is damaged.*index\.html is of another/],
  ];
  for (const [files, words] of cases) {
    const broken = await boot({ ...intact, ...files }, { seal });
    assert.match(broken.message.textContent, words);
    assert.deepEqual([broken.ready, broken.window.runs], ['error', undefined]);
  }
});

test('a page that the browser kept of an earlier build is asked for anew; of another it is refused', async () => {
  const { text, page } = sealed(assets);
  const earlier = sealed(assets, { title: 'earlier' });
  for (const seal of [earlier.seal, undefined]) {
    const { requests, window } = await boot({ ...assets, 'manifest.json': text, 'index.html': page }, { seal });
    assert.deepEqual(requests.slice(0, 2), ['manifest.json (no-cache)', 'index.html (reload)']);
    assert.equal(window.runs, 1);
    const { message } = await boot({ ...assets, 'manifest.json': text, 'index.html': earlier.page }, { seal });
    assert.match(message.textContent, /index\.html is of another build/);
  }
});

test('in a sandbox everything comes from twins, and without them the page says so', async () => {
  const { text, seal } = sealed(assets);
  const twin = `attnvizShard("manifest.json","${Buffer.from(text).toString('base64')}")`;
  const page = { seal, origin: 'null' };
  const { requests, window } = await boot({ ...assets, 'manifest.js': twin }, page);
  assert.deepEqual(requests, ['manifest.js', 'assets/viewer-1.css', 'assets/viewer-1.js']);
  assert.equal(window.runs, 1);
  const { message } = await boot({ ...assets, 'manifest.json': text }, page);
  assert.match(message.textContent, /^manifest\.js is not there.*sandbox.*with its twins/);
});
