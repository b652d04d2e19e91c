import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReport } from '../../../site_templates/src/data/report.js';
import { Folder } from './fixture.js';

/** One white pixel. */
const PNG = Uint8Array.from(Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==', 'base64'));

/** A report whose even documents have an image, in two shards. */
function openImages(documents, { spoil } = {}) {
  const folder = new Folder();
  const row = (document) => ({ document, width: document + 1, height: 7, content: PNG });
  const withImages = Array.from({ length: documents }, (_, d) => d).filter((d) => d % 2 === 0);
  const half = withImages.length >> 1;
  const add = (id, numbers) => (
    folder.add(id, 'image', numbers.map(row), { documents: [numbers[0], numbers[numbers.length - 1] + 1] }));
  const images = [add('images-0', withImages.slice(0, half)), add('images-1', withImages.slice(half))];
  const manifest = {
    format: 'attnviz-report', format_version: 1, models: [], shards: folder.shards,
    documents: { count: documents, groups: [], shards: [], images },
  };
  spoil?.(folder, manifest);
  const requests = [];
  const fetchBytes = async (path) => {
    requests.push(path);
    return new Uint8Array(folder.files.get(path));
  };
  return { requests, report: openReport({ manifest, base: 'http://localhost/', fetchBytes }) };
}

const bytesOf = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());

test('an image is a blob of the PNG that is stored', async () => {
  const { report, requests } = openImages(8);
  const image = await report.image(6);
  assert.deepEqual([image.width, image.height], [7, 7]);
  assert.match(image.url, /^blob:/);
  assert.deepEqual(await bytesOf(image.url), PNG);
  assert.equal(requests.length, 1, 'only the shard that has it');
  assert.equal((await report.image(6)).url, image.url);
});

test('an image says by its first byte whether it is a JPEG', async () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
  for (const [png, type] of [[PNG, 'image/png'], [jpeg, 'image/jpeg']]) {
    const folder = new Folder();
    const rows = [{ document: 0, width: 7, height: 7, content: png }];
    const images = [folder.add('images-0', 'image', rows, { documents: [0, 1] })];
    const manifest = {
      format: 'attnviz-report', format_version: 1, models: [], shards: folder.shards,
      documents: { count: 1, groups: [], shards: [], images },
    };
    const fetchBytes = async (path) => new Uint8Array(folder.files.get(path));
    const report = openReport({ manifest, base: 'http://localhost/', fetchBytes });
    assert.equal((await report.image(0)).blob.type, type);
  }
});

test('a document without an image has none', async () => {
  const { report } = openImages(8);
  assert.equal(await report.image(1), undefined);
  assert.equal(await report.image(7), undefined);
});

test('only so many images stay open', async () => {
  const { report } = openImages(80);
  const first = await report.image(0);
  for (let d = 2; d < 80; d += 2) await report.image(d);
  await assert.rejects(bytesOf(first.url));
  const again = await report.image(0);
  assert.notEqual(again.url, first.url);
  assert.deepEqual(await bytesOf(again.url), PNG);
});

test('a damaged shard of images is named, and the others go on', async () => {
  const { report } = openImages(8, {
    spoil: (folder, { shards }) => { folder.files.get(shards['images-0'].path)[900] ^= 1; },
  });
  await assert.rejects(report.image(0), (error) => error.kind === 'damaged' && /images-0/.test(error.message));
  assert.match((await report.image(6)).url, /^blob:/);
});
