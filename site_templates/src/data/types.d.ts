/** The manifest of a report, format 1, as docs/reference/report-format.md describes it. What is optional is absent in older reports. */

export interface Manifest {
  format: 'attnviz-report';
  format_version: 1;
  title: string;
  site: { url: string | null; theme: 'auto' | 'light' | 'dark' };
  viewer: { script: string; style: string };
  provenance: Provenance;
  fidelity: { total_variation: number; max_error: number };
  notices: Notice[];
  documents: { count: number; groups: DocumentGroup[]; labels?: string[]; shards: string[]; images?: string[] };
  models: Model[];
  shards: Record<string, ShardEntry>;
}

export interface Provenance {
  generator: string;
  versions: Record<string, string>;
  device: string;
  threads: number;
  seed: number;
  corpus: { name: string; sha256: string };
  sources: Source[];
}

export interface Source {
  entry: number;
  name: string;
  sha256: string;
  documents: number;
  source: string | null;
  licence: string | null;
}

export interface Notice {
  kind: string;
  message: string;
  document?: number;
  model?: string;
}

export interface DocumentGroup {
  entry: number;
  shortest: number;
  longest: number;
  documents: number;
}

/** Ranges are [first, end). Which of the optional keys are there depends on the kind. */
export interface ShardEntry {
  path: string;
  bytes: number;
  sha256: string;
  rows: number;
  kind: string;
  documents?: [number, number];
  heads?: [number, number];
  kv_heads?: [number, number];
  model?: string;
  axis?: string;
  stack?: string;
  layer?: number;
  map?: string;
  encoding?: string;
  rule?: number;
}

export interface Model {
  name: string;
  title: string;
  source: string;
  revision: string | null;
  weights_sha256: string;
  architecture: string;
  dtype: string;
  parameters: number;
  axes: Axis[];
  rules: Rule[];
  biases?: BiasEntry[];
  stacks: Stack[];
  captures: Capture[];
  self_check: { max_error: number; rows: number };
  statistics: { name: string; title: string; unit: string; description: string }[];
  labels?: { name: string; title: string; description: string }[];
  layouts?: HeadLayout[];
  maps: { id: string; method: string; dimensions: number; title: string }[];
  overview: { shard: string; map: string; count: number };
  heads: HeadEntry[];
}

/** How a layer was captured. Where `vectors` is false only its attention is known, for the `reason` given: it has no map. */
export interface Capture {
  stack: string;
  layer: number;
  module: string;
  line: string;
  rule: number;
  vectors?: boolean;
  reason?: string | null;
}

export interface Axis {
  name: string;
  kind: 'text' | 'image' | 'video' | 'audio';
  tokens: number;
  labels?: string[];
  lengths: string;
  shards: string[];
  sample: { shard: string; count: number };
  crops?: string | null;
  places?: string | null;
}

export type Mask =
  | { kind: 'full' }
  | { kind: 'causal' }
  | { kind: 'band'; before: number; after: number }
  | { kind: 'intervals'; shards: string[] };

export interface Rule {
  scaling: number;
  mask: Mask;
  softcap: number | null;
}

export interface BiasEntry {
  kind: 'relative' | 'table';
  size: number;
  shard: string;
}

/** What one head adds to its scores, by distance (2R + 1 values) or by places (size × size values). */
export interface Bias {
  kind: 'relative' | 'table';
  size: number;
  values: Float32Array;
  /** Each token's place in its window, where tokens attend within windows. */
  places?: Uint16Array;
}

export interface Stack {
  name: string;
  kind: 'self' | 'cross';
  layers: number;
  heads: number;
  kv_heads: number;
  head_size: number;
  query_axis: string;
  key_axis: string;
}

export interface Certificate {
  total_variation: number;
  worst_total_variation: number;
  max_error: number;
  top1: number;
  rows: number;
  sampled: boolean;
  reference: string;
}

/** Heads as points, of stacks on the same axes: what was compared, and how true the picture is. */
export interface HeadLayout {
  stacks: string[];
  documents: number;
  rows: number;
  stress: number | null;
  rank: number | null;
}

/** Token types between which a head attends more than by chance: `share` of its attention, `lift` times as much. */
export interface TokenPair {
  query: string;
  key: string;
  share: number;
  lift: number;
}

