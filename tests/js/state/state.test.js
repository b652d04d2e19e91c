import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createState } from '../../../site_templates/src/state/state.js';
import { known } from './known.js';

/**
 * A window with an address, a history, and events.
 * @param {string} hash
 * @param {boolean} [strict] whether pushState is forbidden
 */
function makePage(hash, strict = false) {
  const page = new EventTarget();
  const steps = [`file:///report/index.html${hash}`];
  const go = (address, push) => {
    if (strict) throw new Error('SecurityError');
    const url = new URL(address, steps.at(-1)).href;
    if (push) steps.push(url);
    else steps[steps.length - 1] = url;
  };
  return Object.assign(page, {
    steps,
    location: {
      get href() { return steps.at(-1); },
      get hash() { return new URL(steps.at(-1)).hash; },
      set hash(value) {
        steps.push(new URL(value || '#', steps.at(-1)).href);
        page.dispatchEvent(new Event('hashchange'));
      },
      get pathname() { return new URL(steps.at(-1)).pathname; },
      search: '',
    },
    history: { pushState: (_, __, address) => go(address, true), replaceState: (_, __, address) => go(address, false) },
    back() {
      steps.pop();
      page.dispatchEvent(new Event('popstate'));
      page.dispatchEvent(new Event('hashchange'));
    },
  });
}

test('a change writes the address and tells listeners once', () => {
  const page = makePage('');
  const state = createState(known, known.views, page);
  const changes = [];
  const leave = state.subscribe((next, previous) => changes.push([previous.head, next.head]));
  state.set({ head: 'L0H2' });
  state.set({ head: 'L0H2' });
  leave();
  state.set({ head: 'L0H0' });
  assert.deepEqual(changes, [['L1H1', 'L0H2']]);
  assert.match(page.location.href, /head=L0H0/);
});

test('back undoes a pushed step, and a replaced one leaves no trace', () => {
  const page = makePage('#model=mini');
  const state = createState(known, known.views, page);
  state.set({ view: 'head' });
  state.set({ head: 'L0H0' }, { push: false });
  state.set({ view: 'document', doc: 4 });
  let calls = 0;
  state.subscribe(() => calls++);
  page.back();
  assert.equal(calls, 1, 'two events of one step tell once');
  assert.deepEqual([state.get().view, state.get().head, state.get().doc], ['head', 'L0H0', null]);
  page.back();
  assert.equal(state.get().view, 'atlas');
});

test('a hash typed by hand is read, with its notices', () => {
  const page = makePage('#view=head');
  const state = createState(known, known.views, page);
  page.location.hash = '#view=document&doc=99';
  assert.equal(state.get().view, 'document');
  assert.equal(state.notices().length, 1);
  state.set({ view: 'atlas' });
  assert.deepEqual(state.notices(), [], 'a notice belongs to the link it was made for');
});

test('where history is forbidden, the hash carries the state', () => {
  const page = makePage('', true);
  const state = createState(known, known.views, page);
  state.set({ view: 'head', head: 'L0H1' });
  assert.match(page.location.hash, /head=L0H1/);
  assert.equal(state.get().head, 'L0H1');
});

test('the link names everything, and nothing twice', () => {
  const page = makePage('#view=head&zoom=1');
  const link = createState(known, known.views, page).link();
  assert.match(link, /^file:\/\/\/report\/index\.html#model=mini&head=L1H1&view=head&map=pca-2d&zoom=1$/);
});
