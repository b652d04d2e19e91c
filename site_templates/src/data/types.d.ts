/**
 * What the reader gives: documents, tokens, attention and maps, opened. The manifest's own parts are in
 * ../format/manifest.d.ts, written from the generator's declaration of the format.
 */
import type { AxisEntry, Head as HeadEntry, Shard as ShardEntry, SourceEntry, Stack } from '../format/manifest.d.ts';

export type {
  AxisEntry, BiasTable, CapturedModule, Certificate, Label, LabelFigures, LabelKind, Layout as HeadLayout, Manifest,
  MapFigures, MapKind, MaskEntry, Model, NoticeEntry, Provenance, Rule, SourceEntry, Stack, Statistic, TokenPair,
} from '../format/manifest.d.ts';
export type { HeadEntry, ShardEntry };

/** What one head adds to its scores, by distance (2R + 1 values) or by places (size × size values). */
export interface Bias {
  kind: 'relative' | 'table';
  size: number;
  values: Float32Array;
  /** Each token's place in its window, where tokens attend within windows. */
  places?: Uint16Array;
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
  /** What a query leaves for a learned sink, where there may be one: a row sums to 1 with it. */
  sinkShare?(query: number): number;
}

/** A next token, and what is added to its logit. */
export interface LogitChange {
  text: string;
  by: number;
}

/** What adds to the logit of the token that follows one, in logits. */
export interface LogitSums {
  readonly logit: number;
  readonly heads: number;
  readonly embedding: number;
  readonly feedForward: number;
  readonly biases: number;
  /** What blocks do beside, and what happens between them. */
  readonly rest: number;
}

/** What parts of a model add to the logits of a document's next tokens. */
export interface Attribution {
  /** How many tokens another one follows. */
  readonly tokens: number;
  /** What a head adds after a token; NaN where it is not known. */
  head(id: string, token: number): number;
  /** The same of all heads, in the manifest's order. */
  heads(token: number): {head: string, by: number}[];
  sums(token: number): LogitSums;
}

/** What a head adds to the logit of the token after a query by attending to each key. */
export type AddedByPairs = (query: number) => Float64Array;

/** What a head writes where it attends to tokens of one type. */
export interface WrittenToken {
  text: string;
  /** How many there are in the corpus, and the share of the head's attention that they get. */
  count: number;
  attention: number;
  /** Mean length of what the head writes there. */
  length: number;
  /** −1 to 1; null where logits are not known. */
  copying: number | null;
  raised: LogitChange[];
  lowered: LogitChange[];
}

/** Another head that one is composed with: by queries, keys or values, and how much. */
export interface Composed {
  head: string;
  side: 'q' | 'k' | 'v';
  value: number;
}

/** A type of token, how it loads on a side of a component in the mean, and how many there are. */
export interface LoadingToken {
  text: string;
  loading: number;
  count: number;
}

/** A component of a head's queries and keys, see docs/explanation/components.md. */
export interface Component {
  share: number;
  strength: number;
  /** Of a contrastive component, which come first, what it brings of the head's `contrast`; null of others. */
  contrast: number | null;
  queryWeights: ArrayLike<number>;
  keyWeights: ArrayLike<number>;
  /** Those above zero first, then those below. */
  queries: LoadingToken[];
  keys: LoadingToken[];
}

/** The strongest components of a head, and what all of them are together. */
export interface Interaction {
  dimensions: number;
  deviation: number;
  keyDeviation: number;
  queryDeviation: number;
  /** Of attention with these components alone: null of no rows. */
  totalVariation: number | null;
  totalVariation90: number | null;
  /** By how much scores of pairs of one label are larger in the mean than of two; null where that is not known. */
  contrast: number | null;
  meanQuery: ArrayLike<number>;
  meanKey: ArrayLike<number>;
  components: Component[];
}

/** A part of a score; of a component its number, from 1, and how query and key load on it. */
export interface ScorePart {
  part: 'component' | 'rest' | 'key' | 'query' | 'constant' | 'rotary' | 'soft cap' | 'bias';
  value: number;
  number?: number;
  queryLoading?: number;
  keyLoading?: number;
}

/** What a score is made of: parts that sum to it. */
export interface ScoreBars {
  parts: ScorePart[];
  score: number;
}

/** What losing a head costs: what was measured, how much of it, and with the control. */
export interface Effect {
  measure: string;
  change: number;
  control: number;
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
  /** What to call tokens that their surface does not name, such as "🙂 2/4"; null for others, undefined for none. */
  names?: (string | null | undefined)[];
  start: Int32Array;
  end: Int32Array;
  special: boolean[];
  /** 1 for the second text of a pair and for a completion, else 0. */
  segment: Uint8Array;
  /** An image patch's place in its grid, from the top left; −1 for what is no patch. */
  row: Int16Array;
  column: Int16Array;
  /** The part of the image that the patches cover; null for all of it. */
  crop: Crop | null;
  /** What the corpus says of each token, by label. */
  labels: Map<string, (string | null)[]>;
  /** The slice of the document's text that the token stands for, '' where it stands for none. */
  surface(token: number): string;
}

/** Pairs of a query and a key whose attention is from `low` to below `high`, over the whole corpus. */
export interface Band {
  low: number;
  high: number;
  /** How many there are. */
  pairs: number;
  /** Of all pairs that a query may see. */
  share: number;
  /** Of all attention. */
  attention: number;
  /** Some of them, each with the same chance. */
  drawn: { document: number; query: number; key: number; weight: number }[];
}

/** Edges of a patch grid as shares of its image's width and height: below 0 or above 1 where the model padded it. */
export interface Crop {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The image of a document. */
export interface DocumentImage {
  width: number;
  height: number;
  /** Its PNG or JPEG. */
  blob: Blob;
  /** An address for an <img>, good while the page lives or until many other images were opened. */
  url: string;
  /** Of a video: frames one below another, and side by side. */
  frames?: { down: number; across: number };
}

/** The sound of a document. */
export interface DocumentSound {
  /** Samples per second. */
  rate: number;
  seconds: number;
  /** An address for an <audio>, good until others were opened. */
  url: string;
}

/** Scores of parts of a document's text, and the scale that they are drawn on. */
export interface ScoreRow {
  title: string;
  /** In characters, in order. */
  starts: Uint32Array;
  ends: Uint32Array;
  scores: Float64Array;
  /** The colour map's name, and room below and above the scores in means. */
  cmap: string;
  alpha: number;
  /** The map's colours from the lower end of the scale to the upper. */
  colors: [red: number, green: number, blue: number][];
  low: number;
  high: number;
  least: number;
  mean: number;
  most: number;
}

export interface Documents {
  count: number;
  text(document: number): string;
  title(document: number): string;
  entry(document: number): number;
  group(document: number): number;
  /** What the corpus says of a document; null where it says nothing. */
  label(document: number, name: string): string | null;
  source(document: number): SourceEntry | undefined;
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
