/**
 * Points by WebGL2: one context, one vertex array per cloud, a scissored viewport per panel.
 * The browser turns the stored integers into [0, 1]; no script touches a coordinate.
 * @import { Cloud, Panel, Renderer } from './types.js'
 *
 * @typedef {object} Upload what the graphics card keeps of a cloud
 * @property {WebGLVertexArrayObject} array
 * @property {WebGLBuffer} places
 * @property {WebGLBuffer} paint
 * @property {WebGLBuffer} order
 * @property {Uint8Array} painted the paint that is in the buffer
 * @property {Uint8Array | undefined} sized the sizes that are in it
 */
import { SIZE_UNIT } from './cloud.js';
import { MARKS, makeProgram, PLACE, START } from './points-program.js';
import { depthOrder } from './project.js';

/** What the context is asked for. @type {WebGLContextAttributes} */
const CONTEXT = {
  alpha: true,
  antialias: false,
  depth: false,
  premultipliedAlpha: true,
  preserveDrawingBuffer: true,
};

/** Red, green, blue and opacity of no line around points. */
const NO_RIM = [0, 0, 0, 0];

/**
 * @param {{onLost: () => void, onRestored: () => void}} events
 * @returns {Renderer | undefined} undefined where there is no WebGL2
 */
export function createWebgl({ onLost, onRestored }) {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2', CONTEXT);
  if (!context) return undefined;
  const gl = context;
  let ratio = 1;
  let lost = false;
  let destroyed = false;
  let program = makeProgram(gl);
  /** @type {Map<Cloud, Upload>} */
  let uploads = new Map();

  canvas.addEventListener('webglcontextlost', (event) => {
    lost = true;
    if (destroyed) return;
    // Without this the context would stay lost for good.
    event.preventDefault();
    onLost();
  });
  canvas.addEventListener('webglcontextrestored', () => {
    lost = false;
    uploads = new Map();
    program = makeProgram(gl);
    onRestored();
  });

  /** @param {Cloud} cloud */
  const uploadOf = (cloud) => {
    let buffers = uploads.get(cloud);
    if (!buffers) uploads.set(cloud, buffers = upload(gl, cloud));
    return buffers;
  };
  /** @param {Panel} panel */
  const drawPanel = (panel) => {
    const { cloud, first, count, rect, view, from, radius, alpha, rim } = panel;
    const buffers = uploadOf(cloud);
    const start = from && uploadOf(from.cloud);
    if (buffers.painted !== cloud.paint || buffers.sized !== cloud.sizes) repaint(gl, buffers, cloud);
    // The panel's rectangle in device pixels, from below.
    const [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map((value) => Math.round(value * ratio));
    const bottom = canvas.height - y - height;
    gl.viewport(x, bottom, width, height);
    gl.scissor(x, bottom, width, height);
    gl.uniformMatrix4fv(program.view, true, Float32Array.from(view));
    gl.uniformMatrix4fv(program.before, true, Float32Array.from(from?.view ?? view));
    gl.uniform1f(program.share, from?.share ?? 1);
    gl.uniform1f(program.radius, radius * ratio);
    gl.uniform1f(program.alpha, alpha);
    gl.uniform4fv(program.rim, rim ? [...rim.map((value) => value / 255), 1] : NO_RIM);
    gl.bindVertexArray(buffers.array);
    readPlaces(gl, START, (start ?? buffers).places, from?.cloud ?? cloud);
    // Solid maps from far to near; flat ones in the order of the cloud.
    const order = depthOrder(panel);
    if (order) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STREAM_DRAW);
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
    } else {
      gl.drawArrays(gl.POINTS, first, count);
    }
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
    finish() {
      // What is read must have been drawn.
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    },
    release(cloud) {
      const buffers = uploads.get(cloud);
      if (!buffers || lost) return;
      gl.deleteVertexArray(buffers.array);
      for (const buffer of [buffers.places, buffers.paint, buffers.order]) gl.deleteBuffer(buffer);
      uploads.delete(cloud);
    },
    destroy() {
      destroyed = true;
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

/** @param {WebGL2RenderingContext} gl @param {Cloud} cloud @returns {Upload} */
function upload(gl, cloud) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  const [places, paint, order] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.bufferData(gl.ARRAY_BUFFER, cloud.positions, gl.STATIC_DRAW);
  readPlaces(gl, PLACE, places, cloud);
  gl.bindBuffer(gl.ARRAY_BUFFER, paint);
  gl.enableVertexAttribArray(MARKS);
  gl.vertexAttribPointer(MARKS, 3, gl.UNSIGNED_BYTE, false, 0, 0);
  const buffers = { array, places, paint, order, painted: cloud.paint, sized: cloud.sizes };
  repaint(gl, buffers, cloud);
  return buffers;
}

/**
 * Lets an attribute of the bound array read a cloud's places.
 * @param {WebGL2RenderingContext} gl
 * @param {number} attribute
 * @param {WebGLBuffer} places
 * @param {Cloud} cloud
 */
function readPlaces(gl, attribute, places, { positions, dimensions }) {
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(attribute);
  const type = positions instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.UNSIGNED_SHORT;
  gl.vertexAttribPointer(attribute, dimensions, type, true, 0, 0);
}

/**
 * Writes kinds, slots of the palette and sizes anew.
 * @param {WebGL2RenderingContext} gl
 * @param {Upload} buffers
 * @param {Cloud} cloud
 */
function repaint(gl, buffers, cloud) {
  const marks = new Uint8Array(3 * cloud.count);
  for (let v = 0; v < cloud.count; v++) {
    marks[3 * v] = cloud.kinds[v];
    marks[3 * v + 1] = cloud.paint[v];
    marks[3 * v + 2] = cloud.sizes?.[v] ?? SIZE_UNIT;
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, buffers.paint);
  gl.bufferData(gl.ARRAY_BUFFER, marks, gl.STATIC_DRAW);
  buffers.painted = cloud.paint;
  buffers.sized = cloud.sizes;
}
