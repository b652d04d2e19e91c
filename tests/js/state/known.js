/** The part of a report that a selection is checked against: two models, one with two stacks of unequal layers. */

const STATISTICS = [
  { name: 'entropy', title: 'Entropy', unit: 'nats', description: '' },
  { name: 'distance', title: 'Mean distance', unit: 'tokens', description: '' },
  { name: 'previous', title: 'Previous token', unit: 'share', description: '' },
  { name: 'first', title: 'First token', unit: 'share', description: '' },
];

/** @param {string} name @param {Record<string, number[]>} stacks numbers of heads in each layer */
function makeModel(name, stacks) {
  const several = Object.keys(stacks).length > 1;
  const heads = Object.entries(stacks).flatMap(([stack, layers]) => layers.flatMap((count, layer) => (
    Array.from({ length: count }, (_, head) => ({
      id: `${several ? `${stack}.` : ''}L${layer}H${head}`, stack, layer, head,
      statistics: { entropy: 1, distance: 2, previous: layer === 1 && head === 1 ? 0.9 : 0.1, first: 0.3 },
    })))));
  const model = {
    name,
    statistics: STATISTICS,
    axes: [{ name: 'text', kind: 'text' }],
    maps: [{ id: 'pca-2d' }, { id: 'attention-2d' }],
    overview: { map: 'pca-2d' },
    writes: { attribution: { shards: ['attribution'] } },
  };
  return { model, heads };
}

const ENTRIES = [makeModel('mini', { encoder: [3, 3] }), makeModel('pair', { encoder: [2, 1], cross: [2] })];

export const known = {
  views: ['atlas', 'head', 'document', 'heads'],
  manifest: { documents: { count: 10 } },
  models: ENTRIES.map(({ model }) => model),
  model: (name) => ENTRIES.find(({ model }) => model.name === name)?.model,
  heads: (name) => ENTRIES.find(({ model }) => model.name === name)?.heads ?? [],
  head: (name, id) => known.heads(name).find((head) => head.id === id),
};
