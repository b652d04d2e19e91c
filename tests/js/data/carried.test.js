import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { carriedFiles, carriedTransport, embed } from '../../../site_templates/src/data/carried.js';

/** A page with one block for each file. */
const page = (files) => ({
  querySelectorAll: () => (
    Object.entries(files).map(([path, textContent]) => ({ getAttribute: () => path, textContent }))),
});
const packed = (text) => gzipSync(text).toString('base64');
const fails = (promise, kind, message) => assert.rejects(
  promise, (error) => error.kind === kind && message.test(error.message),
);

test('files of the page are unpacked, and what is not whole is named', async () => {
  const cut = packed('abc').slice(0, 12);
  const files = carriedFiles(page({ 'data/a.arrow': packed('abc'), 'data/b.arrow': cut, c: '%' }));
  const fetchBytes = carriedTransport(files);
  assert.equal(Buffer.from(await fetchBytes('data/a.arrow')).toString(), 'abc');
  await fails(fetchBytes('data/b.arrow'), 'damaged', /^data\/b\.arrow is damaged in this page.*get it again/);
  await fails(fetchBytes('c'), 'damaged', /damaged/);
  await fails(fetchBytes('data/d.arrow'), 'missing', /^data\/d\.arrow is not in this page.*get it again/);
});

test('a page of another kind carries nothing', () => {
  assert.equal(carriedFiles(page({})), null);
  assert.equal(carriedFiles(undefined), null);
});

test('a script is put into the page as the text that it is', () => {
  const added = [];
  embed({ tag: 'script' }, Buffer.from('run(“a”)'), { head: { append: (element) => added.push(element) } });
  assert.deepEqual(added, [{ tag: 'script', textContent: 'run(“a”)' }]);
});
