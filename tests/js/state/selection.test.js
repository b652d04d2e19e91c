import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  change, readSelection, sameSelection, settle, writeSelection,
} from '../../../site_templates/src/state/selection.js';
import { known } from './known.js';

const FULL = '#model=pair&head=cross.L0H1&doc=3&token=7&side=key&view=document&map=attention-2d'
  + '&eye=0.25%2C-0.1%2C3.5&area=0.1%2C-0.2%2C0.5%2C0.75&mark=query+of&ties=12'
  + '&least=0.005&bare=1&size=value&color=position'
  + '&bar=first&unlinked=1&beside=1&find=%2Fc.t%2Fi&hide=1&weighted=1&words=1'
  + '&renderer=canvas&aggregate=rollout&residual=0.25&discard=0.1&show=points'
  + '&sort=-previous&labels=none&filter=L0+entropy+%3E+1&columns=entropy%2Cfirst&x=first&y=previous'
  + '&tint=label&heads=cross.L0H0%2Ccross.L0H1&parts=ab&key=2&elements=product&with=cross.L0H0%401'
  + '&tokens=2%2C9&row=4&column=5&texts=one&scale=log&exponent=0.3&cut=0.5&ignore=1&scores=2'
  + '&added=1&overlay=0.4&arrows=9&frame=3&embed=1';

test('a full link restores everything', () => {
  const { selection, notices } = readSelection(FULL, known);
  assert.deepEqual(notices, []);
  assert.deepEqual({ ...selection }, {
    view: 'document', model: 'pair', head: 'cross.L0H1', doc: 3, token: 7, side: 'key', map: 'attention-2d',
    eye: '0.25,-0.1,3.5', area: '0.1,-0.2,0.5,0.75', mark: 'query of', ties: 12, least: 0.005, bare: true,
    color: 'position', bar: 'first', unlinked: true, beside: true,
    find: '/c.t/i', hide: true, weighted: true, words: true, size: 'value', renderer: 'canvas', extra: [],
    aggregate: 'rollout', residual: 0.25, discard: 0.1, show: 'points', sort: '-previous', labels: 'none',
    filter: 'L0 entropy > 1', columns: 'entropy,first', x: 'first', y: 'previous', tint: 'label',
    heads: 'cross.L0H0,cross.L0H1', parts: 'ab', key: 2, elements: 'product', tokens: '2,9', row: 4, column: 5,
    texts: 'one', scale: 'log', exponent: 0.3, cut: 0.5, ignore: 1, scores: 2, with: 'cross.L0H0@1',
    added: true, overlay: 0.4, arrows: 9, frame: 3, embed: true,
  });
});

test('writing and reading are inverse, short and full', () => {
  const { selection } = readSelection(FULL, known);
  for (const full of [false, true]) {
    assert.ok(sameSelection(readSelection(writeSelection(selection, known, full), known).selection, selection));
  }
});

test('an empty link is the atlas of the first model, its head the one with the plainest job', () => {
  const { selection, notices } = readSelection('', known);
  assert.deepEqual(notices, []);
  assert.equal(selection.view, 'atlas');
  assert.equal(selection.model, 'mini');
  assert.equal(selection.head, 'L1H1');
  assert.equal(selection.doc, null);
  assert.equal(writeSelection(settle({}, known), known), '#model=mini');
});

test('a full link names what a default would have left out', () => {
  const link = writeSelection(settle({}, known), known, true);
  assert.match(link, /model=mini&head=L1H1/);
  assert.match(link, /view=atlas&map=pca-2d/);
});

test('unknown keys are kept, twice if they were there twice', () => {
  const { selection } = readSelection('#zoom=2&view=head&zoom=3&lens=a%20b', known);
  assert.deepEqual(selection.extra, [['zoom', '2'], ['zoom', '3'], ['lens', 'a b']]);
  const written = writeSelection({ ...selection, head: 'L0H0' }, known);
  assert.match(written, /zoom=2&zoom=3&lens=a\+b$/);
});

test('what the report does not have falls back, one notice each', () => {
  const bad = {
    view: '#view=matrix',
    model: '#model=gpt',
    head: '#head=L9H9',
    doc: '#doc=10',
    negative: '#doc=-1',
    words: '#doc=one',
    token: '#doc=1&token=x',
    side: '#side=value',
    map: '#map=tsne-2d',
    color: '#color=red',
    bar: '#bar=magic',
    renderer: '#renderer=vulkan',
    aggregate: '#aggregate=sum',
    residual: '#residual=1',
    discard: '#discard=-0.1',
    show: '#show=graph',
    sort: '#sort=magic',
    labels: '#labels=lazy',
    columns: '#columns=magic',
    x: '#x=magic',
    y: '#y=pca-2d',
    tint: '#tint=red',
    frozen: '#doc=1&row=x',
    texts: '#texts=three',
    scale: '#scale=square',
    exponent: '#exponent=9',
    cut: '#cut=-1',
    ignore: '#ignore=0.5',
  };
  const usual = settle({}, known);
  for (const [name, hash] of Object.entries(bad)) {
    const { selection, notices } = readSelection(hash, known);
    assert.equal(notices.length, 1, name);
    assert.ok(sameSelection({ ...selection, doc: null }, usual), name);
  }
});

