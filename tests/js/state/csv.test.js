import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv } from '../../../site_templates/src/state/csv.js';

test('lines end in CR LF, numbers have all their digits, nothing is an empty cell', () => {
  const text = toCsv(['a', 'b', 'c'], [['x', 0.1 + 0.2, null], ['ü', -1e-7, 3]]);
  assert.equal(text, 'a,b,c\r\nx,0.30000000000000004,\r\nü,-1e-7,3\r\n');
});

test('commas, quotes and line breaks are quoted', () => {
  const text = toCsv(['a,b'], [['say "no"'], ['two\nlines'], ['plain']]);
  assert.equal(text, '"a,b"\r\n"say ""no"""\r\n"two\nlines"\r\nplain\r\n');
});

test('nor does a text hold one where other signs part cells', () => {
  for (const text of ['a;=1+1', 'a;\t-1', 'a\n=1', ' =1', '\n', '\uff1d1']) {
    assert.doesNotMatch(toCsv(['t'], [[text]]), /(^|["\n;\t])\s*[=+\-@\uff1d]/m);
  }
  assert.equal(toCsv(['t'], [['a-b, c=d; e'], ['x;y']]), 't\r\n"a-b, c=d; e"\r\n"x;y"\r\n');
  assert.equal(toCsv(['t'], [[NaN], [-1e-9]]), 't\r\n\r\n-1e-9\r\n');
});

test('no text is a formula, and no number a text', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx']) assert.match(toCsv(['t'], [[text]]), /^t\r\n"?'/);
  assert.equal(toCsv(['t'], [[-1]]), 't\r\n-1\r\n');
  assert.equal(toCsv(['=HYPERLINK("x")'], []), '"\'=HYPERLINK(""x"")"\r\n');
});
