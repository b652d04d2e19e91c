/**
 * Points by WebGL2: one context, one vertex array a cloud, a scissored viewport a panel.
 * The browser turns the stored integers into [0, 1]; no script touches a coordinate.
 * @import { Cloud, Panel, Renderer } from './types.js'
 * @typedef {{array: WebGLVertexArrayObject, buffers: WebGLBuffer[], places: WebGLBuffer, paint: WebGLBuffer, order: WebGLBuffer, painted: Uint8Array}} Stored
 */
import { MARKS, makeProgram, PLACE, START } from './points-program.js';
import { depthOrder } from './project.js';

/** @type {[number, number, number]} */
const NO_RIM = [0, 0, 0];

/**
 * @param {{onLost: () => void, onRestored: () => void}} events
 * @returns {Renderer | undefined} undefined where there is no WebGL2
 */
export function createWebgl({ onLost, onRestored }) {
  const canvas = document.createElement('canvas');
  const found = canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false, premultipliedAlpha: true, preserveDrawingBuffer: true });
  if (!found) return undefined;
  const gl = found;
  let ratio = 1;
  let lost = false;
  let program = makeProgram(gl);
  /** @type {Map<Cloud, Stored>} */
  let stored = new Map();

  canvas.addEventListener('webglcontextlost', (event) => {
    // Without this the context would stay lost for good.
    event.preventDefault();
    lost = true;
    onLost();
  });
  canvas.addEventListener('webglcontextrestored', () => {
    lost = false;
    stored = new Map();
    program = makeProgram(gl);
    onRestored();
  });

  /** @param {Cloud} cloud */
  const hold = (cloud) => {
    let held = stored.get(cloud);
    if (!held) stored.set(cloud, held = upload(gl, cloud));
    return held;
  };
  /** @param {Panel} panel */
  const drawPanel = (panel) => {
    const { cloud, first, count, rect, view, from, radius, alpha, rim } = panel;
    const held = hold(cloud);
    const start = from && hold(from.cloud);
    if (held.painted !== cloud.paint) repaint(gl, held, cloud);
    const [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map((value) => Math.round(value * ratio));
    const bottom = canvas.height - y - height;
    gl.viewport(x, bottom, width, height);
    gl.scissor(x, bottom, width, height);
    gl.uniformMatrix4fv(program.view, true, Float32Array.from(view));
    gl.uniformMatrix4fv(program.before, true, Float32Array.from(from?.view ?? view));
    gl.uniform1f(program.share, from?.share ?? 1);
    gl.uniform1f(program.radius, radius * ratio);
    gl.uniform1f(program.alpha, alpha);
    gl.uniform4f(program.rim, ...(rim ? /** @type {[number, number, number]} */ (rim.map((value) => value / 255)) : NO_RIM), rim ? 1 : 0);
    gl.bindVertexArray(held.array);
    pointAt(gl, START, (start ?? held).places, from?.cloud ?? cloud);
    const order = depthOrder(panel);
    if (!order) return gl.drawArrays(gl.POINTS, first, count);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, held.order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STREAM_DRAW);
    gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
  };

  return {
    kind: 'webgl',
    canvas,
    resize(width, height, pixels) {
      const limit = /** @type {number} */ (gl.getParameter(gl.MAX_RENDERBUFFER_SIZE)) || 4096;
      ratio = Math.min(pixels, limit / Math.max(width, height, 1));
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    },
    draw({ panels, palette }) {
      if (lost) return;
      gl.disable(gl.SCISSOR_TEST);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.enable(gl.SCISSOR_TEST);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.useProgram(program.handle);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, palette);
      panels.forEach(drawPanel);
    },
    release(cloud) {
      const held = stored.get(cloud);
      if (!held || lost) return;
      gl.deleteVertexArray(held.array);
      held.buffers.forEach((buffer) => gl.deleteBuffer(buffer));
      stored.delete(cloud);
    },
    destroy() {
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

/** @param {WebGL2RenderingContext} gl @param {Cloud} cloud @returns {Stored} */
function upload(gl, cloud) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  const [places, paint, order] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.bufferData(gl.ARRAY_BUFFER, cloud.positions, gl.STATIC_DRAW);
  pointAt(gl, PLACE, places, cloud);
  gl.bindBuffer(gl.ARRAY_BUFFER, paint);
  gl.enableVertexAttribArray(MARKS);
  gl.vertexAttribPointer(MARKS, 2, gl.UNSIGNED_BYTE, false, 0, 0);
  const held = { array, buffers: [places, paint, order], places, paint, order, painted: cloud.paint };
  repaint(gl, held, cloud);
  return held;
}

/** Lets an attribute of the bound array read a cloud's places. @param {WebGL2RenderingContext} gl @param {number} attribute @param {WebGLBuffer} places @param {Cloud} cloud */
function pointAt(gl, attribute, places, { positions, dimensions }) {
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(attribute);
  gl.vertexAttribPointer(attribute, dimensions, positions instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.UNSIGNED_SHORT, true, 0, 0);
}

/** @param {WebGL2RenderingContext} gl @param {Stored} held @param {Cloud} cloud */
function repaint(gl, held, cloud) {
  const marks = new Uint8Array(2 * cloud.count);
  for (let v = 0; v < cloud.count; v++) {
    marks[2 * v] = cloud.kinds[v];
    marks[2 * v + 1] = cloud.paint[v];
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, held.paint);
  gl.bufferData(gl.ARRAY_BUFFER, marks, gl.STATIC_DRAW);
  held.painted = cloud.paint;
}

/** Whether WebGL here is software, which draws points many times slower than a canvas. */
export function softwareOnly() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return true;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}
