// A scene of points: turned, moved, flown through; objects chosen; colours changed at once.

const scenes = new WeakMap();
const MODES = { photo: "Photo", objects: "Objects", classes: "Classes", score: "Score", query: "Words" };
const STILL = 180; // milliseconds after which one is taken to be at rest
const TOLD = 500; // milliseconds after which the address is told
const SECONDS = 0.7; // of flying from frame to frame
const OVERVIEW = 0.75; // radians above the horizon

export default function ({ data, parentElement, setStateValue }) {
  let scene = scenes.get(parentElement);
  if (!scene) {
    scene = new Scene(parentElement);
    scenes.set(parentElement, scene);
  }
  scene.update(data, setStateValue);
  return () => scene.pause();
}

class Scene {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.canvas = this.find(".points");
    this.pen = this.find(".marks").getContext("2d");
    this.points = pointsOn(this.canvas, () => this.ask());
    this.canvas.dataset.by = this.points instanceof GpuPoints ? "webgl" : "processor";
    this.table = new Table(root, (row) => this.choose(row), (row) => this.hover(row));
    this.pointers = new Map();
    this.selected = this.hovered = this.current = null;
    this.watch = new ResizeObserver(() => this.fitted());
    this.listen();
  }

  // ---- what Python says

  update(data, send) {
    this.data = data;
    this.send = send;
    this.watch.observe(this.canvas);
    this.on = true;
    if (data.key !== this.key) this.open(data);
    if (data.revision !== this.revision) {
      this.revision = data.revision;
      this.mode = data.colour;
      this.selected = data.selected;
    }
    if (data.go && data.go.turn !== this.turn) {
      this.turn = data.go.turn;
      if (data.go.frame !== null) this.look(data.go.frame);
    }
    if (!data.paints[this.mode]) this.mode = "photo";
    this.claim();
    this.seen = data.seen.filter((i) => i < this.path.length);
    this.list();
    this.paint();
  }

  open(data) {
    this.key = data.key;
    this.revision = this.claimed = null;
    delete this.canvas.dataset.points;
    this.turn = data.go?.turn;
    this.find(".threshold").value = data.least;
    this.path = new Path(data.frames);
    this.hovered = this.current = this.flight = null;
    this.points.begin(data.cloud);
    this.camera = Camera.parse(data.camera);
    this.whole = !this.camera; // until someone moves, the whole scene fits however large the picture is
    this.camera ??= this.overview();
    this.find(".path").hidden = this.find(".taken").hidden = this.path.length < 2;
    this.find(".along").max = Math.max(0, this.path.length - 1);
    this.find(".along").value = 0;
    this.canvas.setAttribute("aria-label", data.label);
    this.tell();
    this.load(data.key, data.parts);
  }

  // All points of the chosen object are its own while it is chosen.
  claim() {
    const { shared, selected } = this.data;
    const wanted = selected === this.selected && this.canvas.dataset.points ? `${this.key} ${selected} ${shared.length}` : "";
    if (wanted === this.claimed || !this.points.bytes) return;
    this.claimed = wanted;
    const bytes = wanted ? Uint8Array.from(atob(shared), (one) => one.charCodeAt(0)) : new Uint8Array(0);
    this.points.claim(selected ?? NONE, new Uint32Array(bytes.buffer));
  }

  pause() {
    this.on = false;
    this.flight = null;
    this.watch.disconnect();
    this.loading?.abort();
  }

  // Part after part; what is there is drawn meanwhile.
  async load(key, parts) {
    this.loading?.abort();
    const stop = (this.loading = new AbortController());
    const state = this.find(".state");
    try {
      for (const [i, part] of parts.entries()) {
        state.textContent = i ? `Loading points: ${Math.round((100 * i) / parts.length)} %` : "Loading points";
        const reply = await fetch(new URL(part.replace(/^\//, ""), window.location.href), { signal: stop.signal });
        if (!reply.ok) throw new Error(`the server said ${reply.status}`);
        const bytes = new Uint8Array(await reply.arrayBuffer());
        if (key !== this.key || stop.signal.aborted) return;
        this.points.extend(bytes);
        this.ask();
      }
      state.textContent = "";
      this.canvas.dataset.points = this.points.loaded;
      this.claim();
      this.ask();
    } catch (error) {
      if (stop.signal.aborted) return;
      const again = made("button", "Try again", { type: "button" });
      again.onclick = () => { this.points.begin(this.data.cloud); this.load(key, parts); };
      state.replaceChildren(`The points did not come: ${error.message}. `, again);
    }
  }

  // ---- views

  get size() { return [this.canvas.clientWidth || 1, this.canvas.clientHeight || 1]; }

  // The whole room in the middle of the picture, seen from above its near walls.
  overview(above = false) {
    const { low, high, top, yaw, span } = this.data.cloud;
    const [width, height] = this.size;
    const roof = Math.min(high[2], top);
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1 ? low[0] : high[0], i & 2 ? low[1] : high[1], i & 4 ? low[2] : roof]);
    let camera = Camera.around(span.middle, yaw + 0.5, above ? 1.5 : OVERVIEW, 3 * span.radius, 0.8);
    for (let i = 0; i < 6; i++) {
      const seen = corners.map((one) => camera.project(one, width, height));
      const [left, right] = [Math.min(...seen.map((one) => one[0])), Math.max(...seen.map((one) => one[0]))];
      const [up, down] = [Math.min(...seen.map((one) => one[1])), Math.max(...seen.map((one) => one[1]))];
      camera = camera.shifted((width - left - right) / 2, (height - up - down) / 2, camera.focal(height));
      camera = camera.nearer(0.97 / Math.max((right - left) / width, (down - up) / height), span.radius / 30);
    }
    return camera;
  }

  fitted() {
    if (this.whole && this.canvas.clientWidth) this.camera = this.overview();
    this.ask();
  }

  // To another view, in a moment where people have not asked for less motion.
  go(camera) {
    this.whole = false;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.flight = calm ? null : { from: this.camera, to: camera, began: performance.now(), time: 450 };
    if (calm) this.camera = camera;
    this.touched();
  }

  look(frame) {
    this.current = frame;
    this.find(".along").value = frame;
    this.go(this.path.cameras[frame]);
    this.tell();
  }

  approach(row) {
    const one = this.data.objects[row];
    if (!one.points) return;
    const fov = 0.9;
    const distance = Math.max(0.8, (one.reach * 1.7) / Math.tan(fov / 2));
    this.go(Camera.around(one.middle, this.camera.yaw, clamp(this.camera.pitch, 0.25, 1.2), distance, fov));
  }

  fly() {
    if (this.flight?.along !== undefined) { this.flight = null; this.tell(); this.ask(); return; }
    const start = Number(this.find(".along").value);
    const along = start >= this.path.length - 1 ? 0 : start;
    this.flight = { along, last: performance.now() };
    this.tell();
    this.touched();
  }

  advance(now) {
    const { flight } = this;
    if (!flight) return;
    if (flight.along !== undefined) {
      flight.along = Math.min(flight.along + (now - flight.last) / 1000 / SECONDS, this.path.length - 1);
      flight.last = now;
      this.place(flight.along);
      if (flight.along === this.path.length - 1) { this.flight = null; this.tell(); }
    } else {
      const part = Math.min(1, (now - flight.began) / flight.time);
      this.camera = Camera.between(flight.from, flight.to, part * part * (3 - 2 * part));
      if (part === 1) { this.camera = flight.to; this.flight = null; }
    }
    this.touched();
  }

  place(along) {
    this.whole = false;
    this.camera = this.path.at(along);
    this.current = Math.round(along);
    this.find(".along").value = along;
    this.tell();
  }

  move(camera) {
    this.flight = null;
    this.whole = false;
    this.current = null;
    this.camera = camera;
    this.tell();
    this.touched();
  }

  // ---- what the user does

  listen() {
    const press = (name, act) => this.find(name).addEventListener("click", act);
    press(".in", () => this.zoom(1.4));
    press(".out", () => this.zoom(1 / 1.4));
    press(".fit", () => { this.current = null; this.go(this.overview()); this.tell(); });
    press(".above", () => { this.current = null; this.go(this.overview(true)); this.tell(); });
    press(".play", () => this.fly());
    this.find(".along").addEventListener("input", (event) => { this.flight = null; this.place(Number(event.target.value)); this.touched(); });
    for (const name of [".rest", ".cut", ".names", ".cameras"]) this.find(name).addEventListener("input", () => this.paint());
    this.find(".threshold").addEventListener("input", () => { this.list(); this.paint(); });
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => this.hover(null));
    canvas.addEventListener("dblclick", () => { if (this.selected !== null) this.approach(this.selected); });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key_(event));
  }

  zoom(factor) { this.move(this.camera.nearer(factor, this.data.cloud.span.radius / 30)); }

  wheel(event) {
    if (!(event.ctrlKey || event.metaKey || this.canvas.matches(":focus"))) return; // the page scrolls
    event.preventDefault();
    this.zoom(Math.exp(-clamp(event.deltaY, -120, 120) / 400));
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.press = { x: event.clientX, y: event.clientY, moved: this.pointers.size > 1 };
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) { this.pass(event); return; }
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    const all = [...this.pointers.values()];
    const spread = () => Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y);
    const wide = all.length === 2 ? spread() : 0;
    Object.assign(before, { x: event.clientX, y: event.clientY });
    this.press.moved ||= Math.hypot(event.clientX - this.press.x, event.clientY - this.press.y) > 4;
    if (!this.press.moved || !(dx || dy)) return;
    const focal = this.camera.focal(this.size[1]);
    if (all.length === 2) this.move(this.camera.shifted(dx / 2, dy / 2, focal).nearer(spread() / wide || 1, this.data.cloud.span.radius / 30));
    else if (event.shiftKey || event.buttons & 6) this.move(this.camera.shifted(dx, dy, focal));
    else this.move(this.camera.turned(dx, dy));
  }

  up(event) {
    const there = this.pointers.delete(event.pointerId);
    if (!there || this.press.moved || event.type === "pointercancel" || event.button) return;
    const camera = this.cameraUnder(event);
    if (camera !== null) this.look(camera);
    else this.choose(this.under(event));
  }

  // Over the picture without a button.
  pass(event) {
    if (this.moving || event.pointerType === "touch") return;
    const camera = this.cameraUnder(event);
    this.hover(camera === null ? this.under(event) : null, event, camera);
  }

  position(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  cameraUnder(event) { return this.find(".cameras").checked ? this.path.under(...this.position(event)) : null; }

  under(event) {
    const [x, y] = this.position(event);
    const [width, height] = this.size;
    const row = this.points.at(x / width, y / height, 3);
    return row >= 0 && row < this.data.objects.length && this.data.objects[row].score >= this.threshold ? row : null;
  }

  key_(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 40;
    const turn = (x, y) => this.move(event.shiftKey ? this.camera.shifted(-x * 2, -y * 2, this.camera.focal(this.size[1])) : this.camera.turned(x, y));
    const cycle = (by) => {
      const { order } = this.table;
      if (order.length) this.choose(order[(Math.max(order.indexOf(this.selected), by < 0 ? 0 : -1) + by + order.length) % order.length]);
    };
    const frame = (by) => { if (this.path.length) this.look((((this.current ?? (by > 0 ? -1 : 0)) + by) + this.path.length) % this.path.length); };
    const acts = {
      ArrowLeft: () => turn(step, 0), ArrowRight: () => turn(-step, 0), ArrowUp: () => turn(0, step), ArrowDown: () => turn(0, -step),
      "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.find(".fit").click(),
      n: () => cycle(1), p: () => cycle(-1), f: () => this.selected !== null && this.approach(this.selected),
      "[": () => frame(-1), "]": () => frame(1), " ": () => this.path.length > 1 && this.fly(), Escape: () => this.choose(null),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  choose(row) {
    if (row === this.selected) return;
    this.selected = row;
    this.seen = []; // Python says which they are
    this.list();
    this.paint();
    if (row !== null) this.table.reveal(row);
    this.send("selected", { row, of: this.key });
  }

  hover(row, event, camera = null) {
    const tip = this.find(".tip");
    tip.hidden = !event || (row === null && camera === null);
    if (!tip.hidden) {
      const one = this.data.objects[row];
      const words = camera !== null ? ["camera ", `of frame ${this.path.names[camera]}`] : [one.name, ` ${one.score.toFixed(2)}, ${number(one.points)} points`];
      tip.replaceChildren(made("b", words[0]), words[1]);
      const [x, y] = this.position(event);
      tip.style.left = `${Math.min(x + 14, this.size[0] - tip.offsetWidth - 6)}px`;
      tip.style.top = `${Math.min(y + 14, this.size[1] - tip.offsetHeight - 6)}px`;
    }
    this.canvas.classList.toggle("over", row !== null || camera !== null);
    if (row === this.hovered) return;
    this.hovered = row;
    this.table.mark(row);
    this.ask();
  }

  // ---- what is seen

  get threshold() { return Number(this.find(".threshold").value); }

  colours(row) { return this.data.paints[this.mode]?.[row] ?? "#9c9c9c"; }

  list() {
    const { data } = this;
    const modes = Object.keys(MODES).filter((name) => data.paints[name]);
    this.find(".modes").replaceChildren(...modes.map((name) => {
      const one = made("button", MODES[name], { type: "button", "aria-pressed": name === this.mode });
      one.onclick = () => {
        this.mode = name;
        this.list();
        this.paint();
        this.find('.modes [aria-pressed="true"]').focus();
        this.send("colour", { mode: name, of: this.revision });
      };
      return one;
    }));
    this.find(".least").textContent = this.threshold.toFixed(2);
    this.find(".scored").hidden = this.find(".named").hidden = !data.objects.length;
    const paint = this.mode === "photo" ? data.paints.objects : data.paints[this.mode];
    this.table.show({ objects: data.objects, match: data.match, classes: data.classes.some(([name], i) => name !== data.objects[i]?.name) && data.separate, colours: (i) => paint[i] ?? "#9c9c9c", selected: this.selected, threshold: this.threshold });
    legend(this.find(".legend"), this.mode, { classes: data.classes, scales: data.scales, rest: this.find(".rest").checked });
    this.find(".state").dataset.mode = this.mode;
  }

  paint() {
    const { objects } = this.data;
    const colours = new Uint8Array(objects.length * 4);
    objects.forEach((one, i) => {
      const colour = this.data.paints[this.mode]?.[i];
      if (colour && one.score >= this.threshold) colours.set([1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16)).concat(255), 4 * i);
    });
    this.points.paint(colours);
    this.ask();
  }

  tell() {
    const flying = this.flight?.along !== undefined;
    this.find(".play").textContent = flying ? "Stop" : "Fly";
    this.find(".frame").textContent = this.current === null ? `${this.path.length} frames` : `frame ${this.path.names[this.current]} (${this.current + 1} of ${this.path.length})`;
  }

  // The view has changed.
  touched() {
    this.moving = true;
    clearTimeout(this.rested);
    this.rested = setTimeout(() => { this.moving = false; this.ask(); }, STILL);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => { if (this.on) this.send("camera", { text: String(this.camera), of: this.key }); }, TOLD);
    this.ask();
  }

  ask() { if (!this.asked) this.asked = requestAnimationFrame((now) => this.draw(now)); }

  draw(now) {
    this.asked = null;
    if (!this.on || !this.canvas.clientWidth) return;
    this.advance(now);
    const [width, height] = this.size;
    const { look } = this.points;
    const paper = getComputedStyle(this.find(".stage")).backgroundColor.match(/[\d.]+/g).slice(0, 3).map((v) => Number(v) / 255);
    const focus = this.hovered ?? this.selected ?? -1;
    Object.assign(look, { paper, focus, plain: this.mode === "photo", rest: this.find(".rest").checked, ...this.cut() });
    const more = this.points.frame(this.camera, width, height, Math.min(2, window.devicePixelRatio || 1), this.moving);
    this.drawMarks(width, height, paper);
    if (more || this.flight) this.ask();
    this.frames = (this.frames ?? 0) + 1;
    Object.assign(this.canvas.dataset, { frames: this.frames, still: !more && !this.moving, budget: this.points.budget });
  }

  // Which walls and whether the ceiling stand between the eye and the room; none from within.
  cut() {
    const { low, high, top, sectors } = this.data.cloud;
    const { eye } = this.camera;
    const inside = [0, 1].every((i) => eye[i] > low[i] && eye[i] < high[i]) && eye[2] < top;
    if (inside || !this.find(".cut").checked) return { walls: 0, top: 1e9 };
    const from = Math.atan2(eye[1] - (low[1] + high[1]) / 2, eye[0] - (low[0] + high[0]) / 2);
    const sector = (Math.round((from / (2 * Math.PI)) * sectors) + sectors) % sectors;
    return { walls: 1 << sector, top: eye[2] > top ? top : 1e9 };
  }

  drawMarks(width, height, paper) {
    const { pen, camera, data } = this;
    const dense = window.devicePixelRatio || 1;
    const sheet = pen.canvas;
    if (sheet.width !== Math.round(width * dense) || sheet.height !== Math.round(height * dense)) Object.assign(sheet, { width: Math.round(width * dense), height: Math.round(height * dense) });
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    const light = paper.reduce((a, b) => a + b) > 1.5;
    if (this.find(".cameras").checked)
      this.path.draw(pen, camera, width, height, data.cloud.span.radius * 0.05, {
        ink: light ? "#0007" : "#fff8", accent: light ? "#0072b2" : "#56b4e9", seen: this.seen, current: this.current,
      });
    const focus = [this.hovered, this.selected].filter((one) => one !== null);
    const shown = data.objects.map((_, i) => i).filter((i) => data.objects[i].points && data.objects[i].score >= this.threshold && (this.find(".names").checked || focus.includes(i)));
    drawNames(pen, camera, width, height, data.objects, focus.length ? shown.filter((i) => focus.includes(i)) : shown, (i) => (this.mode === "photo" ? data.paints.objects : data.paints[this.mode])[i] ?? "#9c9c9c", focus);
  }
}
