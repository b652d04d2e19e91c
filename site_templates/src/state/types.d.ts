import type { Head, Model } from '../data/types.js';

export type ViewName = 'atlas' | 'head' | 'document';
export type Side = 'query' | 'key';
export type Color = 'kind' | 'position';

/** Everything that a link restores. Immutable: a change makes a new one. */
export interface Selection {
  readonly view: ViewName;
  readonly model: string;
  /** The head's name within its model, such as "L5H3". */
  readonly head: string;
  /** null: none chosen. */
  readonly doc: number | null;
  /** A token of `doc`, on the axis of `side`. null: none chosen. */
  readonly token: number | null;
  readonly side: Side;
  readonly map: string;
  readonly color: Color;
  /** The statistic that the atlas draws as a bar under each map. */
  readonly bar: string;
  /** Whether special tokens are left out of the document view. */
  readonly hide: boolean;
  /** Whether subwords are joined to words in the document view. */
  readonly words: boolean;
  /** A renderer asked for in the link; '' leaves the choice to the page. */
  readonly renderer: '' | 'webgl' | 'canvas';
  /** Keys of the link that this viewer does not know: kept as they are. */
  readonly extra: readonly (readonly [string, string])[];
}

/** What a selection is checked against: the part of a report that is known without loading. */
export interface Known {
  readonly manifest: { documents: { count: number } };
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
}
