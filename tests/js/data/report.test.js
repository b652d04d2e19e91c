import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReport } from '../../../site_templates/src/data/report.js';
import { openMemory } from './memory.js';
import { LENGTHS, TEXTS } from './report-fixture.js';
import { assertAttention } from './single.js';

test('heads carry their name and stack', () => {
  const { report } = openMemory();
  assert.deepEqual(report.heads('toy').map((head) => head.id), [
    'L0H0', 'L0H1', 'L0H2', 'L0H3', 'L1H0', 'L1H1', 'L1H2', 'L1H3',
  ]);
  assert.equal(report.head('toy', 'L1H3').stackInfo.head_size, 4);
  assert.equal(report.head('toy', 'L9H9'), undefined);
  assert.equal(report.head('other', 'L0H0'), undefined);
  assert.equal(report.model('toy').name, 'toy');
  assert.equal(report.model('other'), undefined);
});

test('heads of a model with several stacks are named after theirs', () => {
  const { report } = openMemory({ spoil: ({ manifest }) => manifest.models[0].stacks.push({ name: 'cross' }) });
  assert.equal(report.heads('toy')[0].id, 'encoder.L0H0');
});

test('documents: texts, titles, groups and where they come from', async () => {
  const documents = await openMemory().report.documents();
  assert.equal(documents.count, 3);
  assert.deepEqual([0, 1, 2].map(documents.text), TEXTS);
  assert.deepEqual([0, 1, 2].map(documents.title), ['Title 0', 'Title 1', 'Title 2']);
  assert.deepEqual([documents.entry(2), documents.group(2), documents.source(2).source], [0, 0, 'by hand']);
  assert.throws(() => documents.text(3), RangeError);
});

test('an axis locates tokens, and passes over documents without any', async () => {
  const axis = await openMemory().report.axis('toy', 'text');
  assert.deepEqual([...axis.lengths], LENGTHS);
  assert.deepEqual([...axis.offsets], [0, 3, 3, 8]);
  const places = Array.from({ length: 8 }, (_, index) => Object.values(axis.locate(index)).join(' '));
  assert.deepEqual(places, ['0 0', '0 1', '0 2', '2 0', '2 1', '2 2', '2 3', '2 4']);
  for (const index of [-1, 8, NaN]) assert.throws(() => axis.locate(index), RangeError);
});

test('tokens: offsets count code points, not UTF-16 units', async () => {
  const { report } = openMemory();
  const tokens = await report.tokens('toy', 'text', 2);
  assert.deepEqual(tokens.texts, ['[CLS]', '\u{1F600}', 'caf', '##\u00e9', '\u00e9']);
  assert.deepEqual([0, 1, 2, 3, 4].map(tokens.surface), ['', '\u{1F600}', 'caf', '\u00e9', 'e\u0301']);
  assert.deepEqual(tokens.special, [true, false, false, false, false]);
  assert.deepEqual([...tokens.ids], [3, 4, 5, 6, 7]);
  assert.deepEqual([tokens.start[2], tokens.end[2]], [2, 5]);
  assert.deepEqual((await report.tokens('toy', 'text', 1)).texts, []);
  assert.equal((await report.tokens('toy', 'text', 0)).surface(2), 'two');
});

test('tokens of one document load only the shards that it needs', async () => {
  const { report, requests, pathOf } = openMemory();
  await report.tokens('toy', 'text', 2);
  assert.deepEqual(requests.sort(), ['documents-1', 'lengths', 'tokens'].map(pathOf).sort());
});

test('the overview paints every head from one file', async () => {
  const { report, requests } = openMemory();
  const cells = await report.overview('toy');
  assert.equal(requests.length, 1);
  assert.deepEqual(cells.map((cell) => cell.id), report.heads('toy').map((head) => head.id));
  assert.deepEqual([...cells[6].queries], [1, 2, 2, 3]);
  assert.ok(cells[6].keys instanceof Uint8Array);
});

test('maps come with their scale and first view, in the order of the sample', async () => {
  const { report } = openMemory();
  const map = await report.map('toy', 'L1H2', 'pca-2d');
  assert.equal(map.dimensions, 2);
  assert.ok(map.queries instanceof Uint16Array);
  assert.deepEqual(
    [map.queries[0], map.keys[15], map.lo[1], map.hi[1], map.viewLo[0], map.viewHi[0]],
    [2000, 12015, -2, 2, -0.5, 0.5],
  );
  assert.deepEqual([...(await report.sample('toy', 'text'))], [3, 0, 7, 1, 2, 6, 4, 5]);
  await assert.rejects(report.map('toy', 'L1H2', 'tsne-3d'), /no map tsne-3d/);
});

test('rows and columns of both encodings are the attention they were made from', async () => {
  const { report, truth } = openMemory();
  for (const { id } of report.heads('toy')) {
    for (const document of [0, 2]) {
      const attention = await report.attention('toy', id, document);
      assert.deepEqual([attention.queries, attention.keys], [LENGTHS[document], LENGTHS[document]]);
      assertAttention(assert, attention, truth.get(`${id} ${document}`), id.startsWith('L0') ? 0.004 : 1e-12);
    }
  }
});

test('a document that the model does not take has no attention', async () => {
  const attention = await openMemory().report.attention('toy', 'L1H0', 1);
  assert.deepEqual([attention.queries, attention.keys], [0, 0]);
});

test('an attention that was opened is kept', async () => {
  const { report } = openMemory();
  assert.equal(await report.attention('toy', 'L1H0', 2), await report.attention('toy', 'L1H0', 2));
});

test('what is not in the report is refused by name', async () => {
  const { report } = openMemory();
  await assert.rejects(report.attention('toy', 'L9H9', 0), /no head L9H9/);
  await assert.rejects(report.attention('other', 'L0H0', 0), /no model other/);
  await assert.rejects(report.attention('toy', 'L0H0', 3), /none numbered 3/);
  await assert.rejects(report.axis('toy', 'image'), /no axis image/);
});

test('a manifest of another format or version is refused by name', () => {
  const open = (manifest) => () => openReport({ manifest, base: 'http://localhost/' });
  assert.throws(
    open({ format: 'attnviz-report', format_version: 3 }),
    (error) => error.kind === 'version' && /format 3;.*format 1 and 2/.test(error.message),
  );
  assert.throws(
    open({ format: 'other', format_version: 1 }), (error) => error.kind === 'format' && /"other"/.test(error.message),
  );
  assert.throws(open({}), (error) => error.kind === 'format' && error.path === 'manifest.json');
  assert.throws(open(null), (error) => error.kind === 'format');
});
