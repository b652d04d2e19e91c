import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faster } from '../../../site_templates/src/draw/contest.js';

/** A renderer that takes so long for a frame after its first, which takes long. */
function makeRenderer(milliseconds) {
  const calls = [];
  let frames = 0;
  return {
    calls,
    resize: () => calls.push('resize'),
    draw({ panels: [{ count }] }) {
      assert.ok(count > 0);
      const until = performance.now() + (frames++ === 0 ? 25 : milliseconds);
      while (performance.now() < until);
    },
    finish: () => calls.push('finish'),
    release: () => calls.push('release'),
    destroy: () => calls.push('destroy'),
  };
}

for (const first of [true, false]) {
  test(`the ${first ? 'first' : 'second'} renderer wins where it draws faster, and the other is destroyed`, () => {
    const [quick, slow] = [makeRenderer(1), makeRenderer(12)];
    assert.equal(first ? faster(quick, slow) : faster(slow, quick), quick);
    assert.ok(slow.calls.includes('destroy') && !quick.calls.includes('destroy'));
    assert.ok(quick.calls.includes('release'), 'what was drawn for the test is forgotten');
  });
}
