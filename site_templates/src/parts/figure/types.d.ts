import type { Rect } from '../../draw/types.js';
import type { Head } from '../types.js';

/** How a mark is painted: colours as CSS has them, lengths in CSS pixels. */
export interface Paint {
  fill?: string;
  stroke?: string;
  strokeWidth?: number;
  /** 0 to 1. */
  opacity?: number;
}

export interface Box extends Rect, Paint {
  type: 'rect';
  /** Of its corners. */
  radius?: number;
  /** Colours from left to right, evenly spaced, in place of `fill`. */
  ramp?: readonly string[];
}

export interface Path extends Paint {
  type: 'path';
  /** As SVG has it. */
  d: string;
  round?: boolean;
  /** Lengths of dashes and gaps, as SVG has them. */
  dash?: string;
}

/** A query's or a key's mark. */
export interface Point extends Paint {
  type: 'dot' | 'diamond';
  x: number;
  y: number;
  radius: number;
}

export interface Text {
  type: 'text';
  text: string;
  /** On the baseline, at the text's start, middle or end. */
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  /** Of the font, in CSS pixels. */
  size: number;
  weight: number;
  mono?: boolean;
  fill: string;
  opacity?: number;
  /** Degrees to the right. */
  angle?: number;
  /** A colour that the text stands out from what is below with. */
  halo?: string;
}

export interface Image extends Rect {
  type: 'image';
  /** A PNG as a data: address. */
  href: string;
  opacity?: number;
}

/** Marks that are moved, or cut off at a rectangle in their own pixels. */
export interface Group {
  type: 'group';
  x?: number;
  y?: number;
  clip?: Rect;
  marks: readonly Mark[];
}

/** What a picture is made of; later ones lie above. */
export type Mark = Box | Path | Point | Text | Image | Group;

/** A picture as marks and texts, in CSS pixels from its top left corner. */
export interface Figure {
  width: number;
  height: number;
  marks: readonly Mark[];
}

/** The numbers of what is shown. */
export interface Table {
  columns: readonly string[];
  /** How many rows there are. */
  count: number;
  rows(): Iterable<TableRow> | AsyncIterable<TableRow>;
}

/** Numbers with all their digits; null is an empty cell. */
export type TableRow = readonly (string | number | null)[];

/** What a view shows, for whoever takes it away. */
export interface Exhibit {
  /** Whose attention, maps or statistics it shows. */
  heads: readonly Head[];
  /** Its document, where it shows one. */
  document?: number;
  /** What is seen, in sentences. */
  words: string;
  /** The picture in the theme's present colours: within `Theme.onPaper`, those of paper. */
  figure(): Figure;
  /** Absent where there are more numbers than a file should have. */
  table?(): Table;
  /** Why there is no table, and what to do instead. */
  noTable?: string;
}
