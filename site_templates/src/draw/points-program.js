/**
 * The shaders that draw points: dots and diamonds, on their way or at their places, shaded by depth. project.js places
 * points in the same way.
 */
import { SIZE_UNIT } from './cloud.js';
import { FAR_ALPHA, FAR_SIZE, LEAST_W, RIM } from './project.js';

/** Attributes: where a point is, its kind, colour and size, where it set out from. */
export const PLACE = 0;
export const MARKS = 1;
export const START = 2;

const VERTEX = `#version 300 es
in vec3 place;
in vec3 marks;
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
  vec4 clip = from * vec4(at, 1.0);
  return clip.w < ${LEAST_W} ? vec3(9.0) : vec3(clip.xy / clip.w, clip.z);
}
void main() {
  vec3 at = sight(view, place);
  if (share < 1.0) at = mix(sight(before, start), at, share);
  near = clamp(at.z * 0.5 + 0.5, 0.0, 1.0);
  size = radius * mix(${FAR_SIZE}, 1.0, near) * marks.z / ${SIZE_UNIT}.0;
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
 * Compiles the shaders, and makes the texture that the palette goes into.
 * @param {WebGL2RenderingContext} gl
 */
export function makeProgram(gl) {
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
