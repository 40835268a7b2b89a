// Where a scene is looked at from: an eye, a turn of it, and how far away lies what it turns around.
// The world's z is up. Cameras have x to the right, y down and z ahead, as in the library.

const TURN = 0.006; // radians a pixel that is dragged
const STEEP = 1.54; // radians above or below the horizon

const add = (a, b) => a.map((v, i) => v + b[i]);
const minus = (a, b) => a.map((v, i) => v - b[i]);
const times = (a, s) => a.map((v) => v * s);
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const length = (a) => Math.hypot(...a);
const unit = (a) => times(a, 1 / (length(a) || 1));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// axes: right, down, ahead, each of unit length
class Camera {
  constructor(eye, axes, distance, fov = 0.9) { Object.assign(this, { eye, axes, distance, fov }); }

  static around(target, yaw, pitch, distance, fov = 0.9) {
    const ahead = [-Math.cos(pitch) * Math.cos(yaw), -Math.cos(pitch) * Math.sin(yaw), -Math.sin(pitch)];
    const right = [-Math.sin(yaw), Math.cos(yaw), 0];
    return new Camera(minus(target, times(ahead, distance)), [right, cross(ahead, right), ahead], distance, fov);
  }

  // `pose`: three rows of a camera-to-world matrix
  static posed(pose, fov) {
    const axis = (i) => [pose[i], pose[4 + i], pose[8 + i]];
    return new Camera(axis(3), [axis(0), axis(1), axis(2)], 2, fov);
  }

  get target() { return add(this.eye, times(this.axes[2], this.distance)); }
  get yaw() { return Math.abs(this.axes[2][2]) > 0.9999 ? Math.atan2(-this.axes[0][0], this.axes[0][1]) : Math.atan2(-this.axes[2][1], -this.axes[2][0]); }
  get pitch() { return Math.asin(clamp(-this.axes[2][2], -1, 1)); }

  turned(dx, dy) {
    const pitch = clamp(this.pitch + dy * TURN, -STEEP, STEEP);
    return Camera.around(this.target, this.yaw - dx * TURN, pitch, this.distance, this.fov);
  }

  // by pixels, at the distance that it turns around; `focal` is in pixels
  shifted(dx, dy, focal) {
    const metres = this.distance / focal;
    const by = add(times(this.axes[0], -dx * metres), times(this.axes[1], -dy * metres));
    return new Camera(add(this.eye, by), this.axes, this.distance, this.fov);
  }

  // Closer than `least` it goes ahead, through what it turns around.
  nearer(factor, least) {
    const distance = this.distance / factor;
    if (distance >= least) return new Camera(minus(this.target, times(this.axes[2], distance)), this.axes, distance, this.fov);
    return new Camera(add(this.eye, times(this.axes[2], this.distance - distance)), this.axes, least, this.fov);
  }

  // A view between two, `t` from 0 to 1.
  static between(a, b, t) {
    const eye = add(times(a.eye, 1 - t), times(b.eye, t));
    const turn = slerp(quaternion(a.axes), quaternion(b.axes), t);
    const mixed = (x, y) => x + (y - x) * t;
    return new Camera(eye, axesOf(turn), mixed(a.distance, b.distance), mixed(a.fov, b.fov));
  }

  focal(height) { return height / 2 / Math.tan(this.fov / 2); }

  // x and y in pixels, and the depth
  project(point, width, height) {
    const away = minus(point, this.eye);
    const [x, y, z] = this.axes.map((axis) => dot(axis, away));
    const scale = this.focal(height) / z;
    return [width / 2 + x * scale, height / 2 + y * scale, z];
  }

  // Column by column, as WebGL has it; from metres to its box.
  matrix(aspect, near, far) {
    const f = 1 / Math.tan(this.fov / 2);
    const [right, down, ahead] = this.axes;
    const away = this.axes.map((axis) => -dot(axis, this.eye));
    const [a, b] = [(far + near) / (far - near), (-2 * far * near) / (far - near)];
    const row = (axis, i, s) => [axis[0] * s, axis[1] * s, axis[2] * s, away[i] * s];
    const rows = [row(right, 0, f / aspect), row(down, 1, -f), row(ahead, 2, a), row(ahead, 2, 1)];
    rows[2][3] += b;
    return [0, 1, 2, 3].flatMap((column) => rows.map((one) => one[column]));
  }

  // Short enough for an address; what it cannot hold (a camera's roll) it leaves out.
  toString() {
    const numbers = [...this.target, this.yaw, this.pitch, this.distance, this.fov];
    return numbers.map((v) => Number(v.toFixed(2))).join(",");
  }

  static parse(text) {
    const numbers = (text || "").split(",").map(Number);
    if (numbers.length !== 7 || !numbers.every(Number.isFinite)) return null;
    const [x, y, z, yaw, pitch, distance, fov] = numbers;
    const there = distance > 0 && fov > 0.1 && fov < 2.8;
    return there ? Camera.around([x, y, z], yaw, clamp(pitch, -STEEP, STEEP), distance, fov) : null;
  }
}

// w, x, y, z of the rotation whose columns are the axes
function quaternion([a, b, c]) {
  const m = [[a[0], b[0], c[0]], [a[1], b[1], c[1]], [a[2], b[2], c[2]]];
  const trace = m[0][0] + m[1][1] + m[2][2];
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1);
    return [s / 4, (m[2][1] - m[1][2]) / s, (m[0][2] - m[2][0]) / s, (m[1][0] - m[0][1]) / s];
  }
  const i = m[0][0] > m[1][1] && m[0][0] > m[2][2] ? 0 : m[1][1] > m[2][2] ? 1 : 2;
  const [j, k] = [(i + 1) % 3, (i + 2) % 3];
  const s = 2 * Math.sqrt(1 + m[i][i] - m[j][j] - m[k][k]);
  const found = [(m[k][j] - m[j][k]) / s, 0, 0, 0];
  found[1 + i] = s / 4;
  found[1 + j] = (m[j][i] + m[i][j]) / s;
  found[1 + k] = (m[k][i] + m[i][k]) / s;
  return found;
}

function axesOf([w, x, y, z]) {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  ];
}

function slerp(a, b, t) {
  let cosine = a.reduce((sum, v, i) => sum + v * b[i], 0);
  const sign = cosine < 0 ? -1 : 1;
  cosine = Math.min(cosine * sign, 1);
  const angle = Math.acos(cosine);
  const [u, v] = angle < 1e-4 ? [1 - t, t] : [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  const mixed = a.map((one, i) => one * u + b[i] * v * sign);
  const size = Math.hypot(...mixed);
  return mixed.map((one) => one / size);
}
