import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePointSlicer } from '../../../site_templates/src/data/texts.js';

test('slices count code points in any script', () => {
  const texts = [
    '', 'plain', 'a\u{1F468}\u200D\u{1F469}b', '\u{1D11E}\u{1D11E}x', 'e\u0301\u05D0\u0639',
    '<script>alert(1)</script>\u{1F600}',
  ];
  for (const text of texts) {
    const points = [...text];
    const slice = codePointSlicer(text);
    for (let start = 0; start <= points.length; start++) {
      for (let end = start; end <= points.length; end++) assert.equal(
        slice(start, end), points.slice(start, end).join(''),
      );
    }
  }
});

test('offsets past the end stop at the end', () => {
  for (const text of ['plain', '\u{1F600} x']) assert.equal(codePointSlicer(text)(2, 99), [...text].slice(2).join(''));
});
