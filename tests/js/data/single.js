/** Reports of one document and one layer, to try one thing at a time. */
import { openReport } from '../../../site_templates/src/data/report.js';
import { Folder } from './fixture.js';

/**
 * @param {object} options
 * @param {number} options.tokens of the queries' axis
 * @param {number} [options.keys] of the keys' axis, where it is another one
 * @param {string} options.encoding
 * @param {object[][]} options.shards rows of each attention shard
 * @param {object} [options.rule]
 * @param {object[]} [options.heads] what differs from one plain head
 * @param {number} [options.size] channels of a head
 * @param {object[]} [options.biases]
 * @param {number[]} [options.places] of the tokens in their windows
 * @param {(folder: Folder) => void} [options.add] further shards
 */
export function openSingle({
  tokens, keys, encoding, shards, rule = {}, heads = [{}], size = 2, biases = [], places, add,
}) {
  const folder = new Folder();
  folder.add('documents', 'documents', [{ entry: 0, group: 0, title: 'One', text: '' }], { documents: [0, 1] });
  folder.add('lengths', 'lengths', [{ length: tokens }]);
  folder.add('key-lengths', 'lengths', [{ length: keys ?? tokens }]);
  shards.forEach((rows, i) => folder.add(`attention-${i}`, encoding, rows, {
    model: 'toy', stack: 'decoder', layer: 0, kv_heads: [0, 8], documents: [0, 1],
  }));
  if (places) folder.add('places', 'places', places.map((place) => ({ place })));
  add?.(folder);
  const manifest = {
    format: 'attnviz-report',
    format_version: 1,
    documents: { count: 1, groups: [{}], shards: ['documents'], images: [] },
    models: [{
      name: 'toy',
      axes: [
        { name: 'text', tokens, lengths: 'lengths', shards: [], places: places && 'places' },
        { name: 'source', tokens: keys ?? tokens, lengths: 'key-lengths', shards: [] },
      ],
      rules: [{ scaling: 1, mask: { kind: 'full' }, softcap: null, ...rule }],
      biases,
      stacks: [
        { name: 'decoder', head_size: size, query_axis: 'text', key_axis: keys === undefined ? 'text' : 'source' },
      ],
      heads: heads.map((head, index) => ({
        stack: 'decoder', layer: 0, head: index, kv_head: index, rule: 0, bias: null, sink: null,
        encodings: [encoding],
        ...head,
      })),
    }],
    shards: folder.shards,
  };
  return openReport({
    manifest,
    base: 'http://localhost/',
    fetchBytes: async (path) => new Uint8Array(folder.files.get(path)),
  });
}

/** Every entry of rows and columns, checked against each other and against what is expected. */
export function assertAttention(assert, attention, expected, tolerance) {
  expected.forEach((row, i) => {
    const got = attention.row(i);
    row.forEach((p, j) => {
      const close = Number.isNaN(p) ? Number.isNaN(got[j]) : Math.abs(got[j] - p) <= tolerance;
      assert.ok(close, `(${i}, ${j}) is ${got[j]}, not ${p}`);
      const crossed = attention.column(j)[i];
      assert.ok(
        Number.isNaN(p) ? Number.isNaN(crossed) : Math.abs(crossed - got[j]) <= 1e-12,
        `column ${j} has ${crossed} in row ${i}, the row ${got[j]}`,
      );
    });
  });
}
