import assert from 'node:assert/strict';
import { test } from 'node:test';

const MANIFEST = {
  format: 'attnviz-report',
  format_version: 1,
  viewer: { script: 'assets/viewer-1.js', style: 'assets/viewer-1.css' },
};
let run = 0;

/**
 * Runs boot.js in a page of a few lines on a web server that has some files, and waits until it rests.
 * @param {Record<string, string | (() => string)>} files
 */
async function boot(files) {
  const requests = [];
  const answer = (address) => {
    const path = address.slice('http://localhost/sub/'.length);
    requests.push(path);
    const file = files[path.replace('?again', '')];
    return typeof file === 'function' ? file(path) : file;
  };
  const message = { hidden: true, textContent: '' };
  const append = (child) => queueMicrotask(() => {
    if (answer(child.src ?? child.href) === undefined) child.onerror();
    else child.onload();
  });
  const page = {
    currentScript: { src: 'http://localhost/sub/assets/boot.js' },
    documentElement: { dataset: {} },
    createElement: () => ({ remove() {} }),
    getElementById: (id) => (id === 'boot-message' ? message : null),
    head: { append },
  };
  const window = {};
  const fetch = async (address, { cache }) => {
    const text = answer(address);
    requests.push(`${requests.pop()} (${cache})`);
    return text === undefined ? new Response('no', { status: 404 }) : new Response(text);
  };
  Object.assign(globalThis, { document: page, window, fetch });
  await import(`../../site_templates/src/boot.js?${run++}`);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return { requests, message, window, ready: page.documentElement.dataset.ready };
}

const assets = { 'assets/viewer-1.js': '', 'assets/viewer-1.css': '' };

test('the manifest is asked for anew, then the style and the viewer that it names', async () => {
  const { requests, message, window, ready } = await boot({ ...assets, 'manifest.json': JSON.stringify(MANIFEST) });
  assert.deepEqual(requests, ['manifest.json (no-cache)', 'assets/viewer-1.css', 'assets/viewer-1.js']);
  assert.deepEqual(window.attnvizBoot, { manifest: MANIFEST, base: 'http://localhost/sub/' });
  assert.deepEqual([ready, message.hidden], [undefined, true]);
});

test('a viewer that was just replaced is found through the newest manifest', async () => {
  let asked = 0;
  const newer = { ...MANIFEST, viewer: { script: 'assets/viewer-2.js', style: 'assets/viewer-2.css' } };
  const { requests, window, ready } = await boot({
    'assets/viewer-2.js': '',
    'assets/viewer-2.css': '',
    'manifest.json': () => JSON.stringify(asked++ ? newer : MANIFEST),
  });
  assert.deepEqual(requests.slice(1), [
    'assets/viewer-1.css', 'manifest.json (reload)', 'assets/viewer-2.css?again', 'assets/viewer-2.js?again',
  ]);
  assert.equal(window.attnvizBoot.manifest.viewer.script, 'assets/viewer-2.js');
  assert.equal(ready, undefined);
});

test('what cannot start says why, in words', async () => {
  const manifest = JSON.stringify(MANIFEST);
  const newer = JSON.stringify({ ...MANIFEST, format_version: 2 });
  const elsewhere = JSON.stringify({
    ...MANIFEST, viewer: { script: 'https://example.org/x.js', style: 'assets/viewer-1.css' },
  });
  const cases = [
    [{}, /^manifest\.json is not on the server.*copied only in part/],
    [{ 'manifest.json': '<!doctype html>' }, /^manifest\.json is damaged or cut short/],
    [{ 'manifest.json': newer }, /report format 2; this viewer reads format 1/],
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
