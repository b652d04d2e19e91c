import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headsAsCsv } from '../../../site_templates/src/views/heads/export.js';
import { errorInWords } from '../../../site_templates/src/views/heads/rows.js';
import { heads, model } from '../state/heads-known.js';

test('the rows that are shown, with every column', () => {
  const [names, first, second, ...rest] = headsAsCsv(model, [heads[3], heads[2]]).split('\r\n');
  assert.deepEqual(names.split(',').slice(0, 7), ['model', 'stack', 'layer', 'head', 'labels', 'entropy', 'distance']);
  assert.ok(first.startsWith('mini,encoder,10,0,broad; previous-token,3,9,0.2,,0.001'), first);
  assert.ok(second.startsWith('mini,encoder,0,10,,,5,,,0.001'), second);
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

test('a cell says how far a figure of a sample may be off', () => {
  const column = { unit: 'share', error: () => 0.0041 };
  assert.equal(errorInWords(column, heads[0]), 'Of a sample of queries: standard error 0.41 percentage points.');
  assert.equal(errorInWords({ unit: '', error: () => null }, heads[0]), '');
});
