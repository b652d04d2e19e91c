/**
 * Points by WebGL2: one context, one vertex array a cloud, a scissored viewport a panel.
 * The browser turns the stored integers into [0, 1]; no script touches a coordinate.
 * @import { Cloud, Panel, Renderer } from './types.js'
 * @typedef {{array: WebGLVertexArrayObject, buffers: WebGLBuffer[], places: WebGLBuffer, paint: WebGLBuffer, order: WebGLBuffer, painted: Uint8Array}} Stored
 */
import { depthOrder, FAR_ALPHA, FAR_SIZE, LEAST_W, RIM } from './project.js';

const PLACE = 0;
const MARKS = 1;
const START = 2;
/** @type {[number, number, number]} */
const NO_RIM = [0, 0, 0];

const VERTEX = `#version 300 es
in vec3 place;
in vec2 marks;
in vec3 start;
uniform mat4 view;
uniform mat4 before;
uniform float share;
uniform float radius;
uniform sampler2D palette;
flat out vec3 color;
flat out float kind;
flat out float size;
flat out float near;
vec3 sight(mat4 from, vec3 at) {
  vec4 seen = from * vec4(at, 1.0);
  return seen.w < ${LEAST_W} ? vec3(9.0) : vec3(seen.xy / seen.w, seen.z);
}
void main() {
  vec3 at = sight(view, place);
  if (share < 1.0) at = mix(sight(before, start), at, share);
  near = clamp(at.z * 0.5 + 0.5, 0.0, 1.0);
  size = radius * mix(${FAR_SIZE}, 1.0, near);
  gl_Position = vec4(at.xy, 0.0, 1.0);
  gl_PointSize = 2.0 * (size * 1.3 + 1.0);
  kind = marks.x;
  color = texelFetch(palette, ivec2(int(marks.y + 0.5), 0), 0).rgb;
}`;

// Dot and diamond, with an edge of one pixel so that they do not crawl.
const FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 color;
flat in float kind;
flat in float size;
flat in float near;
uniform float alpha;
uniform vec4 rim;
out vec4 pixel;
void main() {
  vec2 at = (gl_PointCoord * 2.0 - 1.0) * (size * 1.3 + 1.0);
  float away = kind < 0.5 ? length(at) - size : (abs(at.x) + abs(at.y) - size * 1.3) * 0.7071;
  float cover = clamp(0.5 - away, 0.0, 1.0) * alpha * mix(${FAR_ALPHA}, 1.0, near);
  vec3 ink = mix(color, rim.rgb, clamp(away + ${RIM}.5, 0.0, 1.0) * rim.a);
  pixel = vec4(ink * cover, cover);
}`;

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

/** @param {WebGL2RenderingContext} gl */
function makeProgram(gl) {
  const handle = gl.createProgram();
  for (const [type, source] of /** @type {const} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(type));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
  }
  gl.bindAttribLocation(handle, PLACE, 'place');
  gl.bindAttribLocation(handle, MARKS, 'marks');
  gl.bindAttribLocation(handle, START, 'start');
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The point shaders do not link: ${gl.getProgramInfoLog(handle)}`);
  }
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  return {
    handle,
    view: gl.getUniformLocation(handle, 'view'),
    before: gl.getUniformLocation(handle, 'before'),
    share: gl.getUniformLocation(handle, 'share'),
    radius: gl.getUniformLocation(handle, 'radius'),
    alpha: gl.getUniformLocation(handle, 'alpha'),
    rim: gl.getUniformLocation(handle, 'rim'),
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
