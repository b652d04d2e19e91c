import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colorModes, labelOf, modulusOf, readColor, suitsAtlas } from '../../../site_templates/src/state/colors.js';

const text = { name: 'text', kind: 'text', labels: ['pos'] };
const image = { name: 'image', kind: 'image' };
const model = (axes, encodings = [['dense-uint8']]) => (
  { axes, heads: encodings.map((names) => ({ encodings: names })) });
const ids = (...report) => colorModes(...report).map(({ id }) => id);

test('texts offer what texts have', () => {
  const offered = ids({ documents: { count: 3, labels: ['topic'] } }, model([text]));
  assert.deepEqual(offered, [
    'kind', 'position', 'modulo-5', 'token', 'frequency', 'entropy', 'received', 'document', 'label:topic', 'part:pos',
  ]);
});

test('lengths are offered where any vectors are stored', () => {
  assert.ok(!ids({ documents: { count: 1 } }, model([text])).includes('length'));
  const both = model([text], [['dense-uint8'], ['dense-uint8', 'query-key-int16']]);
  assert.ok(ids({ documents: { count: 1 } }, both).includes('length'));
});

test('images offer what patches have, and their looks only where images are stored', () => {
  assert.deepEqual(ids({ documents: { count: 1 } }, model([image])), ['kind', 'row', 'column', 'entropy', 'received']);
  const offered = ids({ documents: { count: 2, images: ['images-0'] } }, model([image]));
  assert.deepEqual(offered, ['kind', 'row', 'column', 'mean', 'patch', 'entropy', 'received', 'document']);
});

test('a mode that a report cannot offer is refused', () => {
  const manifest = { documents: { count: 3, labels: ['topic'] } };
  for (const id of ['kind', 'token', 'label:topic', 'part:pos', 'modulo-2', 'modulo-64']) {
    assert.equal(readColor(id, manifest, model([text])), id);
  }
  const absent = ['hue', 'patch', 'row', 'label:mood', 'part:topic', 'modulo-1', 'modulo-65', 'modulo-', 'modulo-5x'];
  for (const id of ['', ...absent]) {
    assert.equal(readColor(id, manifest, model([text])), undefined, id);
  }
  assert.equal(readColor('modulo-05', manifest, model([text])), 'modulo-5');
  assert.equal(readColor('position', manifest, model([image])), undefined);
});

test('periods and labels are read from their names', () => {
  assert.deepEqual(['modulo-7', 'modulo-1', 'token'].map(modulusOf), [7, undefined, undefined]);
  assert.deepEqual(labelOf('label:a:b'), { of: 'document', name: 'a:b' });
  assert.deepEqual(labelOf('part:pos'), { of: 'token', name: 'pos' });
  assert.equal(labelOf('position'), undefined);
  const suited = ['kind', 'token', 'entropy', 'received', 'patch'].filter(suitsAtlas);
  assert.deepEqual(suited, ['kind', 'token']);
});
