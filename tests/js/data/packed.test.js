import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packedCodes, seeded, textbookAttention } from './fixture.js';
import { unpack } from '../../../site_templates/src/data/encoding/rice.js';
import { withVectors } from '../../../site_templates/src/data/terms.js';
import { assertAttention, openSingle } from './single.js';

const TOKENS = 7;
const WIDTH = [0, 2, 5];
const STEP = [0.25, 0.0625, 0.015625];
const ENCODING = 'query-key-packed';
const UNIT = 2 ** -22;

/** Rows of integers, larger in the later channels, the first token an outlier. */
function integers(random) {
  return Array.from({ length: TOKENS }, (_, t) => (
    WIDTH.map((w) => Math.round((random() - 0.5) * 2 ** (w + 2)) * (t ? 1 : 9))));
}

/** Shard rows of one head, split at `parts`, its vectors, and its attention. */
function make({ parts = [0, TOKENS], softcap = null } = {}) {
  const random = seeded(11);
  const mean = [0.5, -1, 2];
  const rows = [];
  const vectors = [0, 1].map((side) => {
    const codes = integers(random);
    for (let p = 0; p + 1 < parts.length; p++) {
      const [start, end] = [parts[p], parts[p + 1]];
      rows.push({
        ...packedCodes(codes.slice(start, end), WIDTH),
        side, head: 0, document: 0, start, rows: end - start, step: STEP,
        unit: UNIT, mean: side ? mean : null,
      });
    }
    return codes.map((row) => row.map((code, c) => code * STEP[c] + (side ? mean[c] : 0)));
  });
  const rule = { scaling: 0.7, softcap, mask: { kind: 'causal' } };
  const attention = textbookAttention(...vectors, { ...rule, sink: null, interval: (i) => [0, i + 1] });
  for (const row of rows.filter(({ side }) => !side)) {
    row.lse = attention.slice(row.start, row.start + row.rows).map(({ lse }) => Math.round(lse / UNIT));
  }
  return { rows, rule, vectors, truth: attention.map(({ row }) => row) };
}

const open = ({ rows, rule }) => openSingle({ tokens: TOKENS, encoding: ENCODING, shards: [rows], rule, size: 3 })
  .attention('toy', 'L0H0', 0);

for (const options of [{}, { softcap: 2 }, { parts: [0, 3, TOKENS] }]) {
  test(`rows and columns from packed vectors ${JSON.stringify(options)}`, async () => {
    const head = make(options);
    assertAttention(assert, await open(head), head.truth, UNIT);
  });
}

test('the vectors are the model’s own', async () => {
  const head = make();
  const attention = withVectors(await open(head));
  for (let token = 0; token < TOKENS; token++) {
    assert.deepEqual([...attention.query(token)], head.vectors[0][token]);
    assert.deepEqual([...attention.key(token)], head.vectors[1][token]);
  }
});

test('streams of another length are refused by name', async () => {
  const head = make();
  const [queries, keys] = head.rows;
  const cases = [
    [{ ...queries, high: queries.high.slice(1) }, /packed values/],
    [{ ...queries, high: [...queries.high, 1] }, /packed values/],
    [{ ...queries, high: [...queries.high, 0] }, /packed values/],
    [{ ...queries, low: queries.low.slice(1) }, /packed values/],
    [{ ...queries, width: [0, 2, 40] }, /packed values/],
    [{ ...queries, width: [0, 2] }, /2 values in width, not 3/],
    [{ ...queries, step: [1, 1, NaN] }, /a number in step that is none/],
  ];
  for (const [row, message] of cases) {
    const expected = (error) => error.kind === 'format' && message.test(error.message);
    await assert.rejects(open({ ...head, rows: [row, keys] }), expected);
  }
});

test('integers of all sizes come back', () => {
  const random = seeded(3);
  for (const width of [0, 1, 7, 13, 24, 25]) {
    const spread = Math.min(2 ** (width + 1), 2 ** 21);
    const rows = Array.from({ length: 40 }, () => [Math.round((random() - 0.5) * spread) || 0]);
    assert.deepEqual([...unpack(packedCodes(rows, [width]), 40)], rows.flat(), `width ${width}`);
  }
  assert.deepEqual([...unpack(packedCodes([[0], [200]], [0]), 2)], [0, 200]);
});
