// Draws points in two steps: which point is seen in each pixel, then what colour that is.
// New colours, a hovered or chosen object cost the second step only, however many points there are.
// Points lie in random order, so that the first so many of them are the scene in less detail.

const BYTES = 12; // x, y, z, object: 16 bits; red, green, blue, near walls: 8 bits
const NONE = 65535; // the object of points that are of none
const EMPTY = 65536; // pixels that show no point
const FIRST = 60000, LEAST = 20000; // points of a frame while moving: to begin with, and at least
const FRAME = 55; // milliseconds that a frame may take while moving
const WIDEST = 14; // pixels

const PLACE = `#version 300 es
precision highp float;
layout(location = 0) in vec3 place;
layout(location = 1) in uint object;
layout(location = 2) in uvec4 colour;
uniform mat4 matrix;
uniform float size, widest, top;
uniform uint walls;
uniform bool rest;
flat out uvec2 point;
void main() {
  gl_Position = matrix * vec4(place, 1.0);
  bool away = !rest || (colour.a & walls) != 0u || place.z > top;
  if (object == ${NONE}u && away) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = clamp(size / gl_Position.w, 1.0, widest);
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
uniform bool lit;
in vec2 at;
out vec4 shown;
float away(ivec2 pixel) {
  float depth = texelFetch(depths, pixel, 0).r;
  return log2(planes.y / (planes.y - depth * (planes.y - planes.x)));
}
void main() {
  ivec2 size = textureSize(points, 0);
  ivec2 pixel = ivec2(at * vec2(size));
  uvec2 point = texelFetch(points, pixel, 0).rg;
  vec3 colour = paper;
  if (point.r != ${EMPTY}u) {
    vec3 own = vec3(point.g & 255u, (point.g >> 8) & 255u, point.g >> 16) / 255.0;
    float light = dot(own, vec3(0.299, 0.587, 0.114));
    int object = int(point.r);
    vec4 given = object == ${NONE} ? vec4(0.0) : texelFetch(palette, ivec2(object & 255, object >> 8), 0);
    if (plain) colour = own;
    else if (given.a > 0.5) colour = given.rgb * (0.82 + 0.18 * light);
    else colour = mix(vec3(light), paper, 0.45);
    if (focus >= 0 && object != focus) colour = mix(colour, paper, 0.6);
  }
  if (lit) {
    float mine = point.r == ${EMPTY}u ? log2(planes.y / planes.x) : away(pixel), dark = 0.0;
    bool edge = false;
    for (int i = 0; i < 4; i++) {
      ivec2 by = ivec2(i < 2 ? 1 - 2 * i : 0, i < 2 ? 0 : 5 - 2 * i) * reach;
      ivec2 other = clamp(pixel + by, ivec2(0), size - 1);
      uint object = texelFetch(points, other, 0).r;
      edge = edge || (int(object) == focus);
      if (object != ${EMPTY}u) dark += clamp(mine - away(other), 0.0, 0.25);
    }
    if (point.r != ${EMPTY}u) colour *= exp(-2.2 * dark);
    if (edge && focus >= 0 && int(point.r) != focus)
      colour = dot(paper, vec3(1.0)) > 1.5 ? vec3(0.05) : vec3(1.0);
  }
  shown = vec4(colour, 1.0);
}`;

