import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReport } from '../../../site_templates/src/data/report.js';
import { colorOf, scoresOfTokens } from '../../../site_templates/src/data/scores.js';
import { loadScores } from '../../../site_templates/src/parts/token-scores.js';
import { Folder } from './fixture.js';

const ROW = {
  document: 1, title: 's', start: [0, 3], end: [2, 5], score: [0.5, -1],
  cmap: 'c', colors: [0, 0, 0, 9, 9, 9, 255, 0, 1],
  alpha: 1, low: -1, high: 0.5, least_score: -1, mean_score: -0.25, most_score: 0.5,
};

/** A report whose second document of three has rows of scores. */
function openScores(...rows) {
  const folder = new Folder();
  const scores = [folder.add('scores-0', 'score', rows, { documents: [1, 2] })];
  const manifest = {
    format: 'attnviz-report', format_version: 1, models: [], shards: folder.shards,
    documents: { count: 3, groups: [], shards: [], scores },
  };
  const fetchBytes = async (path) => new Uint8Array(folder.files.get(path));
  return openReport({ manifest, base: 'http://localhost/', fetchBytes });
}

test('a token has the score of the first part with which it shares a character', () => {
  const tokens = { start: Int32Array.of(1, 2, 2, 4, -1, 5), end: Int32Array.of(4, 3, 4, 5, -1, 6) };
  const row = { starts: Uint32Array.of(0, 3), ends: Uint32Array.of(2, 5), scores: Float64Array.of(0.5, -1) };
  assert.deepEqual([...scoresOfTokens(tokens, row)], [0.5, NaN, -1, -1, NaN, NaN]);
});

test('colours are of equal parts of the scale, the ends of it beyond', () => {
  const row = { low: 0, high: 1, colors: [1, 2, 3, 4] };
  assert.deepEqual([-1, 0, 0.2499, 0.25, 0.99, 1, 2].map((score) => colorOf(row, score)), [0, 0, 0, 1, 3, 3, 3]);
  assert.equal(colorOf({ ...row, high: 0 }, 0), 0);
});

test('rows are of their document alone', async () => {
  const report = openScores(ROW, { ...ROW, title: 't' });
  assert.deepEqual(await report.scores(0), []);
  const rows = await report.scores(1);
  assert.deepEqual(rows.map(({ title }) => title), ['s', 't']);
  assert.deepEqual(rows[0].colors, [[0, 0, 0], [9, 9, 9], [255, 0, 1]]);
});

test('a row of other lengths, or without colours, is a damaged one', async () => {
  await assert.rejects(openScores({ ...ROW, end: [2] }).scores(1), /has 1 values in end, not 2/);
  await assert.rejects(openScores({ ...ROW, colors: [1, 2] }).scores(1), /no whole colours/);
  await assert.rejects(openScores({ ...ROW, score: [NaN, 1] }).scores(1), /score that is none/);
});

test('a word has the mean of those of its tokens that have a score', async () => {
  const report = openScores(ROW);
  const queries = { start: Int32Array.of(0, 1, 4, 2), end: Int32Array.of(1, 2, 5, 3) };
  const loaded = { same: true, document: 1, queries };
  const [tokens] = await loadScores({ report }, loaded, { ...loaded, joined: false });
  assert.deepEqual([...tokens.values], [0.5, 0.5, -1, NaN]);
  const words = { query: { starts: [0, 1, 4, 4] } };
  const [joined] = await loadScores({ report }, loaded, { ...loaded, joined: true, words });
  assert.deepEqual([...joined.values], [0.5, -0.25, NaN]);
  assert.deepEqual(await loadScores({ report }, loaded, { ...loaded, same: false }), []);
});
