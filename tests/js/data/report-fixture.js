/** A whole report: three documents (one that the model does not take), two layers, both encodings. */
import { denseCodes, Folder, integerCodes, seeded, textbookAttention, vectors } from './fixture.js';

export const SIZE = 4; // channels of a head
export const SCALING = 0.5;
const HEADS = 4;
const KV_HEADS = 2;

/** Document 1 has no tokens; document 2 has an astral character first and a combining one last. */
export const TEXTS = ['One two', 'not for this model', '\u{1F600} caf\u00e9 e\u0301'];
const TOKENS = [
  [['[CLS]', -1, -1, true], ['one', 0, 3, false], ['two', 4, 7, false]],
  [],
  [
    ['[CLS]', -1, -1, true], ['\u{1F600}', 0, 1, false], ['caf', 2, 5, false], ['##\u00e9', 5, 6, false],
    ['\u00e9', 7, 9, false],
  ],
];
export const LENGTHS = TOKENS.map((tokens) => tokens.length);

export const causal = (keys) => (i) => [0, Math.min(i + 1, keys)];
export const full = (keys) => () => [0, keys];

/** Layer 0 is dense and full; layer 1 is query–key, causal, with grouped queries. */
export function buildReport() {
  const folder = new Folder();
  const random = seeded(7);
  const truth = new Map(); // "L0H0 document" → rows
  addTexts(folder);
  addMaps(folder);
  const group = () => ({ entry: 0, shortest: 3, longest: 5, documents: 3 });
  for (let head = 0; head < HEADS; head++) addDense(folder, random, truth, head);
  addQueryKey(folder, random, truth);
  const manifest = {
    format: 'attnviz-report',
    format_version: 1,
    title: 'A test',
    site: { url: null, theme: 'auto' },
    viewer: { script: 'assets/viewer-0.js', style: 'assets/viewer-0.css' },
    provenance: { sources: [{ entry: 0, name: 'words', sha256: '', documents: 3, source: 'by hand', licence: null }] },
    fidelity: { total_variation: 0.005, max_error: 0.02 },
    notices: [],
    documents: { count: 3, groups: [group()], labels: ['mood'], shards: ['documents-0', 'documents-1'], images: [] },
    models: [describeModel()],
    shards: folder.shards,
  };
  return { manifest, files: folder.files, truth };
}

function describeModel() {
  const head = (layer, index) => ({
    stack: 'encoder', layer, head: index, kv_head: layer ? index >> 1 : index, rule: layer, bias: null, sink: null,
    statistics: {}, encodings: [layer ? 'query-key-int8' : 'dense-uint8'], maps: {},
  });
  return {
    name: 'toy',
    axes: [
      {
        name: 'text',
        kind: 'text',
        tokens: 8,
        labels: ['part'],
        crops: null,
        lengths: 'lengths',
        shards: ['tokens'],
        sample: { shard: 'sample', count: 8 },
      },
    ],
    rules: [
      { scaling: SCALING, mask: { kind: 'full' }, softcap: null },
      { scaling: SCALING, mask: { kind: 'causal' }, softcap: null },
    ],
    biases: [],
    stacks: [{
      name: 'encoder', kind: 'self', layers: 2, heads: HEADS, kv_heads: KV_HEADS, head_size: SIZE,
      query_axis: 'text', key_axis: 'text',
    }],
    maps: [{ id: 'pca-2d', method: 'pca', dimensions: 2, title: 'PCA' }],
    overview: { shard: 'overview', map: 'pca-2d', count: 2 },
    heads: [0, 1].flatMap((layer) => Array.from({ length: HEADS }, (_, index) => head(layer, index))),
  };
}

function addTexts(folder) {
  const document = (d) => ({
    entry: 0,
    group: 0,
    title: `Title ${d}`,
    text: TEXTS[d],
    'label:mood': ['calm', null, ''][d],
  });
  folder.add('documents-0', 'documents', [document(0), document(1)], { documents: [0, 2] });
  folder.add('documents-1', 'documents', [document(2)], { documents: [2, 3] });
  folder.add('lengths', 'lengths', LENGTHS.map((length) => ({ length })));
  folder.add('tokens', 'tokens', TOKENS.flat().map(([text, start, end, special], token) => ({
    id: token, text, start, end, special, segment: token % 2, row: -1, column: -1,
    'label:part': token % 3 ? `part ${token}` : null,
  })), {
    documents: [0, 3], model: 'toy', axis: 'text',
  });
  folder.add('sample', 'sample', [3, 0, 7, 1, 2, 6, 4, 5].map((token) => ({ token })));
}

