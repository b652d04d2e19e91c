/** A model of five heads with what the table shows of them. */

export const model = {
  name: 'mini',
  stacks: [{ name: 'encoder' }, { name: 'cross' }],
  statistics: [
    { name: 'entropy', title: 'Entropy', unit: 'nats', description: '' },
    { name: 'distance', title: 'Mean distance', unit: 'tokens', description: '' },
    { name: 'previous', title: 'Previous token', unit: 'share', description: '' },
    { name: 'agreement:part, of speech', title: 'Agreement, part of speech', unit: 'share', description: '' },
  ],
  labels: [
    { name: 'previous-token', title: 'Previous token', description: 'attends to the token before' },
    { name: 'broad', title: 'Broad', description: 'attends to nearly all tokens alike' },
  ],
  maps: [{ id: 'attention-2d', method: 'attention', dimensions: 2, title: 'Attention map, 2-D' }],
};

const certificate = { total_variation: 0.001, worst_total_variation: 0.002, max_error: 0.003, top1: 0.99 };

const makeHead = (id, stack, statistics, labels = [], maps = { 'attention-2d': { top3_mass: 0.9, rank: -0.7 } }) => {
  const [, layer, head] = /L(\d+)H(\d+)$/.exec(id).map(Number);
  return { id, stack, layer, head, statistics, labels, certificate, maps };
};

const previousToken = (score) => ({ name: 'previous-token', score });
const broad = (score) => ({ name: 'broad', score });

export const heads = [
  makeHead('encoder.L0H0', 'encoder', { entropy: 2, distance: 4, previous: 0.1, 'agreement:part, of speech': -0.2 }),
  makeHead(
    'encoder.L0H1', 'encoder', { entropy: 0.5, distance: 1, previous: 0.9, 'agreement:part, of speech': 0.6 },
    [previousToken(0.9)],
  ),
  makeHead('encoder.L0H10', 'encoder', { entropy: null, distance: 5, previous: null }, [], {}),
  makeHead('encoder.L10H0', 'encoder', { entropy: 3, distance: 9, previous: 0.2 }, [broad(0.95), previousToken(0.5)]),
  makeHead('cross.L0H1', 'cross', { entropy: 0.5, distance: 2, previous: 0.5 }, [previousToken(0.6)]),
];
