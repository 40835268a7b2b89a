// Points are drawn in two steps: which point is seen in each pixel, then what colour that is.
// New colours, a hovered or chosen object cost the second step only, however many points there are.
// Points lie in random order, so that the first so many of them are the scene in less detail.

const BYTES = 12; // x, y, z, object: 16 bits; red, green, blue, near walls: 8 bits
// The lowest bits of red, green and blue are a number: the point's size in half powers of 2.
const NONE = 65535; // the object of points that are of none
const START = 200000, LEAST = 15000; // points of a frame while moving: to begin with, and at least
const SLICE = 150000; // points between two looks at what the user does, at rest
const SHARP = 400000; // so many in a frame let it have all its pixels
const FRAME = 50; // milliseconds that a frame may take while moving
const WIDEST = 32; // pixels of a point
const LIT = [0.82, 0.18]; // how much of a given colour is sure, and how much follows the point's own
const PALE = 0.45, ASIDE = 0.6; // share of the paper in points of no object, and of all but the focus
const DARK = 2.2; // how strongly edges are shaded

class Points {
  constructor(canvas) {
    this.canvas = canvas;
    this.budget = START;
    this.count = this.loaded = 0;
    this.near = {};
    this.fine = {};
    this.look = { rest: true, walls: 0, top: 1e9, plain: false, focus: -1, paper: [1, 1, 1] };
  }

  // A new cloud; `count` points will come. `unit` and `origin`: from stored numbers to metres.
  begin({ count, unit, origin, spacing, span }) {
    Object.assign(this, { count, unit, origin, spacing, span, loaded: 0, claimed: null });
    this.bytes = new Uint8Array(count * BYTES);
    this.front = null;
    this.stale = true;
  }

  // The next points.
  extend(bytes) {
    this.bytes.set(bytes.subarray(0, this.bytes.length - this.loaded * BYTES), this.loaded * BYTES);
    this.loaded += bytes.length / BYTES;
    this.stale = true;
  }

  // Gives an object points that are drawn for others, until this is called again.
  claim(object, rows) {
    const places = new Uint16Array(this.bytes.buffer);
    this.claimed?.forEach(([row, before]) => { places[6 * row + 3] = before; });
    this.claimed = Array.from(rows, (row) => [row, places[6 * row + 3]]);
    for (const row of rows) places[6 * row + 3] = object;
    this.stale = true;
  }

  // red, green, blue and whether it is used, 8 bits each, of each object
  paint(colours) { this.colours = colours; }

  // While moving: as many points at once as fit into a frame. At rest: all, in slices, shown when
  // they are complete, so that a slow machine answers at once when the user goes on.
  // Gives whether there is more to do.
  frame(camera, width, height, dense, moving) {
    if (this.busy()) return true; // one frame at a time: nothing queues up
    const { rest, walls, top } = this.look;
    const view = `${camera.eye}|${camera.axes}|${camera.fov}|${width}|${height}|${rest}|${walls}|${top}`;
    if (view !== this.view || this.stale) {
      Object.assign(this, { view, stale: false, drawn: 0, shown: false, complete: false });
    }
    this.began = performance.now();
    this.measured = 0;
    let news = moving || this.complete; // a complete one is asked for when colours change
    if (moving || (!this.shown && this.loaded > this.budget)) {
      const some = Math.min(this.budget, this.loaded);
      const coarse = clamp(Math.sqrt(this.budget / Math.min(SHARP, this.count || 1)), 0.5, 1);
      const part = moving ? coarse : Math.min(1, coarse * dense);
      this.size(this.near, Math.ceil(width * part), Math.ceil(height * part));
      this.scatter(this.near, camera, 0, some, this.spacing * Math.sqrt(this.count / Math.max(some, 1)));
      this.measured = moving ? some : 0;
      news = true;
      Object.assign(this, { front: this.near, shown: true, drawn: 0, complete: moving && some === this.loaded && part >= dense });
    } else if (!this.complete) {
      this.size(this.fine, Math.round(width * dense), Math.round(height * dense));
      const until = Math.min(this.loaded, this.drawn + Math.max(SLICE, 2 * this.budget));
      this.scatter(this.fine, camera, this.drawn, until, this.spacing * Math.sqrt(this.count / Math.max(this.loaded, 1)));
      this.drawn = until;
      this.complete = until === this.loaded;
      if (this.complete) Object.assign(this, { front: this.fine, shown: true });
      news = this.complete;
    }
    if (news) this.show(camera);
    this.sent();
    return !moving && !this.complete;
  }

  // What a frame took sets how many points the next one has.
  adapt(took) {
    if (!this.measured) return;
    const factor = clamp(FRAME / Math.max(took, 1), 0.5, 1.25);
    const full = this.measured >= Math.min(this.budget, this.loaded);
    if (factor < 1 || full) this.budget = Math.round(clamp(this.budget * factor, LEAST, 4e6));
    this.took = took;
  }

  planes(camera) {
    const far = length(minus(camera.eye, this.span.middle)) + this.span.radius * 1.2;
    return [Math.max(far / 4000, 0.02), far];
  }

  // A matrix for numbers as they are stored: scaled and moved first.
  stored(m) {
    const [s, o] = [this.unit, this.origin];
    const moved = [0, 1, 2, 3].map((row) => m[row] * o[0] + m[4 + row] * o[1] + m[8 + row] * o[2] + m[12 + row]);
    return [...m.slice(0, 12).map((v) => v * s), ...moved];
  }

  fit(width, height) {
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
  }

  // The object nearest to the middle of a square of found ones, -1 for none.
  static nearest(objects, side) {
    const half = (side - 1) / 2;
    let best = [Infinity, -1];
    objects.forEach((object, i) => {
      const away = Math.hypot((i % side) - half, Math.floor(i / side) - half);
      if (object >= 0 && away < best[0]) best = [away, object];
    });
    return best[1] === NONE ? -1 : best[1];
  }
}

// With a graphics card where there is one, else without: emulated ones are much slower.
function pointsOn(canvas, changed) {
  const gl = document.createElement("canvas").getContext("webgl2");
  const name = gl ? gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  const emulated = !gl || /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
  return emulated ? new CpuPoints(canvas) : new GpuPoints(canvas, changed);
}
