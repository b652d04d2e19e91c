/**
 * Which renderer is faster on this machine, by drawing: the same points once by each.
 * @import { Renderer, Scene } from './types.js'
 */
import { emptyCloud } from './cloud.js';
import { flatView } from './project.js';

/** As many points as tell a graphics card from a program that stands in for one, and cost little where it does. */
const POINTS = 3000;
const SIDE = 300;
const FRAMES = 2;

/**
 * Milliseconds until a scene is drawn, all of it.
 * @param {Renderer} renderer
 * @param {Scene} scene
 */
function timeFrame(renderer, scene) {
  const start = performance.now();
  renderer.draw(scene);
  renderer.finish();
  return performance.now() - start;
}

/**
 * The faster of two renderers; the other is destroyed.
 * @param {Renderer} first
 * @param {Renderer} second
 */
export function faster(first, second) {
  const scene = makeScene();
  const [time, rival] = [first, second].map((renderer) => {
    renderer.resize(SIDE, SIDE, 1);
    // The first frame compiles shaders and uploads points; of the others the best counts.
    timeFrame(renderer, scene);
    const least = Math.min(...Array.from({ length: FRAMES }, () => timeFrame(renderer, scene)));
    renderer.release(scene.panels[0].cloud);
    return least;
  });
  const [best, rest] = time <= rival ? [first, second] : [second, first];
  rest.destroy();
  return best;
}

/** Points all over a square, as a map has them. @returns {Scene} */
function makeScene() {
  const cloud = emptyCloud(POINTS, true);
  // Steps by the golden ratio and its square fill a square evenly.
  for (let vertex = 0; vertex < POINTS; vertex++) {
    cloud.positions[2 * vertex] = (vertex * 40503) % 65536;
    cloud.positions[2 * vertex + 1] = (vertex * 25033) % 65536;
    cloud.kinds[vertex] = vertex % 2;
  }
  const rect = { x: 0, y: 0, width: SIDE, height: SIDE };
  const view = flatView({ x: 0, y: 0, width: 1, height: 1 });
  return {
    panels: [{ cloud, first: 0, count: POINTS, rect, view, radius: 2.5, alpha: 0.55 }], palette: new Uint8Array(768),
  };
}
