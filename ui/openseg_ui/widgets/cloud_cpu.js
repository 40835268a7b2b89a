// Points without a graphics card: the same picture, reckoned here. A million points take some tens
// of milliseconds, a tenth of what browsers' emulated graphics cards need.

const AWAY = 1e9; // the depth of pixels that show no point

class CpuPoints extends Points {
  constructor(canvas) {
    super(canvas);
    this.pen = canvas.getContext("2d", { alpha: false });
  }

  busy() { return false; }

  sent() { this.adapt(performance.now() - this.began); }

  size(target, width, height) {
    if (target.width === width && target.height === height) return;
    const picture = new ImageData(width, height);
    Object.assign(target, {
      width, height, picture,
      pixels: new Uint32Array(picture.data.buffer),
      depths: new Float32Array(width * height),
      points: new Uint32Array(width * height), // rows of the points
    });
  }

  scatter(target, camera, from, to, spacing) {
    const { width, height, depths, points } = target;
    if (!from) depths.fill(AWAY);
    const places = new Uint16Array(this.bytes.buffer);
    const bytes = this.bytes;
    const [close] = this.planes(camera);
    const m = this.stored(camera.matrix(width / height, close, AWAY));
    // Straight to pixels: (x / w + 1) / 2 of the width, and so on; `w` is the depth.
    const row = (i) => [m[i], m[4 + i], m[8 + i], m[12 + i]];
    const w = row(3);
    const mapped = (i, half) => row(i).map((v, k) => (v * Math.sign(0.5 - i) + w[k]) * half);
    const [[xa, xb, xc, xd], [ya, yb, yc, yd], [wa, wb, wc, wd]] = [mapped(0, width / 2), mapped(1, height / 2), w];
    const sizes = Float64Array.from({ length: 8 }, (_, i) => spacing * camera.focal(height) * 2 ** (i / 2));
    const { rest, walls } = this.look;
    const top = (this.look.top - this.origin[2]) / this.unit;
    for (let i = from; i < to; i++) {
      const at = 6 * i;
      const z = places[at + 2];
      if (places[at + 3] === NONE && (!rest || bytes[12 * i + 11] & walls || z > top)) continue;
      const x = places[at], y = places[at + 1];
      const depth = wa * x + wb * y + wc * z + wd;
      if (depth < close) continue;
      const scale = 1 / depth;
      const byte = 12 * i + 8;
      const wide = sizes[bytes[byte] & 1 | (bytes[byte + 1] & 1) << 1 | (bytes[byte + 2] & 1) << 2] * scale;
      const px = (xa * x + xb * y + xc * z + xd) * scale, py = (ya * x + yb * y + yc * z + yd) * scale;
      if (!(px > -WIDEST && py > -WIDEST && px < width + WIDEST && py < height + WIDEST)) continue;
      const sides = wide < 1 ? 1 : wide > WIDEST ? WIDEST : Math.round(wide);
      const first = Math.floor(px - sides / 2 + 0.5), line = Math.floor(py - sides / 2 + 0.5);
      const left = first < 0 ? 0 : first, above = line < 0 ? 0 : line;
      const right = first + sides > width ? width : first + sides, below = line + sides > height ? height : line + sides;
      for (let v = above; v < below; v++)
        for (let k = v * width + left, end = v * width + right; k < end; k++)
          if (depth < depths[k]) { depths[k] = depth; points[k] = i; }
    }
  }

  show() {
    const { front, colours } = this;
    const { width, height, depths, points, pixels } = front;
    const { plain, focus, paper } = this.look;
    const places = new Uint16Array(this.bytes.buffer);
    const bytes = this.bytes;
    const [pr, pg, pb] = paper.map((v) => v * 255);
    const empty = packed(pr, pg, pb), line = pr + pg + pb > 382 ? packed(15, 15, 15) : packed(255, 255, 255);
    const reach = Math.max(1, Math.round(width / this.canvas.clientWidth));
    const steps = [-reach, reach, -reach * width, reach * width];
    const total = width * height;
    const of = (k) => (depths[k] === AWAY ? -1 : places[6 * points[k] + 3]);
    for (let k = 0; k < total; k++) {
      const mine = depths[k];
      const object = mine === AWAY ? -1 : places[6 * points[k] + 3];
      let dark = 0, edge = false;
      for (let s = 0; s < 4; s++) {
        const other = k + steps[s];
        if (other < 0 || other >= total) continue;
        if (mine !== AWAY) {
          const behind = (mine - depths[other]) / mine;
          if (behind > 0) dark += behind > 0.2 ? 0.2 : behind;
        }
        if (focus >= 0 && object !== focus && of(other) === focus) edge = true;
      }
      if (edge) { pixels[k] = line; continue; }
      if (mine === AWAY) { pixels[k] = empty; continue; }
      const at = 12 * points[k];
      let red = bytes[at + 8], green = bytes[at + 9], blue = bytes[at + 10];
      if (!plain) {
        const light = 0.3 * red + 0.59 * green + 0.11 * blue;
        if (object !== NONE && colours[4 * object + 3]) {
          const lit = LIT[0] + (LIT[1] * light) / 255;
          red = colours[4 * object] * lit; green = colours[4 * object + 1] * lit; blue = colours[4 * object + 2] * lit;
        } else {
          red = light + (pr - light) * PALE; green = light + (pg - light) * PALE; blue = light + (pb - light) * PALE;
        }
      }
      if (focus >= 0 && object !== focus) { red += (pr - red) * ASIDE; green += (pg - green) * ASIDE; blue += (pb - blue) * ASIDE; }
      const shade = SHADES[(dark * 255) | 0];
      pixels[k] = packed(red * shade, green * shade, blue * shade);
    }
    this.fit(width, height);
    this.pen.putImageData(front.picture, 0, 0);
  }

  // The object at x and y, parts of the canvas from its top left; -1 for none.
  at(x, y, near) {
    const { front } = this;
    if (!front) return -1;
    const side = 2 * near + 1;
    const [left, above] = [Math.round(x * front.width) - near, Math.round(y * front.height) - near];
    const places = new Uint16Array(this.bytes.buffer);
    const objects = Array.from({ length: side * side }, (_, i) => {
      const [u, v] = [left + (i % side), above + Math.floor(i / side)];
      const k = v * front.width + u;
      const there = u >= 0 && v >= 0 && u < front.width && v < front.height && front.depths[k] !== AWAY;
      return there ? places[6 * front.points[k] + 3] : -1;
    });
    return Points.nearest(objects, side);
  }
}

const SHADES = Float32Array.from({ length: 256 }, (_, i) => Math.exp((-DARK * i) / 255));

function packed(red, green, blue) { return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0; }
