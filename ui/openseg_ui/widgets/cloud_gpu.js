// Points on a graphics card, by WebGL 2: one call for all points of a frame, one for its colours.

const EMPTY = 65536; // the object of pixels that show no point

const PLACE = `#version 300 es
precision highp float;
layout(location = 0) in vec3 place;
layout(location = 1) in uint object;
layout(location = 2) in uvec4 colour;
uniform mat4 matrix;
uniform float size, top;
uniform uint walls;
uniform bool rest;
flat out uvec2 point;
void main() {
  gl_Position = matrix * vec4(place, 1.0);
  bool away = !rest || (colour.a & walls) != 0u || place.z > top;
  if (object == ${NONE}u && away) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  float side = size * exp2(float((colour.r & 1u) | (colour.g & 1u) << 1 | (colour.b & 1u) << 2) * 0.5);
  gl_PointSize = clamp(side / gl_Position.w, 1.0, ${WIDEST.toFixed(1)});
  point = uvec2(object, colour.r | (colour.g << 8) | (colour.b << 16));
}`;

const KEEP = `#version 300 es
precision highp float;
flat in uvec2 point;
out uvec2 found;
void main() { found = point; }`;

const WHOLE = `#version 300 es
out vec2 at;
void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}`;

// Edges are shaded by how far a pixel lies behind its neighbours (eye-dome lighting).
const SHOW = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D points;
uniform sampler2D depths, palette;
uniform vec3 paper;
uniform vec2 planes; // near, far
uniform int focus, reach;
uniform bool plain; // all points in their own colours
in vec2 at;
out vec4 shown;
float away(ivec2 pixel) {
  float depth = texelFetch(depths, pixel, 0).r;
  return planes.x * planes.y / (planes.y - depth * (planes.y - planes.x));
}
void main() {
  ivec2 size = textureSize(points, 0);
  ivec2 pixel = ivec2(at * vec2(size));
  uvec2 point = texelFetch(points, pixel, 0).rg;
  int object = int(point.r);
  bool there = point.r != ${EMPTY}u;
  float mine = away(pixel), dark = 0.0;
  bool edge = false;
  for (int i = 0; i < 4; i++) {
    ivec2 by = ivec2(i < 2 ? 1 - 2 * i : 0, i < 2 ? 0 : 5 - 2 * i) * reach;
    ivec2 other = clamp(pixel + by, ivec2(0), size - 1);
    uint neighbour = texelFetch(points, other, 0).r;
    edge = edge || (focus >= 0 && int(neighbour) == focus);
    if (neighbour != ${EMPTY}u) dark += clamp((mine - away(other)) / mine, 0.0, 0.2);
  }
  vec3 colour = paper;
  if (edge && object != focus) colour = dot(paper, vec3(1.0)) > 1.5 ? vec3(0.06) : vec3(1.0);
  else if (there) {
    vec3 own = vec3(point.g & 255u, (point.g >> 8) & 255u, point.g >> 16) / 255.0;
    float light = dot(own, vec3(0.3, 0.59, 0.11));
    vec4 given = object == ${NONE} ? vec4(0.0) : texelFetch(palette, ivec2(object & 255, object >> 8), 0);
    if (plain) colour = own;
    else if (given.a > 0.5) colour = given.rgb * (${LIT[0]} + ${LIT[1]} * light);
    else colour = mix(vec3(light), paper, ${PALE});
    if (focus >= 0 && object != focus) colour = mix(colour, paper, ${ASIDE});
    colour *= exp(-${DARK} * dark);
  }
  shown = vec4(colour, 1.0);
}`;

class GpuPoints extends Points {
  constructor(canvas, changed) {
    super(canvas);
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: false, depth: false });
    canvas.addEventListener("webglcontextlost", (event) => { event.preventDefault(); this.lost = true; });
    canvas.addEventListener("webglcontextrestored", () => { this.lost = false; this.build(); changed(); });
    this.build();
  }

  begin(cloud) {
    super.begin(cloud);
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, Math.max(this.count, 1) * BYTES, gl.STATIC_DRAW);
  }

  extend(bytes) {
    const from = this.loaded * BYTES;
    super.extend(bytes);
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, from, this.bytes, from, this.loaded * BYTES - from);
  }

  claim(object, rows) {
    super.claim(object, rows);
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.bytes);
  }

  paint(colours) {
    super.paint(colours);
    const { gl } = this;
    const rows = Math.max(1, Math.ceil(colours.length / 1024));
    const whole = new Uint8Array(rows * 1024);
    whole.set(colours);
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.palette);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, whole);
  }

  sent() {
    const { gl } = this;
    this.pending = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  busy() {
    const { gl } = this;
    if (this.lost) return false;
    if (!this.pending) return false;
    if (gl.getSyncParameter(this.pending, gl.SYNC_STATUS) !== gl.SIGNALED) return true;
    gl.deleteSync(this.pending);
    this.pending = null;
    this.adapt(performance.now() - this.began);
    return false;
  }

  scatter(target, camera, from, to, spacing) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, target.width, target.height);
    gl.enable(gl.DEPTH_TEST);
    if (!from) {
      gl.clearBufferuiv(gl.COLOR, 0, [EMPTY, 0, 0, 0]);
      gl.clearBufferfv(gl.DEPTH, 0, [1]);
    }
    gl.useProgram(this.placing);
    gl.bindVertexArray(this.layout);
    const set = (name) => gl.getUniformLocation(this.placing, name);
    const matrix = camera.matrix(target.width / target.height, ...this.planes(camera));
    gl.uniformMatrix4fv(set("matrix"), false, this.stored(matrix));
    gl.uniform1f(set("size"), spacing * camera.focal(target.height));
    gl.uniform1f(set("top"), (this.look.top - this.origin[2]) / this.unit);
    gl.uniform1ui(set("walls"), this.look.walls);
    gl.uniform1i(set("rest"), this.look.rest);
    gl.drawArrays(gl.POINTS, from, to - from);
  }

  show(camera) {
    const { gl, front } = this;
    this.fit(front.width, front.height);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, front.width, front.height);
    gl.disable(gl.DEPTH_TEST);
    gl.useProgram(this.showing);
    gl.bindVertexArray(this.nothing);
    [front.points, front.depths, this.palette].forEach((texture, i) => {
      gl.activeTexture(gl.TEXTURE0 + i);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    const set = (name) => gl.getUniformLocation(this.showing, name);
    gl.uniform1i(set("points"), 0);
    gl.uniform1i(set("depths"), 1);
    gl.uniform1i(set("palette"), 2);
    gl.uniform3fv(set("paper"), this.look.paper);
    gl.uniform2fv(set("planes"), this.planes(camera));
    gl.uniform1i(set("focus"), this.look.focus);
    gl.uniform1i(set("reach"), Math.max(1, Math.round(front.width / this.canvas.clientWidth)));
    gl.uniform1i(set("plain"), this.look.plain);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  // The object at x and y, parts of the canvas from its top left; -1 for none.
  at(x, y, near) {
    const { gl, front } = this;
    if (!front || this.lost) return -1;
    const side = 2 * near + 1;
    const found = new Uint32Array(side * side * 4).fill(EMPTY); // outside nothing is read
    const [left, low] = [Math.round(x * front.width) - near, Math.round((1 - y) * front.height) - near];
    gl.bindFramebuffer(gl.FRAMEBUFFER, front.frame);
    gl.readPixels(left, low, side, side, gl.RGBA_INTEGER, gl.UNSIGNED_INT, found);
    const objects = Array.from({ length: side * side }, (_, i) => (found[4 * i] === EMPTY ? -1 : found[4 * i]));
    return Points.nearest(objects, side);
  }

  build() {
    const { gl } = this;
    this.placing = this.program(PLACE, KEEP);
    this.showing = this.program(WHOLE, SHOW);
    this.buffer = gl.createBuffer();
    this.nothing = gl.createVertexArray();
    this.layout = gl.createVertexArray();
    gl.bindVertexArray(this.layout);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    for (const place of [0, 1, 2]) gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(0, 3, gl.UNSIGNED_SHORT, false, BYTES, 0);
    gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_SHORT, BYTES, 6);
    gl.vertexAttribIPointer(2, 4, gl.UNSIGNED_BYTE, BYTES, 8);
    this.palette = this.texture();
    this.near = { frame: gl.createFramebuffer() };
    this.fine = { frame: gl.createFramebuffer() };
    this.front = this.pending = null;
    this.stale = true;
    if (this.bytes) gl.bufferData(gl.ARRAY_BUFFER, this.bytes, gl.STATIC_DRAW); // after a loss
    this.paint(this.colours ?? new Uint8Array(0));
  }

  size(target, width, height) {
    const { gl } = this;
    if (target.width === width && target.height === height) return;
    for (const one of [target.points, target.depths]) if (one) gl.deleteTexture(one);
    target.points = this.texture();
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RG32UI, width, height);
    target.depths = this.texture();
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.DEPTH_COMPONENT24, width, height);
    Object.assign(target, { width, height });
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target.points, 0);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, target.depths, 0);
  }

  texture() {
    const { gl } = this;
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE3);
    gl.bindTexture(gl.TEXTURE_2D, made);
    for (const name of ["MIN_FILTER", "MAG_FILTER"]) gl.texParameteri(gl.TEXTURE_2D, gl[`TEXTURE_${name}`], gl.NEAREST);
    return made;
  }

  program(...sources) {
    const { gl } = this;
    const made = gl.createProgram();
    sources.forEach((source, i) => {
      const shader = gl.createShader(i ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    });
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(made));
    return made;
  }
}
