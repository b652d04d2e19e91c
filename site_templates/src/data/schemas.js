/** The columns of each kind of shard, as docs/reference/report-format.md lists them. */

const ATTENTION = { head: 'uint16', document: 'uint32', start: 'uint32', rows: 'uint32' };

/** @param {string} code element type of the codes */
const dense = (code) => ({ ...ATTENTION, codes: `list<${code}>`, mass: 'list<float32>' });

/** @param {string} code element type of the codes */
const queryKey = (code) => ({
  ...ATTENTION,
  side: 'uint8',
  codes: `list<${code}>`,
  scale: 'list<float32>',
  lse: 'list<float64>',
  mean: 'list<float32>',
  balance: 'list<float32>',
});

/** @type {Record<string, Record<string, string>>} */
export const ENCODINGS = {
  'dense-uint8': dense('uint8'),
  'dense-uint16': dense('uint16'),
  'query-key-int8': queryKey('int8'),
  'query-key-int16': queryKey('int16'),
  'query-key-float32': queryKey('float32'),
};

/** @type {Record<string, Record<string, string>>} */
const KINDS = {
  documents: { entry: 'uint32', group: 'uint16', title: 'utf8', text: 'utf8' },
  lengths: { length: 'uint32' },
  tokens: {
    id: 'int32',
    text: 'utf8',
    start: 'int32',
    end: 'int32',
    special: 'bool',
    segment: 'uint8',
    row: 'int16',
    column: 'int16',
  },
  bias: { head: 'uint16', values: 'list<float32>' },
  crop: { document: 'uint32', left: 'float32', top: 'float32', right: 'float32', bottom: 'float32' },
  image: { document: 'uint32', width: 'uint32', height: 'uint32', content: 'binary' },
  places: { place: 'uint16' },
  sample: { token: 'uint32' },
  map: {
    head: 'uint16',
    queries: 'list<uint16>',
    keys: 'list<uint16>',
    lo: 'list<float64>',
    hi: 'list<float64>',
    view_lo: 'list<float64>',
    view_hi: 'list<float64>',
  },
  overview: { stack: 'utf8', layer: 'uint16', head: 'uint16', queries: 'list<uint8>', keys: 'list<uint8>' },
  mask: { lo: 'list<uint32>', hi: 'list<uint32>' },
};

/**
 * The columns that a shard must have, and their types; undefined for an unknown kind or encoding.
 * @param {import('./types.d.ts').ShardEntry} entry
 */
export function columnsOf(entry) {
  return entry.kind === 'attention' ? ENCODINGS[entry.encoding ?? ''] : KINDS[entry.kind];
}
