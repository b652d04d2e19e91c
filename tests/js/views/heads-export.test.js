import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headsAsCsv } from '../../../site_templates/src/views/heads/export.js';
import { heads, model } from '../state/heads-known.js';

test('the rows that are shown, with every column', () => {
  const [names, first, second, ...rest] = headsAsCsv(model, [heads[3], heads[2]]).split('\r\n');
  assert.deepEqual(names.split(',').slice(0, 7), ['model', 'stack', 'layer', 'head', 'labels', 'entropy', 'distance']);
  assert.ok(first.startsWith('mini,encoder,10,0,broad; previous-token,3,9,0.2,,0.001'), first);
  assert.ok(second.startsWith('mini,encoder,0,10,,,5,,,0.001'), second);
  assert.deepEqual(rest, ['']);
});
