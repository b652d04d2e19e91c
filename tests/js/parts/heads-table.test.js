import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headsTable } from '../../../site_templates/src/parts/heads-table.js';
import { toCsv } from '../../../site_templates/src/state/csv.js';
import { errorInWords } from '../../../site_templates/src/views/heads/rows.js';
import { columnsOf } from '../../../site_templates/src/state/head-columns.js';
import { heads, model } from '../state/heads-known.js';

const headsAsCsv = (...scene) => {
  const { columns, rows } = headsTable(...scene);
  return toCsv(columns, rows());
};

test('the rows that are shown, with every column', () => {
  const [names, first, second, ...rest] = headsAsCsv(model, [heads[3], heads[2]]).split('\r\n');
  assert.deepEqual(names.split(',').slice(0, 9),
    ['model', 'stack', 'layer', 'head', 'labels', 'awake_labels', 'alike', 'entropy', 'distance']);
  assert.ok(first.startsWith('mini,encoder,10,0,"broad; previous-token",,,3,9,0.2,,0.001'), first);
  assert.ok(second.startsWith('mini,encoder,0,10,,,,,5,,,0.001'), second);
  assert.deepEqual(rest, ['']);
});

test('a figure of a sample has its standard error beside it', () => {
  const maps = { 'attention-2d': { top3_mass: 0.9, rank: -0.7, sampled: true, top3_mass_standard_error: 0.004 } };
  const [names, first] = headsAsCsv(model, [{ ...heads[0], maps }]).split('\r\n');
  assert.deepEqual(names.split(',').slice(-3),
    ['attention-2d.top3_mass', 'attention-2d.top3_mass.standard_error', 'attention-2d.rank']);
  assert.ok(first.endsWith('0.9,0.004,-0.7'), first);
  assert.ok(!headsAsCsv(model, heads).includes('standard_error'));
});

test('so have certificates, distances between heads and statistics of drawn texts', () => {
  const certificate = { ...heads[0].certificate, sampled: true, total_variation_standard_error: 0.0001,
    worst_total_variation_standard_error: 0.0002, top1_standard_error: 0.003 };
  const head = { ...heads[0], certificate, standard_errors: { entropy: 0.02 },
    alike: [{ head: 'L1H0', distance: 0.3, standard_error: 0.01 }] };
  const sampled = { ...model, name: 'sampled', layouts: [{ stacks: ['encoder'] }] };
  const [names, first] = headsAsCsv(sampled, [head]).split('\r\n').map((line) => line.split(','));
  const figures = Object.fromEntries(names.map((name, i) => [name, first[i]]));
  assert.equal(figures.alike, 'L1H0');
  for (const [name, error] of [['entropy', '0.02'], ['alike.distance', '0.01'], ['stored.total_variation', '0.0001'],
    ['stored.worst', '0.0002'], ['stored.top1', '0.003']]) {
    assert.equal(figures[`${name}.standard_error`], error, name);
    const column = columnsOf(sampled).find((each) => each.name === name);
    assert.match(errorInWords(column, head), /^Of a sample of .*: standard error/, name);
  }
  const largest = columnsOf(sampled).find(({ name }) => name === 'stored.max_error');
  assert.equal(errorInWords(largest, head), 'Of a sample of queries: the largest that was measured.');
});

test('a cell says how far a figure of a sample may be off', () => {
  const column = { unit: 'share', error: () => 0.0041 };
  assert.equal(errorInWords(column, heads[0]), 'Of a sample of queries: standard error 0.41 percentage points.');
  assert.equal(errorInWords({ unit: '', error: () => null }, heads[0]), '');
});