function addMaps(folder) {
  const points = (head) => Array.from({ length: 16 }, (_, i) => head * 1000 + i);
  const square = { lo: [-1, -2], hi: [1, 2], view_lo: [-0.5, -0.5], view_hi: [0.5, 0.5] };
  for (const layer of [0, 1]) {
    const rows = Array.from(
      { length: HEADS }, (_, head) => ({ head, queries: points(head), keys: points(head + 10), ...square }),
    );
    folder.add(`map-${layer}`, 'map', rows, {
      model: 'toy', stack: 'encoder', layer, map: 'pca-2d', heads: [0, HEADS],
    });
  }
  const cell = (layer, head) => ({ stack: 'encoder', layer, head, queries: [layer, head, 2, 3], keys: [4, 5, 6, 255] });
  folder.add(
    'overview', 'overview', [0, 1].flatMap((layer) => Array.from({ length: HEADS }, (_, head) => cell(layer, head))),
  );
}

function addDense(folder, random, truth, head) {
  const rows = [0, 2].map((document) => {
    const length = LENGTHS[document];
    const attention = textbookAttention(vectors(random, length, SIZE, 2), vectors(random, length, SIZE, 2), {
      scaling: SCALING, interval: full(length),
    });
    truth.set(`L0H${head} ${document}`, attention.map(({ row }) => row));
    return {
      head,
      document,
      start: 0,
      rows: length,
      codes: denseCodes(attention.map(({ row }) => row), full(length), 255),
    };
  });
  folder.add(`dense-${head}`, 'dense-uint8', rows, {
    model: 'toy', stack: 'encoder', layer: 0, kv_heads: [head, head + 1], documents: [0, 3],
  });
}

/** Document 2 stands in two parts, in two shards; truth is the attention of the decoded vectors. */
function addQueryKey(folder, random, truth) {
  const parts = [[], []];
  for (const document of [0, 2]) {
    const length = LENGTHS[document];
    const cut = document === 2 ? 3 : length;
    for (let kv = 0; kv < KV_HEADS; kv++) {
      const mean = vectors(random, 1, SIZE)[0].map(Math.fround);
      const k = integerCodes(vectors(random, length, SIZE, 2), 127);
      push(parts, { side: 1, head: kv, document, mean, balance: mean.map(() => 1) }, k, cut);
      const keys = k.codes.map((row, j) => row.map((code, c) => code * k.scale[j] + mean[c]));
      for (const head of [2 * kv, 2 * kv + 1]) {
        const q = integerCodes(vectors(random, length, SIZE, 2), 127);
        const queries = q.codes.map((row, i) => row.map((code) => code * q.scale[i]));
        const attention = textbookAttention(queries, keys, { scaling: SCALING, interval: causal(length) });
        truth.set(`L1H${head} ${document}`, attention.map(({ row }) => row));
        push(
          parts, { side: 0, head, document, balance: mean.map(() => 1) },
          { ...q, lse: attention.map(({ lse }) => lse) }, cut,
        );
      }
    }
  }
  const where = { model: 'toy', stack: 'encoder', layer: 1, kv_heads: [0, KV_HEADS] };
  folder.add('query-key-0', 'query-key-int8', parts[0], { ...where, documents: [0, 3] });
  folder.add('query-key-1', 'query-key-int8', parts[1], { ...where, documents: [2, 3] });
}

/** Puts the tokens before the cut into the first shard, the rest into the second. */
function push(parts, row, { codes, scale, lse }, cut) {
  [[0, cut], [cut, codes.length]].forEach(([start, end], at) => {
    if (end === start) return;
    parts[at].push({
      ...row,
      start,
      rows: end - start,
      codes: codes.slice(start, end).flat(),
      scale: scale.slice(start, end),
      lse: lse?.slice(start, end),
    });
  });
}
