import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denseCodes, seeded, textbookAttention, vectors } from './fixture.js';
import { assertAttention, openSingle } from './single.js';

const TOKENS = 6;
const random = seeded(11);
const q = vectors(random, TOKENS, 2, 3);
const k = vectors(random, TOKENS, 2, 3);
const LARGEST = { 'dense-uint8': 255, 'dense-uint16': 65535 };

/** Attention under a mask, and the row of a shard that holds it. */
function make(encoding, interval, sink = null) {
  const rows = textbookAttention(q, k, { scaling: 1, sink, interval }).map(({ row }) => row);
  const mass = sink === null ? null : rows.map((row) => row.reduce((sum, p) => sum + p, 0));
  const codes = denseCodes(rows, interval, LARGEST[encoding]);
  return { rows, stored: { head: 0, document: 0, start: 0, rows: TOKENS, codes, mass } };
}

const band = (i) => [Math.max(0, i - 1), Math.min(i + 2, TOKENS)];
const causal = (i) => [0, i + 1];

for (const [encoding, tolerance] of [['dense-uint8', 0.006], ['dense-uint16', 0.0001]]) {
  test(`${encoding} rows and columns under full, causal and banded masks`, async () => {
    const cases = [
      [{ kind: 'full' }, () => [0, TOKENS]],
      [{ kind: 'causal' }, causal],
      [{ kind: 'band', before: 1, after: 1 }, band],
    ];
    for (const [mask, interval] of cases) {
      const { rows, stored } = make(encoding, interval);
      const report = openSingle({ tokens: TOKENS, encoding, shards: [[stored]], rule: { mask } });
      const attention = await report.attention('toy', 'L0H0', 0);
      assertAttention(assert, attention, rows, tolerance);
      assert.deepEqual(attention.interval(2), interval(2));
      assert.ok(Math.abs(attention.row(3).reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
    }
  });
}

test('a head with a sink keeps the mass that is left', async () => {
  const { rows, stored } = make('dense-uint16', causal, 1.5);
  const report = openSingle({
    tokens: TOKENS,
    encoding: 'dense-uint16',
    shards: [[stored]],
    rule: { mask: { kind: 'causal' } },
    heads: [{ sink: 1.5 }],
  });
  const attention = await report.attention('toy', 'L0H0', 0);
  assertAttention(assert, attention, rows, 0.0001);
  assert.ok(Math.abs(attention.row(2).reduce((sum, p) => sum + p, 0) - stored.mass[2]) < 1e-6);
});

test('stored intervals with an empty row: NaN there, and only there', async () => {
  const interval = (i) => (i === 2 ? [3, 3] : band(i));
  const { rows, stored } = make('dense-uint8', interval);
  const report = openSingle({
    tokens: TOKENS,
    encoding: 'dense-uint8',
    shards: [[stored]],
    rule: { mask: { kind: 'intervals', shards: ['mask'] } },
    add: (folder) => folder.add('mask', 'mask', [{
      lo: rows.map((_, i) => interval(i)[0]), hi: rows.map((_, i) => interval(i)[1]),
    }], { documents: [0, 1] }),
  });
  const attention = await report.attention('toy', 'L0H0', 0);
  assertAttention(assert, attention, rows, 0.006);
  assert.ok(attention.row(2).every(Number.isNaN));
  assert.deepEqual(attention.interval(2), [3, 3]);
  assert.equal(attention.visited, 0);
});

test('rows split at start, in two shards and out of order', async () => {
  const { rows, stored } = make('dense-uint8', causal);
  const cut = 1 + 2 + 3; // codes of the first three rows
  const parts = [
    { ...stored, start: 3, rows: 3, codes: stored.codes.slice(cut) },
    { ...stored, rows: 3, codes: stored.codes.slice(0, cut) },
  ];
  for (const shards of [[parts], [[parts[0]], [parts[1]]]]) {
    const report = openSingle({ tokens: TOKENS, encoding: 'dense-uint8', shards, rule: { mask: { kind: 'causal' } } });
    assertAttention(assert, await report.attention('toy', 'L0H0', 0), rows, 0.006);
  }
});

test('rows that do not cover the document once are refused by name', async () => {
  const { stored } = make('dense-uint8', causal);
  const first = { ...stored, rows: 3, codes: stored.codes.slice(0, 6) };
  const cases = [
    [[], /has 0 of 6 rows/],
    [[first], /has 3 of 6 rows/],
    [[stored, stored], /continues at row 0 after row 6/],
    [[{ ...stored, codes: stored.codes.slice(1) }], /20 values in codes, not 21/],
    [[{ ...stored, codes: stored.codes.fill(0) }], /no codes above 0/],
  ];
  for (const [rows, message] of cases) {
    const rule = { mask: { kind: 'causal' } };
    const report = openSingle({ tokens: TOKENS, encoding: 'dense-uint8', shards: [rows], rule });
    const expected = (error) => error.kind === 'format' && message.test(error.message);
    await assert.rejects(report.attention('toy', 'L0H0', 0), expected);
  }
});
