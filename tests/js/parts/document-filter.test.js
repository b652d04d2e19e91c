import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterDocuments } from '../../../site_templates/src/parts/document-filter.js';

const COUNT = 100_000;

/** So many documents, which count how often they are looked at. */
function corpus() {
  const work = { titles: 0, texts: 0 };
  const documents = {
    count: COUNT,
    error: () => undefined,
    title: (i) => (work.titles++, `Text ${i}`),
    text: (i) => (work.texts++, i % 1000 === 7 ? 'The Lantern burned.' : 'rain fell'),
  };
  return { documents, work };
}

/** Rests after each so many documents. */
function restEvery(documents) {
  let asked = 0;
  return () => (++asked % documents === 0 ? Promise.resolve() : undefined);
}

test('documents are found by title and text, in order', async () => {
  const { documents } = corpus();
  const matching = await filterDocuments(documents, 'lantern', () => undefined, () => {});
  assert.equal(matching.length, COUNT / 1000);
  assert.deepEqual([...matching].slice(0, 3), [7, 1007, 2007]);
  const titled = await filterDocuments(documents, 'text 99999', () => undefined, () => {});
  assert.deepEqual([...titled], [99_999]);
});

test('without words all are listed, and none is read', async () => {
  const { documents, work } = corpus();
  const all = await filterDocuments(documents, '', () => assert.fail('nothing to wait for'), () => {});
  assert.equal(all.length, COUNT);
  assert.deepEqual(work, { titles: 0, texts: 0 });
});

test('between two rests no more is read than the rest allows, and each document once', async () => {
  const { documents, work } = corpus();
  const steps = [];
  let before = 0;
  await filterDocuments(documents, 'lantern', restEvery(500), (matching, through) => {
    steps.push(work.texts - before);
    before = work.texts;
    assert.ok(matching.every((document) => document < through));
  });
  assert.equal(work.texts, COUNT);
  assert.ok(Math.max(...steps) <= 500);
  assert.equal(steps.length, COUNT / 500);
});

test('a filter that nobody waits for any more reads no further', async () => {
  const { documents, work } = corpus();
  const overtaken = new Error('overtaken');
  let asked = 0;
  const breathe = () => (++asked === 300 ? Promise.reject(overtaken) : undefined);
  await assert.rejects(filterDocuments(documents, 'lantern', breathe, () => {}), overtaken);
  assert.ok(work.texts < 300);
});
