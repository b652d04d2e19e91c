import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLabel, readFilter } from '../../../site_templates/src/state/heads-filter.js';
import { heads, model } from './heads-known.js';

const namesOf = (text) => heads.filter(readFilter(text, model).fits).map(({ id }) => id.replace('encoder.', ''));

test('an empty filter lets all heads through', () => {
  assert.equal(namesOf('').length, heads.length);
  assert.equal(namesOf(' , ').length, heads.length);
});

test('conditions on statistics, by name or title, in any spelling of a sign', () => {
  assert.deepEqual(namesOf('entropy > 2'), ['L10H0']);
  assert.deepEqual(namesOf('entropy>=2'), namesOf('entropy ≥ 2'));
  assert.deepEqual(namesOf('entropy ≥ 2'), ['L0H0', 'L10H0']);
  assert.deepEqual(namesOf('Mean Distance <= 2'), ['L0H1', 'cross.L0H1']);
  assert.deepEqual(namesOf('dist < 2'), ['L0H1']);
  assert.deepEqual(namesOf('entropy = 0.5'), ['L0H1', 'cross.L0H1']);
  assert.deepEqual(namesOf('agreement:part, of speech < −0.1'), [], 'a comma ends a condition');
  assert.deepEqual(namesOf('agreement:part  of speech < −0.1'), ['L0H0']);
});

test('shares may be written as percentages', () => {
  assert.deepEqual(namesOf('previous > 50%'), ['L0H1']);
  assert.deepEqual(namesOf('previous > 50 %'), namesOf('previous > .5'));
});

test('a head without a value fits no condition on it', () => {
  for (const sign of ['>', '<', '≥', '≤', '=']) assert.ok(!namesOf(`entropy ${sign} 1`).includes('L0H10'));
});

test('words are parts of names, and numbers are complete', () => {
  assert.deepEqual(namesOf('L0'), ['L0H0', 'L0H1', 'L0H10', 'cross.L0H1']);
  assert.deepEqual(namesOf('h1'), ['L0H1', 'cross.L0H1']);
  assert.deepEqual(namesOf('l0h1'), ['L0H1', 'cross.L0H1']);
  assert.deepEqual(namesOf('cross'), ['cross.L0H1']);
  assert.deepEqual(namesOf('layer 10'), ['L10H0']);
  assert.deepEqual(namesOf('.*'), []);
  assert.deepEqual(namesOf('L0[('), []);
});

test('all parts must fit', () => {
  assert.deepEqual(namesOf('L0, entropy < 1 and previous > 0.7'), ['L0H1']);
});

test('what is not understood is said, and left out', () => {
  const cases = {
    'entrpy > 2': /No statistic is named “entrpy”; there are Entropy; Mean distance/,
    'entropy > two': /“two” is no number: write such as entropy > 0\.5/,
    'entropy >': /“entropy >” lacks a number/,
    '> 2': /begins with a statistic/,
    'stored > 0': /“stored” may be Stored, off by; Stored, worst document/,
    'constructor > 1': /No statistic/,
  };
  for (const [text, fault] of Object.entries(cases)) {
    const { faults, fits } = readFilter(`${text}, L10`, model);
    assert.equal(faults.length, 1, text);
    assert.match(faults[0], fault);
    assert.deepEqual(heads.filter(fits).map(({ id }) => id), ['encoder.L10H0'], text);
  }
});

test('labels: any of those chosen, and none as an answer', () => {
  const having = (labels) => heads.filter((head) => hasLabel(labels, head)).length;
  assert.equal(having(''), 5);
  assert.equal(having('previous-token'), 3);
  assert.equal(having('broad'), 1);
  assert.equal(having('broad,none'), 3);
  assert.ok(hasLabel('none', {}), 'heads of older reports have no labels at all');
});
