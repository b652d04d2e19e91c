/** Pixels are CSS pixels unless said otherwise; y runs down on screens and up in maps. */

export type Rgb = readonly [number, number, number];

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Points of one atlas or one head: queries and keys woven into one order, in [0, 1] after normalising. */
export interface Cloud {
  /** x, y, and z in solid clouds, of each vertex, 0 to the type's largest value. */
  positions: Uint8Array | Uint16Array;
  dimensions: 2 | 3;
  /** 0 query, 1 key. */
  kinds: Uint8Array;
  /** Index into the palette. */
  paint: Uint8Array;
  /** How much larger than usual a dot is, in 64ths of the radius; without it all are of one size. */
  sizes?: Uint8Array;
  /** Index of the vertex among the queries or keys it came from. */
  points: Uint32Array;
  count: number;
}

/** The part of a cloud's unit square that a panel shows; y up. */
export interface Window2 {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Four rows of four: from the unit cube of a cloud to its panel. x and y, divided by the fourth, are −1 … 1 across and
 * up; z, not divided, is 1 near and −1 far, and 1 everywhere on a flat map.
 */
export type View = Float64Array;

/** Where points come from while they move to their places: the same vertices in another cloud. */
export interface Start {
  cloud: Cloud;
  view: View;
  /** Of the way that they have gone, 0 to 1. */
  share: number;
}

export interface Panel {
  cloud: Cloud;
  /** First vertex and number of vertices. */
  first: number;
  count: number;
  rect: Rect;
  view: View;
  from?: Start;
  /** Of a dot next to the eye; a diamond is as large to the eye. */
  radius: number;
  alpha: number;
  /** A line around each point, where points have colours that may be the page's. */
  rim?: Rgb;
}

export interface Scene {
  panels: readonly Panel[];
  /** 256 colours, red, green, blue. */
  palette: Uint8Array;
}

export interface Renderer {
  readonly kind: 'webgl' | 'canvas';
  readonly canvas: HTMLCanvasElement;
  /** Sets the size, in CSS pixels, and the device pixels in each. */
  resize(width: number, height: number, ratio: number): void;
  draw(scene: Scene): void;
  /** Waits until what was drawn is drawn. */
  finish(): void;
  /** Forgets what it keeps of a cloud. */
  release(cloud: Cloud): void;
  destroy(): void;
}

/** The centre and the width of what a flat map shows, in map coordinates. */
export interface Camera {
  x: number;
  y: number;
  /** Map units across the shorter side of the panel. */
  span: number;
}

/** An eye that turns about a point of a solid map, all in map coordinates. */
export interface Orbit {
  x: number;
  y: number;
  z: number;
  /** Map units across the shorter side of the panel, at the depth of the point. */
  span: number;
  /** Radians to the right and down, from the front. */
  yaw: number;
  pitch: number;
}

export interface LabelRequest {
  text: string;
  /** The point it names. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Distance from the point. */
  gap: number;
  /** Whether it stands on its place, not beside a point. */
  centred?: boolean;
}

export interface PlacedLabel<T extends LabelRequest = LabelRequest> {
  label: T;
  /** Left and middle of the text. */
  x: number;
  y: number;
}
