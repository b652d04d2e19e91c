import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackInWords, stackName } from '../../../site_templates/src/parts/stacks.js';

const stack = (name, axis = name) => ({ name, kind: 'self', query_axis: axis, key_axis: axis });

test('a stack of words is not one of windows, though its axis has its name', () => {
  const model = { axes: [{ name: 'text', kind: 'text' }, { name: 'stage1', kind: 'image', places: 'places-stage1' }] };
  assert.equal(stackInWords(model, stack('text')), 'among tokens');
  assert.equal(stackInWords(model, stack('stage1')), 'patches within windows');
  assert.equal(stackName('text'), 'Text');
});
