import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPartner, writePartner } from '../../../site_templates/src/state/partner.js';

test('a comparison names what is other: a model, a head, a document', () => {
  const place = { model: 'bert', head: 'L0H1', doc: 3 };
  for (const [other, text] of [
    [{ ...place, head: 'cross.L2H4' }, 'cross.L2H4'], [{ ...place, doc: 12 }, '@12'],
    [{ ...place, model: 'gpt-2' }, 'gpt-2/L0H1'], [{ model: 'gpt-2', head: 'L1H1', doc: 0 }, 'gpt-2/L1H1@0'],
  ]) {
    assert.equal(writePartner(other, place), text);
    const { model = place.model, head = place.head, doc = place.doc } = readPartner(text);
    assert.deepEqual({ model, head, doc }, other);
  }
  assert.equal(writePartner(place, place), 'L0H1', 'a head beside itself');
  for (const text of ['', 'a b', '@', 'a/b/c']) assert.equal(readPartner(text), undefined);
});