class Points {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: false, depth: false });
    if (!this.gl) throw new Error("no WebGL 2");
    this.parts = [];
    this.budget = FIRST;
    this.coarse = 1;
    this.look = { rest: true, walls: 0, top: 1e9, plain: false, focus: -1, paper: [1, 1, 1] };
    canvas.addEventListener("webglcontextlost", (event) => { event.preventDefault(); this.lost = true; });
    canvas.addEventListener("webglcontextrestored", () => { this.lost = false; this.build(); this.changed(); });
    this.build();
  }

  // ---- what is drawn

  // A new cloud; `count` points will come. `unit` and `origin`: from stored numbers to metres.
  begin({ count, unit, origin, spacing, span }) {
    Object.assign(this, { count, unit, origin, spacing, span, parts: [], loaded: 0 });
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, Math.max(count, 1) * BYTES, gl.STATIC_DRAW);
    this.stale = true;
  }

  // The next points.
  extend(bytes) {
    this.parts.push(bytes);
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffer);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, this.loaded * BYTES, bytes);
    this.loaded += bytes.byteLength / BYTES;
    this.stale = true;
  }

  // red, green, blue and whether it is used, 8 bits each, of each object
  paint(colours) {
    const { gl } = this;
    this.colours = colours;
    const rows = Math.max(1, Math.ceil(colours.length / 4 / 256));
    const whole = new Uint8Array(rows * 1024);
    whole.set(colours);
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.palette);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, whole);
  }

  // ---- frames

  // While moving: one call for as many points as fit into a frame. At rest: all, in slices, shown
  // when they are complete, so that a slow machine answers at once when the user goes on.
  // Gives whether there is more to do.
  frame(camera, width, height, moving) {
    const { gl } = this;
    if (this.lost) return false;
    if (this.pending && !this.done()) return true; // one frame at a time: nothing queues up
    const view = `${camera.eye}|${camera.axes}|${camera.fov}|${width}|${height}|${this.look.rest}|${this.look.walls}|${this.look.top}`;
    if (view !== this.view || this.stale) { this.drawn = 0; this.view = view; this.stale = false; this.coarsely = true; }
    const all = this.loaded ?? 0;
    let measured = 0;
    if (moving || (this.coarsely && all > this.budget)) {
      measured = Math.min(this.budget, all);
      this.size(this.near, Math.ceil(width * this.coarse), Math.ceil(height * this.coarse));
      this.scatter(this.near, camera, 0, measured);
      this.front = this.near;
      this.coarsely = false;
      this.drawn = 0;
    } else if (this.drawn < all || !this.drawn) {
      this.size(this.fine, width, height);
      const until = Math.min(all, this.drawn + 2 * this.budget);
      this.scatter(this.fine, camera, this.drawn, until);
      this.drawn = until;
      if (until === all) this.front = this.fine;
    }
    this.show(camera, moving ? "moving" : "rest");
    this.began = performance.now();
    this.measured = measured;
    this.pending = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    return !moving && this.drawn < all;
  }

  // Whether the last frame is there; what it took sets how many points the next one has.
  done() {
    const { gl } = this;
    const state = gl.getSyncParameter(this.pending, gl.SYNC_STATUS);
    if (state !== gl.SIGNALED) return false;
    gl.deleteSync(this.pending);
    this.pending = null;
    const took = performance.now() - this.began;
    this.took = took;
    if (this.measured) {
      const factor = clamp(FRAME / Math.max(took, 1), 0.6, 1.3);
      if (factor < 1 || this.measured >= this.budget) this.budget = Math.max(LEAST, this.budget * factor);
      if (this.budget === LEAST && took > 1.6 * FRAME) this.coarse = Math.max(0.4, this.coarse * 0.8);
      else if (took < 0.5 * FRAME && this.budget > 4 * LEAST) this.coarse = Math.min(1, this.coarse * 1.1);
      this.budget = Math.round(this.budget);
    }
    return true;
  }

  scatter(target, camera, from, to) {
    const { gl } = this;
    const aspect = target.width / target.height;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, 0, target.width, target.height);
    if (!from) {
      gl.clearBufferuiv(gl.COLOR, 0, [EMPTY, 0, 0, 0]);
      gl.clearBufferfv(gl.DEPTH, 0, [1]);
    }
    if (to === from) return;
    gl.useProgram(this.placing);
    gl.enable(gl.DEPTH_TEST);
    gl.bindVertexArray(this.layout);
    const set = this.uniforms(this.placing);
    gl.uniformMatrix4fv(set("matrix"), false, this.stored(camera.matrix(aspect, ...this.planes(camera))));
    // Fewer points have more room between them.
    const spacing = this.spacing * Math.sqrt(this.count / (target === this.near ? to : this.count));
    gl.uniform1f(set("size"), spacing * camera.focal(target.height));
    gl.uniform1f(set("widest"), WIDEST);
    gl.uniform1f(set("top"), (this.look.top - this.origin[2]) / this.unit);
    gl.uniform1ui(set("walls"), this.look.walls);
    gl.uniform1i(set("rest"), this.look.rest);
    gl.drawArrays(gl.POINTS, from, to - from);
  }

  show(camera, how) {
    const { gl, front } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.disable(gl.DEPTH_TEST);
    gl.useProgram(this.showing);
    gl.bindVertexArray(this.nothing);
    [front.points, front.depths, this.palette].forEach((texture, i) => {
      gl.activeTexture(gl.TEXTURE0 + i);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    const set = this.uniforms(this.showing);
    gl.uniform1i(set("points"), 0);
    gl.uniform1i(set("depths"), 1);
    gl.uniform1i(set("palette"), 2);
    gl.uniform3fv(set("paper"), this.look.paper);
    gl.uniform2fv(set("planes"), this.planes(camera));
    gl.uniform1i(set("focus"), this.look.focus);
    gl.uniform1i(set("reach"), Math.max(1, Math.round((window.devicePixelRatio || 1) * (front.width / this.canvas.width))));
    gl.uniform1i(set("plain"), this.look.plain);
    gl.uniform1i(set("lit"), how === "rest" || this.budget > 4 * LEAST || this.look.focus >= 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  // The object that is seen at x, y in pixels of the canvas or near there; -1 for none of them.
  at(x, y, near = 3) {
    const { gl, front } = this;
    if (!front || this.lost) return -1;
    const scale = front.width / this.canvas.width;
    const side = 2 * near + 1;
    const found = new Uint32Array(side * side * 4);
    const [left, low] = [Math.round(x * scale) - near, Math.round(front.height - 1 - y * scale) - near];
    gl.bindFramebuffer(gl.FRAMEBUFFER, front.frame);
    gl.readPixels(left, low, side, side, gl.RGBA_INTEGER, gl.UNSIGNED_INT, found);
    let best = [Infinity, -1];
    for (let i = 0; i < side * side; i++) {
      const object = found[4 * i];
      const away = Math.hypot((i % side) - near, Math.floor(i / side) - near);
      if (object < EMPTY && away < best[0] && (found[4 * i + 1] || object || away < 1)) best = [away, object];
    }
    return best[1] === NONE ? -1 : best[1];
  }

  // ---- helpers

  planes(camera) {
    const far = length(minus(camera.eye, this.span.middle)) + this.span.radius * 1.2;
    return [Math.max(far / 4000, 0.02), far];
  }

  // From the numbers as they are stored: scaled and moved first.
  stored(m) {
    const [s, o] = [this.unit, this.origin];
    const moved = [0, 1, 2, 3].map((row) => m[row] * o[0] + m[4 + row] * o[1] + m[8 + row] * o[2] + m[12 + row]);
    return [...m.slice(0, 12).map((v) => v * s), ...moved];
  }

  build() {
    const { gl } = this;
    this.placing = this.program(PLACE, KEEP);
    this.showing = this.program(WHOLE, SHOW);
    this.names = new Map();
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
    this.front = this.near;
    this.pending = null;
    this.view = "";
    const parts = this.parts;
    if (parts.length) {
      this.begin(this);
      parts.forEach((one) => this.extend(one));
    }
    this.paint(this.colours ?? new Uint8Array(0));
  }

  size(target, width, height) {
    const { gl } = this;
    if (target.width === width && target.height === height) return;
    for (const one of [target.points, target.depths]) if (one) gl.deleteTexture(one);
    Object.assign(target, { width, height, points: this.texture(), depths: null });
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RG32UI, width, height);
    target.depths = this.texture();
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.DEPTH_COMPONENT24, width, height);
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

  uniforms(program) {
    return (name) => {
      const key = `${name} ${program === this.placing}`;
      if (!this.names.has(key)) this.names.set(key, this.gl.getUniformLocation(program, name));
      return this.names.get(key);
    };
  }
}
