import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPoints, readValues, sampledDocuments } from '../../../site_templates/src/parts/color/values.js';
import { meanColor } from '../../../site_templates/src/parts/color/patch-sheet.js';

const TOKENS = [
  {
    texts: ['[CLS]', 'a'], special: [true, false], surface: () => '',
    row: [-1, -1], column: [-1, -1], labels: new Map([['pos', [null, 'noun']]]),
  },
  {
    texts: ['[CLS]', 'b', 'a'], special: [true, false, false], surface: () => '',
    row: [-1, 0, 1],
    column: [-1, 1, 0],
    labels: new Map([['pos', [null, 'verb', 'noun']]]),
  },
];
const report = {
  model: () => ({ axes: [{ name: 'text', kind: 'text' }] }),
  axis: async () => ({
    lengths: Uint32Array.of(2, 3),
    offsets: Uint32Array.of(0, 2, 5),
    locate: (i) => (i < 2 ? { document: 0, token: i } : { document: 1, token: i - 2 }),
  }),
  sample: async () => Uint32Array.of(4, 0, 3),
  tokens: async (_, __, document) => TOKENS[document],
  tokenIds: async () => Int32Array.of(1, 7, 1, 8, 7),
  documents: async () => ({ label: (document) => ['calm', null][document] }),
};
const read = async (color) => readValues(report, 'm', await openPoints(report, 'm', 'text'), color);

for (const [color, expected] of Object.entries({
  'modulo-2': [1, 1, 0],
  'modulo-3': [0, 1, 2],
  position: [1, 0, 0.5],
  document: [1, 0, 1],
  token: ['a', '[CLS]', 'b'],
  frequency: [2, 2, 1],
  'label:mood': [null, 'calm', null],
  'part:pos': ['noun', null, 'verb'],
  row: [2, null, 1],
  column: [1, null, 2],
})) {
  test(`${color}: one value a point, in the sample’s order`, async () => assert.deepEqual(await read(color), expected));
}

test('only documents that were sampled are read', async () => {
  const points = await openPoints(report, 'm', 'text');
  assert.deepEqual(sampledDocuments(points), [0, 1]);
  assert.deepEqual(sampledDocuments({ ...points, sample: Uint32Array.of(3) }), [1]);
});

test('a patch’s mean takes the pixels whose middles lie in it', () => {
  // 2 × 2 pixels: red, green / blue, white.
  const data = Uint8ClampedArray.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255);
  assert.deepEqual(meanColor(data, 2, 2, 0, 0, 1, 1), [255, 0, 0]);
  assert.deepEqual(meanColor(data, 2, 2, 0, 0, 2, 1), [128, 128, 0]);
  assert.deepEqual(meanColor(data, 2, 2, 0, 0, 2, 2), [128, 128, 128]);
  assert.deepEqual(meanColor(data, 2, 2, -1, -1, 1, 1), [255, 0, 0]);
  assert.equal(meanColor(data, 2, 2, 2, 2, 3, 3), null);
});