export interface HeadEntry {
  stack: string;
  layer: number;
  head: number;
  kv_head: number;
  rule: number;
  bias?: number | null;
  sink: number | null;
  statistics: Record<string, number | null>;
  /** The strongest first. */
  labels?: { name: string; score: number }[];
  /** Mean attention at offsets −16 to 16. */
  offsets?: (number | null)[] | null;
  /** Eleven documents, from the one the head is most focused in down to the least, and how focused it is in each. */
  typical?: number[];
  focus?: (number | null)[];
  /** Entropy of rows in nats: the least, by tenths of all rows, to the largest; empty where there is none. */
  entropy_deciles?: number[];
  pairs?: TokenPair[];
  /** The head's place in the layout of its stack. */
  position?: [number, number] | null;
  /** Up to five heads, by id, whose attention is most like this one's, the nearest first; distances from 0 to 1. */
  alike?: { head: string; distance: number }[];
  encodings: string[];
  certificate: Certificate;
  maps: Record<string, Record<string, number | null>>;
  /** What no space of its queries and keys can show, in words. */
  limits?: string[];
}

/** A head of the manifest with its name ("L5H3", "cross.L5H3") and its stack. */
export interface Head extends HeadEntry {
  id: string;
  stackInfo: Stack;
}

/** One allowed interval [lo, hi) of keys for each query row. */
export interface Intervals {
  lo: Uint32Array;
  hi: Uint32Array;
}

/** The attention of one head in one document, whichever way it is stored. */
export interface Attention {
  readonly encoding: string;
  /** The axes that queries and keys stand on: the same one twice in self-attention. */
  readonly queryAxis: string;
  readonly keyAxis: string;
  readonly queries: number;
  readonly keys: number;
  /** How many (query, key) pairs the last row or column took. */
  readonly visited: number;
  /** Memory that the decoded arrays take. */
  readonly bytes: number;
  /** Probabilities of every key for one query: 0 where masked, NaN all over where nothing is allowed. */
  row(query: number): Float64Array;
  /** Probabilities of one key for every query: the same numbers as the rows hold. */
  column(key: number): Float64Array;
  interval(query: number): [number, number];
}

/** Euclidean norms of a document's queries and keys in one head. */
export interface Lengths {
  queries: Float64Array;
  keys: Float64Array;
}

export interface Overview {
  id: string;
  stack: string;
  layer: number;
  head: number;
  queries: Uint8Array;
  keys: Uint8Array;
}

export interface HeadMap {
  dimensions: number;
  queries: Uint16Array;
  keys: Uint16Array;
  lo: Float64Array;
  hi: Float64Array;
  viewLo: Float64Array;
  viewHi: Float64Array;
}

export interface AxisLayout {
  /** Tokens of each document. */
  lengths: Uint32Array;
  /** Where each document starts in corpus order; one more entry than documents, the last the total. */
  offsets: Uint32Array;
  locate(index: number): { document: number; token: number };
}

export interface Tokens {
  /** What the tokens are pieces of. */
  kind: Axis['kind'];
  ids: Int32Array;
  texts: string[];
  start: Int32Array;
  end: Int32Array;
  special: boolean[];
  /** 1 for the second text of a pair and for a completion, else 0. */
  segment: Uint8Array;
  /** An image patch's place in its grid, from the top left; −1 for what is no patch. */
  row: Int16Array;
  column: Int16Array;
  /** The part of the picture that the patches cover; null for all of it. */
  crop: Crop | null;
  /** What the corpus says of each token, by label. */
  labels: Map<string, (string | null)[]>;
  /** The slice of the document's text that the token stands for, '' where it stands for none. */
  surface(token: number): string;
}

/** Edges of a patch grid as shares of its picture's width and height: below 0 or above 1 where the model padded it. */
export interface Crop {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The picture of a document. */
export interface Picture {
  width: number;
  height: number;
  /** Its PNG or JPEG. */
  blob: Blob;
  /** An address for an <img>, good while the page lives or until many other pictures were opened. */
  url: string;
}

export interface Documents {
  count: number;
  text(document: number): string;
  title(document: number): string;
  entry(document: number): number;
  group(document: number): number;
  /** What the corpus says of a document; null where it says nothing. */
  label(document: number, name: string): string | null;
  source(document: number): Source | undefined;
  /** Why a document cannot be read, if its shard failed. */
  error(document: number): Error | undefined;
}

/** What is known about loading, for the status line. */
export interface Loaded {
  bytes: number;
  files: number;
  pending: number;
}

export interface LoadEvent {
  type: 'start' | 'end' | 'fail' | 'stale';
  path: string;
  error?: Error;
}
