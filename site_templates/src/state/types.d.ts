import type { Head, Model } from '../data/types.js';

export type Side = 'query' | 'key';

export type AggregateKind = 'head' | 'layer' | 'all' | 'rollout';

/** Everything that a link restores. Immutable: a change makes a new one. */
export interface Selection {
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
  /** The key of a pair whose query is `token`, on the axis of keys. null: the one that is looked at most. */
  readonly key: number | null;
  /** Further tokens of that side, commas between: their attention is added to that of `token`. */
  readonly tokens: string;
  /** The token whose row, where it looks, stays while others are looked through. null: none. */
  readonly row: number | null;
  /** The same of its column, who looks at it. */
  readonly column: number | null;
  readonly map: string;
  /** From where the head's map is looked at, see draw/eye.js; '' for the first look. */
  readonly eye: string;
  /** The part of the head's map that is selected, see `area` of link-types.js; '' for none. */
  readonly area: string;
  /** The type of token whose points stand out in that part: "query " or "key " and its name; '' for none. */
  readonly mark: string;
  /** How many lines lead from the selected point of a map, at most. */
  readonly ties: number;
  /** The least share of attention that has a line, in [0, 1). */
  readonly least: number;
  /** What the size of a map's points says: nothing, the length of queries and keys, or of values. */
  readonly size: 'same' | 'norm' | 'value';
  /** Whether a map is drawn without lines of density. */
  readonly bare: boolean;
  /** What the colour of a map's points says: "kind", "position", "modulo-5" …, see colors.js. */
  readonly color: string;
  /** Whether the atlas is drawn without links of composition. */
  readonly unlinked: boolean;
  /** Whether the atlas shows all models side by side. */
  readonly beside: boolean;
  /** The statistic that the atlas draws as a bar under each map. */
  readonly bar: string;
  /** What is searched for, as it was typed: words, a token, or a pattern between slashes; '' for nothing. */
  readonly find: string;
  /** Whether special tokens and sinks are left out, see sinks.js. */
  readonly hide: boolean;
  /** Whether attention in a document is weighted by the lengths of values, see parts/weighting.js. */
  readonly weighted: boolean;
  /** Whether subwords are joined to words in the document view. */
  readonly words: boolean;
  /** Whose attention the document view shows: the head's, or made of several heads'. */
  readonly aggregate: AggregateKind;
  /** Rollout: the share of each layer that is taken to pass by its attention, in [0, 1). */
  readonly residual: number;
  /** Rollout: the share of each row's weights, the smallest, that is left out, in [0, 1). */
  readonly discard: number;
  /** What the head and its document are compared with, see partner.js; '' for a head that is alike. */
  readonly with: string;
  /** How the neuron view orders channels: as the model has them, or by their product. */
  readonly elements: 'dimension' | 'product';
  /** Both directions in one text, or in two; 'auto' goes by the room. */
  readonly texts: 'auto' | 'one' | 'two';
  /** How shares become shades, see parts/shading.js. */
  readonly scale: 'power' | 'log';
  readonly exponent: number;
  /** Standard deviations above the mean up to which a share is not shaded; null: all are. */
  readonly cut: number | null;
  /** So many of the first tokens are not shaded, nor counted. */
  readonly ignore: number;
  /** The row of the scores that a document came with by which it is shaded; null: by attention. */
  readonly scores: number | null;
  /** Whether a document is shaded by what the head adds to the logit of the token that follows. */
  readonly added: boolean;
  /** How strongly shares are laid over a picture, in [0, 1]: 0 is the picture alone, in its colours. */
  readonly overlay: number;
  /** So many arrows lead over a picture from a token to what it looks at most, and to it from who looks at it most. */
  readonly arrows: number;
  /** The frame of a video that is enlarged. null: none. */
  readonly frame: number | null;
  /** The heads whose lines are drawn, commas between; 'layer' for those of its layer, '' for the selected one. */
  readonly heads: string;
  /** From which part of a document to which attention is shown, a letter each ("ab"); 'all' for any. */
  readonly parts: string;
  /** How the table of heads shows them. */
  readonly show: 'table' | 'points' | 'likeness';
  /** The column by which heads are sorted, "-" before it for the largest first; '' for the model's own order. */
  readonly sort: string;
  /** Labels of which a head is to have any, commas between, "none" among them; '' for all heads. */
  readonly labels: string;
  /** Conditions on names and statistics of heads, as they were typed. */
  readonly filter: string;
  /** Columns of the table of heads, commas between; '' for the usual ones. */
  readonly columns: string;
  /** The statistics that heads as points are drawn by. */
  readonly x: string;
  readonly y: string;
  /** What the colour of a head's point says. */
  /** 'layer', 'label', or the name of a column. */
  readonly tint: string;
  /** A renderer asked for in the link; '' leaves the choice to the page. */
  readonly renderer: '' | 'webgl' | 'canvas';
  /** Whether the view is shown alone, without what stands around it, for a frame in another page. */
  readonly embed: boolean;
  /** Keys of the link that this viewer does not know: kept as they are. */
  readonly extra: readonly (readonly [string, string])[];
}

/** The keys of a link that this viewer knows. */
export type LinkName = Exclude<keyof Selection, 'extra'>;

/** What a value of a link is judged by: the report, and what is settled of the selection already. */
export interface Scope {
  readonly known: Known;
  readonly selection: Partial<Selection>;
  readonly model: Model | undefined;
}

export interface LinkType<T> {
  /** The value that a text of a link stands for, be it in the report or not. The text is not empty. */
  read(text: string): T;
  /** The value as the report has it; undefined where it has not. */
  settle(value: T, scope: Scope): T | undefined;
  /** Whether the report lacks a part of a value that it has otherwise. */
  lacks?(value: T, scope: Scope): boolean;
  /** The value's text; '' is not written. Without it, the value as a string. */
  write?(value: T): string;
  /** What is done where the report does not have the value: the end of a sentence. */
  readonly instead: string | ((scope: Scope) => string);
}

/** One row of the table of a link's keys. */
export interface LinkKey<T> {
  readonly type: LinkType<T>;
  /** The value where a link names none. */
  usual(scope: Scope): T;
  /** Whether the key means anything; without it, always. */
  applies?(scope: Scope): boolean;
  /** Whether a short link names the key; without it, where the value is not the usual one. */
  written?(selection: Selection, known: Known): boolean;
  /** Whether a full link names the key in any case. */
  readonly full?: boolean;
  /** What its value belongs to: where one of these changes, the value is the usual one again. */
  readonly of?: readonly LinkName[];
  /** What people call it, where that is not the key itself. */
  readonly called?: string;
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
