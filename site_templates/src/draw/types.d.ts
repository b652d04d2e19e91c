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
  /** x, y of each vertex, 0 to the type's largest value. */
  positions: Uint8Array | Uint16Array;
  /** 0 query, 1 key. */
  kinds: Uint8Array;
  /** Index into the palette. */
  paint: Uint8Array;
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

export interface Panel {
  cloud: Cloud;
  /** First vertex and number of vertices. */
  first: number;
  count: number;
  rect: Rect;
  window: Window2;
  /** Of a dot; a diamond is as large to the eye. */
  radius: number;
  alpha: number;
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
  /** Forgets what it keeps of a cloud. */
  release(cloud: Cloud): void;
  destroy(): void;
}

/** The centre and the width of what a head's picture shows, in map coordinates. */
export interface Camera {
  x: number;
  y: number;
  /** Map units across the shorter side of the picture. */
  span: number;
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
}

export interface PlacedLabel<T extends LabelRequest = LabelRequest> {
  label: T;
  /** Left and middle of the text. */
  x: number;
  y: number;
}
