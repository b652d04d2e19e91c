/** The columns of each kind of shard. Written by docs/generate.py from generator/attnviz/format: change it there. */

export const FORMAT = 'attnviz-report';
export const FORMAT_VERSION = 2;
export const FORMAT_VERSIONS = [1, 2];
export const SHARD_VERSION = 1;
export const NAME = 'name';
export const LABEL = 'label:';
export const QUERIES = 0;
export const KEYS = 1;
export const DIGITS = 7;
export const WORDS = 'words';
export const RECORDS = ['heads', 'head-details', 'notices'];
export const DETAILS = ['offsets', 'typical', 'focus', 'pairs', 'waking', 'label_figures', 'counter_examples', 'needle', 'spaces'];
export const LOGIT_PARTS = ['attention_bias', 'feed_forward', 'rest'];
export const UNKNOWN_LOGIT = -32768;
export const TEXT_KEYS = ['kind', 'model', 'axis', 'stack', 'map', 'encoding', 'content'];
export const INDEX_KEYS = ['layer', 'rule'];
export const RANGE_KEYS = ['heads', 'kv_heads', 'documents'];

/** Of attention, by encoding. @type {Record<string, Record<string, string>>} */
export const ENCODINGS = {
  'dense-uint8': {
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<uint8>',
    mass: 'list<float32>',
  },
  'dense-uint16': {
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<uint16>',
    mass: 'list<float32>',
  },
  'query-key-packed': {
    side: 'uint8',
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    step: 'list<float32>',
    offset: 'list<int32>',
    width: 'list<uint8>',
    high: 'list<uint8>',
    low: 'list<uint8>',
    lse: 'list<int32>',
    unit: 'float64',
    mean: 'list<float32>',
  },
  'query-key-int8': {
    side: 'uint8',
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<int8>',
    scale: 'list<float32>',
    lse: 'list<float64>',
    mean: 'list<float32>',
    balance: 'list<float32>',
  },
  'query-key-int16': {
    side: 'uint8',
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<int16>',
    scale: 'list<float32>',
    lse: 'list<float64>',
    mean: 'list<float32>',
    balance: 'list<float32>',
  },
  'query-key-float32': {
    side: 'uint8',
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<float32>',
    scale: 'list<float32>',
    lse: 'list<float64>',
    mean: 'list<float32>',
    balance: 'list<float32>',
  },
};

/** Of every other kind. @type {Record<string, Record<string, string>>} */
export const KINDS = {
  documents: {
    entry: 'uint32',
    group: 'uint16',
    title: 'utf8',
    text: 'utf8',
  },
  lengths: {
    length: 'uint32',
  },
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
  bias: {
    head: 'uint16',
    values: 'list<float32>',
  },
  image: {
    document: 'uint32',
    width: 'uint32',
    height: 'uint32',
    content: 'binary',
  },
  sound: {
    document: 'uint32',
    rate: 'uint32',
    content: 'binary',
  },
  score: {
    document: 'uint32',
    title: 'utf8',
    start: 'list<uint32>',
    end: 'list<uint32>',
    score: 'list<float64>',
    cmap: 'utf8',
    colors: 'list<uint8>',
    alpha: 'float64',
    low: 'float64',
    high: 'float64',
    least_score: 'float64',
    mean_score: 'float64',
    most_score: 'float64',
  },
  crop: {
    document: 'uint32',
    left: 'float32',
    top: 'float32',
    right: 'float32',
    bottom: 'float32',
  },
  places: {
    place: 'uint16',
  },
  sample: {
    token: 'uint32',
  },
  map: {
    head: 'uint16',
    queries: 'list<uint16>',
    keys: 'list<uint16>',
    lo: 'list<float64>',
    hi: 'list<float64>',
    view_lo: 'list<float64>',
    view_hi: 'list<float64>',
  },
  overview: {
    stack: 'utf8',
    layer: 'uint16',
    head: 'uint16',
    queries: 'list<uint8>',
    keys: 'list<uint8>',
  },
  values: {
    head: 'uint16',
    codes: 'list<uint8>',
    lo: 'float32',
    hi: 'float32',
  },
  effects: {
    document: 'uint32',
    tokens: 'uint32',
  },
  examples: {
    head: 'uint16',
    pairs: 'list<float64>',
    attention: 'list<float64>',
    band: 'list<uint8>',
    document: 'list<uint32>',
    query: 'list<uint32>',
    key: 'list<uint32>',
    weight: 'list<float32>',
  },
  writes: {
    head: 'uint16',
    id: 'int32',
    text: 'utf8',
    count: 'uint32',
    attention: 'float32',
    length: 'float32',
    copying: 'float32',
    raised: 'list<utf8>',
    raised_by: 'list<float32>',
    lowered: 'list<utf8>',
    lowered_by: 'list<float32>',
  },
  attribution: {
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<int16>',
    scales: 'list<float32>',
    logits: 'list<float32>',
    embedding: 'list<float32>',
    last_bias: 'list<float32>',
    between: 'list<float32>',
    attention_bias: 'list<float32>',
    feed_forward: 'list<float32>',
    rest: 'list<float32>',
  },
  'attribution-pairs': {
    document: 'uint32',
    head: 'uint16',
    start: 'uint32',
    rows: 'uint32',
    codes: 'list<int8>',
    scales: 'list<float32>',
  },
  composition: {
    head: 'uint16',
    earlier_layer: 'uint16',
    earlier_head: 'uint16',
    q: 'float32',
    k: 'float32',
    v: 'float32',
  },
  interactions: {
    head: 'uint16',
    dimensions: 'uint16',
    deviation: 'float64',
    key_deviation: 'float64',
    query_deviation: 'float64',
    total_variation: 'float64',
    total_variation_90: 'float64',
    rows: 'uint64',
    mean_query: 'list<float32>',
    mean_key: 'list<float32>',
  },
  components: {
    head: 'uint16',
    share: 'float64',
    strength: 'float64',
    query_weights: 'list<float32>',
    key_weights: 'list<float32>',
    query_tokens: 'list<utf8>',
    query_loadings: 'list<float32>',
    query_counts: 'list<uint32>',
    key_tokens: 'list<utf8>',
    key_loadings: 'list<float32>',
    key_counts: 'list<uint32>',
  },
  vectors: {
    side: 'uint8',
    head: 'uint16',
    document: 'uint32',
    start: 'uint32',
    rows: 'uint32',
    values: 'list<float32>',
    turned: 'list<float32>',
  },
  kept: {
    document: 'uint32',
  },
  mask: {
    lo: 'list<uint32>',
    hi: 'list<uint32>',
  },
  heads: {
  },
  'head-details': {
  },
  notices: {
  },
  shards: {
    id: 'utf8',
    bytes: 'uint32',
    sha256: 'binary',
    rows: 'uint32',
    kind: 'utf8',
    model: 'utf8',
    axis: 'utf8',
    stack: 'utf8',
    map: 'utf8',
    encoding: 'utf8',
    content: 'utf8',
    layer: 'int32',
    rule: 'int32',
    heads: 'list<uint32>',
    kv_heads: 'list<uint32>',
    documents: 'list<uint32>',
  },
  pages: {
    path: 'utf8',
    bytes: 'uint32',
    sha256: 'binary',
  },
};

/** Columns that may be null. */
export const NULLABLE = ['mass', 'lse', 'mean', 'scale', 'name', 'loss', 'loss_control', 'kl', 'kl_control', 'hidden', 'hidden_control', 'copying', 'between', 'attention_bias', 'feed_forward', 'rest', 'total_variation', 'total_variation_90', 'contrast', 'turned'];
