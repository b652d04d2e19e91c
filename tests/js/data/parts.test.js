/** Parts of the viewer: loaded once, proved before they run, asked for anew where they did not come. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { runInThisContext } from 'node:vm';
import { AFTER, BEFORE } from '../../../site_templates/src/data/bundle.js';
import { loadPart, openParts, prefetchParts, provide } from '../../../site_templates/src/data/parts.js';

const wrap = (body) => `${BEFORE}function(require,module){${body}}${AFTER}`;
const HEAD = wrap("module.exports={head:require('src/a.js').a+require('src/b.js').b}");
const SHARED = wrap("module.exports={'src/b.js':{b:2}}");

const digest = (text) => createHash('sha256').update(text).digest('hex');
const script = (file, text, needs = []) => ({ file, sha256: digest(text), needs });

/** What the page asks for, and the files that answer. */
let asked = [];
let files = {};

beforeEach(() => {
  asked = [];
  const append = (child) => queueMicrotask(() => {
    const name = child.src.split('/').at(-1);
    asked.push(name);
    const text = files[name.replace('?again', '')];
    if (text === undefined) return child.onerror();
    globalThis.document.currentScript = child;
    try {
      runInThisContext(text);
    } catch {
      // The browser says it in its console.
    }
    child.onload();
  });
  globalThis.document = { createElement: () => ({ remove() {} }), querySelectorAll: () => [], head: { append } };
  openParts('file:///report/', () => Promise.reject(new Error('no file can be read')));
});

test('a part comes with what it shares, once, and fails by its name until it is there', async () => {
  const parts = { early: script('early.js', HEAD, ['mutual']), mutual: script('mutual.js', SHARED) };
  provide(parts, { 'src/a.js': { a: 1 } });
  files = { 'mutual.js': SHARED };
  await assert.rejects(loadPart('early'), { name: 'DataError', kind: 'missing', path: 'assets/early.js' });
  files['early.js'] = HEAD.replace('+', '-');
  await assert.rejects(loadPart('early'), { kind: 'damaged', message: /^assets\/early\.js is damaged/ });
  files['early.js'] = HEAD.slice(0, -9);
  await assert.rejects(loadPart('early'), { kind: 'damaged' });
  files['early.js'] = HEAD;
  assert.deepEqual(await Promise.all([loadPart('early'), loadPart('early')]), [{ head: 3 }, { head: 3 }]);
  assert.deepEqual(asked, [
    'early.js', 'mutual.js', 'early.js', 'early.js?again', 'early.js', 'early.js?again', 'early.js',
  ]);
});

test('what can be fetched ahead is, and what cannot is no fault until it is needed', async () => {
  provide({ gone: script('gone.js', HEAD), late: script('late.js', wrap('module.exports=5')) }, {});
  files = { 'late.js': wrap('module.exports=5') };
  await prefetchParts();
  assert.ok(asked.includes('gone.js'));
  assert.equal(await loadPart('late'), 5);
  assert.equal(asked.filter((name) => name === 'late.js').length, 1);
  await assert.rejects(loadPart('gone'), { kind: 'missing' });
});
