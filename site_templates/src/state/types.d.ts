import type { Head, Model } from '../data/types.js';

export type Side = 'query' | 'key';

export type AggregateKind = 'head' | 'layer' | 'all' | 'rollout';

/** What the table of heads shows. Lists of names have commas between them. */
export interface HeadsKeys {
  readonly show: 'table' | 'points' | 'likeness';
  /** A column, "-" before it for the largest first; '' for the model's own order. */
  readonly sort: string;
  /** Labels of which a head is to have any, "none" among them; '' for all heads. */
  readonly labels: string;
  readonly filter: string;
  /** '' for the usual ones. */
  readonly columns: string;
  /** The statistics that points are drawn by. */
  readonly x: string;
  readonly y: string;
  readonly tint: 'layer' | 'label';
}

/** Everything that a link restores. Immutable: a change makes a new one. */
export interface Selection extends HeadsKeys {
  /** The name of a view of the viewer's list. */
  readonly view: string;
  readonly model: string;
  /** The head's name within its model, such as "L5H3". */
  readonly head: string;
  /** null: none chosen. */
  readonly doc: number | null;
  /** A token of `doc`, on the axis of `side`. null: none chosen. */
  readonly token: number | null;
  readonly side: Side;
  readonly map: string;
  /** What the colour of a map's points says: "kind", "position", "modulo-5" …, see colors.js. */
  readonly color: string;
  /** The statistic that the atlas draws as a bar under each map. */
  readonly bar: string;
  /** Whether special tokens are left out of the document view. */
  readonly hide: boolean;
  /** Whether subwords are joined to words in the document view. */
  readonly words: boolean;
  /** Whose attention the document view shows: the head's, or made of several heads'. */
  readonly aggregate: AggregateKind;
  /** Rollout: the share of each layer that is taken to pass by its attention, in [0, 1). */
  readonly residual: number;
  /** Rollout: the share of each row's weights, the smallest, that is left out, in [0, 1). */
  readonly discard: number;
  /** A renderer asked for in the link; '' leaves the choice to the page. */
  readonly renderer: '' | 'webgl' | 'canvas';
  /** Keys of the link that this viewer does not know: kept as they are. */
  readonly extra: readonly (readonly [string, string])[];
}

/** What a selection is checked against. */
export interface Known extends ReportFacts {
  /** Names of the viewer's views; the first is the usual one. */
  readonly views: readonly string[];
}

/** The part of a report that is known without loading. */
export interface ReportFacts {
  readonly manifest: { documents: { count: number; labels?: string[]; images?: string[] } };
  readonly models: readonly Model[];
  model(name: string): Model | undefined;
  heads(model: string): readonly Head[];
  head(model: string, id: string): Head | undefined;
}

export type Patch = Partial<Selection>;
export type Listener = (next: Selection, previous: Selection) => void;

export interface State {
  get(): Selection;
  /** Changes the selection; `push` (the default) makes a step that Back undoes. */
  set(patch: Patch, options?: { push?: boolean }): void;
  subscribe(listener: Listener): () => void;
  /** What was wrong with the link that the page was opened with, as sentences. */
  notices(): readonly string[];
  /** The address of the selection, with every key written out. */
  link(): string;
  /** The same without the page, such as "#model=…": the selection with some of it changed. */
  hash(patch: Patch): string;
}
