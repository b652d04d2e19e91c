/** The same points drawn by the viewer's own renderers, by regl-scatterplot and by deck.gl, moved a little each time. */
import { Deck, OrthographicView } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import createScatterplot from 'regl-scatterplot';
import { emptyCloud } from '../../../site_templates/src/draw/cloud.js';
import { flatView } from '../../../site_templates/src/draw/project.js';
import { createSplat } from '../../../site_templates/src/draw/splat.js';
import { createWebgl } from '../../../site_templates/src/draw/webgl.js';

const SIDE = 900;
const RADIUS = 2;
const ALPHA = 0.7;
/** Of the picture's side, how far each drawing is from the last. */
const STEP = 0.004;

/** Points of two clouds, in [0, 1], the same for all. @param {number} count */
function pointsOf(count) {
  const points = new Float32Array(2 * count);
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let i = 0; i < points.length; i++) {
    const middle = i % 4 < 2 ? 0.35 : 0.65;
    points[i] = Math.min(Math.max(middle + 0.12 * (random() + random() + random() - 1.5), 0), 1);
  }
  return points;
}

function canvasOf() {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  canvas.style.cssText = `width: ${SIDE}px; height: ${SIDE}px`;
  document.body.replaceChildren(canvas);
  return canvas;
}

/** Waits until a picture is drawn indeed: a pixel of it is read. @param {WebGL2RenderingContext} gl */
function finish(gl) {
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
}

/** Each makes what draws the points with their middle moved by a share of the side. */
const MAKERS = {
  'attnviz, WebGL': (points) => ours(createWebgl({ onLost() {}, onRestored() {} }), points),
  'attnviz, canvas': (points) => ours(createSplat(), points),
  'regl-scatterplot': async (points) => {
    const canvas = canvasOf();
    const scatterplot = createScatterplot({ canvas, width: SIDE, height: SIDE, pointSize: 2 * RADIUS,
      opacity: ALPHA });
    const x = Float32Array.from({ length: points.length / 2 }, (_, i) => 2 * points[2 * i] - 1);
    const y = Float32Array.from({ length: points.length / 2 }, (_, i) => 2 * points[2 * i + 1] - 1);
    await scatterplot.draw({ x, y });
    const context = canvas.getContext('2d');
    return {
      async draw(shift) {
        await new Promise((resolve) => {
          scatterplot.subscribe('draw', resolve, 1);
          scatterplot.set({ cameraTarget: [2 * shift, 0] });
        });
        context.getImageData(0, 0, 1, 1);
      },
      destroy: () => scatterplot.destroy(),
    };
  },
  'deck.gl': async (points) => {
    const canvas = canvasOf();
    const stateOf = (shift) => ({ target: [SIDE / 2 + shift * SIDE, SIDE / 2, 0], zoom: 0 });
    const length = points.length / 2;
    const places = points.map((value) => value * SIDE);
    const deck = await new Promise((resolve, reject) => {
      const made = new Deck({
        canvas, width: SIDE, height: SIDE, useDevicePixels: false, views: new OrthographicView({}),
        viewState: stateOf(0), onError: reject, onLoad: () => resolve(made),
        layers: [new ScatterplotLayer({
          data: { length, attributes: { getPosition: { value: places, size: 2 } } },
          getRadius: RADIUS, radiusUnits: 'pixels', getFillColor: [0, 130, 100, 255 * ALPHA], parameters: { depthTest: false },
        })],
      });
    });
    const { gl } = deck.device;
    return {
      draw(shift) {
        deck.setProps({ viewState: stateOf(shift) });
        deck.redraw('moved');
        finish(gl);
      },
      destroy: () => deck.finalize(),
    };
  },
};

/** The viewer's own drawing of an atlas: so many square panels, each with its share of the points. */
const ATLAS = {
  'attnviz, WebGL': (points, panels) => ours(createWebgl({ onLost() {}, onRestored() {} }), points, panels),
  'attnviz, canvas': (points, panels) => ours(createSplat(), points, panels),
};

function ours(renderer, points, panels = 1) {
  const cloud = emptyCloud(points.length / 2, true);
  points.forEach((value, i) => { cloud.positions[i] = 65535 * value; });
  const palette = new Uint8Array(3 * 256).fill(90);
  document.body.replaceChildren(renderer.canvas);
  renderer.resize(SIDE, SIDE, 1);
  const across = Math.sqrt(panels);
  const side = SIDE / across;
  const count = cloud.count / panels;
  const radius = panels === 1 ? RADIUS : 0.7;
  return {
    draw(shift) {
      const view = flatView({ x: shift, y: 0, width: 1, height: 1 });
      renderer.draw({ palette, panels: Array.from({ length: panels }, (_, i) => ({
        cloud, first: i * count, count, view, radius, alpha: ALPHA,
        rect: { x: (i % across) * side, y: Math.floor(i / across) * side, width: side, height: side },
      })) });
      renderer.finish?.();
    },
    destroy: () => renderer.destroy?.(),
  };
}

/** The share of the picture's pixels that have ink, read in the task in which it was drawn. */
function inked() {
  const canvas = document.querySelector('canvas');
  const copy = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
  copy.drawImage(canvas, 0, 0, SIDE, SIDE);
  const { data } = copy.getImageData(0, 0, SIDE, SIDE);
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 8 && data[i - 1] + data[i - 2] + data[i - 3] < 700) ink++;
  return ink / SIDE ** 2;
}

/**
 * Milliseconds of each drawing, once points are seen; `ink` is the share of pixels that have any. Of several panels the
 * points are divided among them.
 */
globalThis.drawTimes = async (name, count, rounds, panels) => {
  const drawing = await (panels ? ATLAS : MAKERS)[name](pointsOf(count), panels);
  let ink = 0;
  for (let i = 0; i < 100 && ink < 0.1; i++) {
    await drawing.draw(STEP * (i % 20));
    ink = inked();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const since = performance.now();
    await drawing.draw(STEP * (i % 20));
    times.push(performance.now() - since);
  }
  drawing.destroy();
  return { times, ink };
};
