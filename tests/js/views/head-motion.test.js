import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { createMotion, mayMove } from '../../../site_templates/src/views/head/motion.js';

let now = 0;
/** @type {(() => void)[]} */
let frames = [];
let reduced = false;
Object.assign(globalThis, {
  requestAnimationFrame: (frame) => frames.push(frame),
  document: { hidden: false },
  window: { matchMedia: () => ({ matches: reduced }) },
});
performance.now = () => now;
beforeEach(() => {
  now = 0;
  frames = [];
});
/** Goes on by so many milliseconds, and draws. */
function step(ms) {
  now += ms;
  for (const frame of frames.splice(0)) frame();
}

test('points set out slowly, arrive at the end, and then are at home', async () => {
  const drawn = [];
  const ended = [];
  const motion = createMotion(() => drawn.push(motion.now()?.share), (cloud) => ended.push(cloud));
  motion.start({ cloud: 'old', view: 'seen' });
  assert.deepEqual(motion.now(), { cloud: 'old', view: 'seen', share: 0 });
  step(60);
  step(240);
  step(240);
  assert.deepEqual(ended, []);
  step(100);
  await motion.done();
  assert.ok(drawn[0] < 0.02 && Math.abs(drawn[1] - 0.5) < 1e-9 && drawn[2] > 0.98, String(drawn));
  assert.equal(drawn[3], undefined);
  assert.deepEqual(ended, ['old']);
  assert.equal(frames.length, 0, 'nothing is drawn any more');
});

test('a new way takes the place of the old one', async () => {
  const ended = [];
  const motion = createMotion(() => {}, (cloud) => ended.push(cloud));
  motion.start({ cloud: 'first', view: 0 });
  const first = motion.done();
  step(300);
  motion.start({ cloud: 'second', view: 0 });
  await first;
  assert.deepEqual(ended, ['first']);
  assert.equal(motion.now().share, 0);
  step(700);
  await motion.done();
  assert.deepEqual(ended, ['first', 'second']);
});

test('nothing moves for readers who want none of it, nor unseen', () => {
  assert.equal(mayMove(), true);
  reduced = true;
  assert.equal(mayMove(), false);
  reduced = false;
  globalThis.document.hidden = true;
  assert.equal(mayMove(), false);
});