test('a notice quotes no more than it must', () => {
  const { notices } = readSelection(`#head=${'x'.repeat(5000)}`, known);
  assert.ok(notices[0].length < 200);
});

test('a token needs a document', () => {
  assert.equal(readSelection('#token=4', known).selection.token, null);
  assert.equal(settle({ doc: null, token: 4 }, known).token, null);
});

test('a head that another model lacks gives way to that model’s own', () => {
  assert.equal(settle({ model: 'pair', head: 'L1H2' }, known).head, 'encoder.L0H0');
});

test('of a list, what the report has is kept', () => {
  const { selection, notices } = readSelection('#columns=first,magic,entropy&labels=none', known);
  assert.equal(selection.columns, 'entropy,first');
  assert.equal(selection.labels, 'none');
  assert.equal(notices.length, 1);
  assert.match(notices[0], /columns “first,magic,entropy”.*what it lacks is left out/);
});

test('points are drawn by distance and entropy unless told', () => {
  const { x, y } = settle({}, known);
  assert.deepEqual([x, y], ['distance', 'entropy']);
  assert.doesNotMatch(writeSelection(settle({ view: 'heads' }, known), known), /[?&#](x|y|sort|columns)=/);
});

test('a rollout without residual is not the usual one', () => {
  const link = writeSelection(settle({ aggregate: 'rollout', residual: 0 }, known), known);
  assert.match(link, /aggregate=rollout&residual=0$/);
});

test('a selection cannot be changed in place', () => {
  assert.throws(() => {
    settle({}, known).view = 'head';
  }, TypeError);
});

test('what every object has is no key of a link', () => {
  const { selection } = readSelection('#toString=1&constructor=2', known);
  assert.deepEqual(selection.extra, [['toString', '1'], ['constructor', '2']]);
});

test('what is wrong is told in the order of the table, of lists only what they lack', () => {
  const { notices } = readSelection('#tint=red&columns=first,magic&view=matrix&model=gpt', known);
  assert.deepEqual(notices.map((notice) => notice.match(/asks for (.*?) “(.*?)”/).slice(1)), [
    ['model', 'gpt'], ['view', 'matrix'], ['columns', 'first,magic'], ['colour', 'red'],
  ]);
});

test('where a map is looked at from belongs to that map', () => {
  const { selection } = readSelection('#model=pair&head=cross.L0H1&map=attention-2d&eye=0.25,-0.1,3.5', known);
  assert.equal(change(selection, { doc: 3, color: 'position' }, known).eye, '0.25,-0.1,3.5');
  assert.equal(change(selection, { map: 'attention-2d' }, known).eye, '0.25,-0.1,3.5', 'the same map');
  for (const patch of [{ map: 'pca-2d' }, { head: 'cross.L0H0' }, { model: 'mini' }]) {
    assert.equal(change(selection, patch, known).eye, '');
  }
  assert.equal(change(selection, { head: 'cross.L0H0', eye: '0,0,2' }, known).eye, '0,0,2', 'unless it comes along');
});

test('an eye that no map has is told, and the first look taken', () => {
  for (const eye of ['0.25,-0.1', 'a,b,c', '0,0,1,0,0,0', '1e9,0,1', '0,0,Infinity']) {
    const { selection, notices } = readSelection(`#map=pca-2d&eye=${eye}`, known);
    assert.equal(selection.eye, '');
    assert.match(notices.join(), /eye “.*the map is looked at as at first/);
  }
});

test('a part of a map is a few numbers, and goes with its map', () => {
  const area = (text) => readSelection(`#model=pair&area=${text}`, known).selection.area;
  for (const good of ['100', '0,0,1,1', '0,0,1,1,0.5,2']) assert.equal(area(good), good);
  for (const bad of ['0', '-5', '1,2', '0,0,1', '0,0,1,1,2', '0,0,1,x', '1e9']) assert.equal(area(bad), '');
  const { selection } = readSelection('#model=pair&area=0,0,1,1&mark=key+of', known);
  assert.equal(change(selection, { token: 3, doc: 1 }, known).area, '0,0,1,1');
  const elsewhere = change(selection, { head: 'cross.L0H1' }, known);
  assert.deepEqual([elsewhere.area, elsewhere.mark], ['', '']);
  assert.equal(change(selection, { area: '' }, known).mark, '', 'no mark without a part');
});

test('a layer stands for its heads, whichever they are', () => {
  const { selection, notices } = readSelection('#model=pair&head=cross.L0H1&view=document&heads=layer', known);
  assert.deepEqual([selection.heads, notices], ['layer', []]);
  assert.match(writeSelection(selection, known), /heads=layer/);
});
