import type { Report } from '../data/report.js';
import type { Head } from '../data/types.js';
import type { Heat } from '../draw/heat.js';
import type { Stage } from '../draw/stage.js';
import type { Rect, Rgb } from '../draw/types.js';
import type { Row } from '../state/layout.js';
import type { Selection, State } from '../state/types.js';
import type { Search } from './search/search.js';
import type { Exhibit } from './figure/types.js';
import type { Tooltip } from './tooltip.js';

/** The page's colours in the present theme, as numbers for canvases. */
export interface Colors {
  page: Rgb;
  panel: Rgb;
  ink: Rgb;
  quiet: Rgb;
  query: Rgb;
  key: Rgb;
  accent: Rgb;
  caution: Rgb;
  heat: Heat;
}

export interface Theme {
  mode(): 'auto' | 'light' | 'dark';
  /** The next of auto, light, dark. */
  cycle(): void;
  colors(): Colors;
  /** Does some work, which must not wait, while the page has the colours of paper: figures do, in either theme. */
  onPaper<T>(work: () => T): T;
  /** Calls back when the colours change. */
  subscribe(listener: () => void): void;
}

/** What every view is given. */
export interface Context {
  report: Report;
  state: State;
  stage: Stage;
  theme: Theme;
  tooltip: Tooltip;
  search: Search;
  /** The cell that a head was just opened from, in the window's pixels. */
  origin?: { head: string; box: Rect };
  /** The views that show the same thing as one in other ways, that view first. */
  ways(view: string): readonly Way[];
  /** Heads of a model in rows of layers. */
  rows(model: string): Row[];
  /** Sets the hint in the status line. */
  hint(text: string): void;
  /** Tells a screen reader. */
  announce(text: string): void;
  /** Shows a sentence until it is dismissed. */
  notify(text: string, action?: { label: string; run: () => void }): void;
}

export interface Way {
  readonly view: string;
  readonly title: string;
  /** What else of the selection its link sets. */
  readonly patch?: Partial<Selection>;
}

export interface View {
  readonly element: HTMLElement;
  /** Draws the selection; resolves when it is drawn, rejects with what went wrong. */
  show(selection: Selection): Promise<void>;
  /** Called when another view takes over. */
  hide(): void;
  /** Draws again: the theme or the size has changed. */
  redraw(): void;
  /** Keys that no control took; true if used. */
  key(event: KeyboardEvent): boolean;
  /** Loads what `exhibit` needs, where that is not there yet. */
  prepareExhibit?(): Promise<void>;
  /** What is shown, as a figure and a table; undefined where nothing is. It is asked for once the view is drawn. */
  exhibit?(): Exhibit | undefined;
}

/** What the shell knows of a view before it is made: the default export of its folder's index.js. */
export interface ViewDefinition {
  /** The value of a link's `view`, and of the page's `data-view`. */
  readonly name: string;
  /** On its tab. */
  readonly title: string;
  /**
   * Where a thing can be seen in several ways, the view whose tab all of them share, that view itself included, and the
   * way's name on the switch among them.
   */
  readonly way?: { readonly of: string; readonly title: string };
  /** The same of another view, in whose switch it stands too, without sharing its tab. */
  readonly alsoWay?: { readonly of: string; readonly title: string; readonly patch?: Partial<Selection> };
  /** What the page's title says before the report's own; the view's title where there is none. */
  pageTitle?(selection: Selection): string;
  readonly help: {
    /** What its number key opens, in a list of such. */
    readonly opens: string;
    /** Words of the view, and what they mean. */
    readonly words: readonly (readonly [word: string, meaning: string])[];
    /** Its keys, several with a blank between, and what they do. */
    readonly keys: readonly (readonly [keys: string, meaning: string])[];
  };
  /**
   * What the inspector says of the document and the token: all of it, once a document is chosen; or facts alone, where
   * the view itself shows the text and the shares. Nothing where there is none.
   */
  readonly documentCard?: 'full' | 'facts';
  /** Makes the view when it is first opened. What it `import()`s is a script of its own, loaded then. */
  create(context: Context): View | Promise<View>;
}

export type { Head };
