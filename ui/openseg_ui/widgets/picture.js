// A picture with regions over it: zoom, instant display settings, clicks as prompts.
// Everything shown is drawn here, so that no setting of the display runs Python again.

const pictures = new WeakMap();
const SYNC = "openseg-zoom";
const MODES = {
  look: ["Look", "Click a region to choose it, drag to move the picture"],
  point: ["Point", "Click inside a thing; with Shift, outside of it"],
  negative: ["Negative", "Click outside of the things: what none of them covers"],
  scribble: ["Scribble", "Drag a stroke inside a thing"],
  box: ["Box", "Drag a box around a thing"],
};
const EMPTY = { points: [], boxes: [], scribbles: [], negative_points: [] };

export default function ({ data, parentElement, setStateValue }) {
  let picture = pictures.get(parentElement);
  if (!picture) {
    picture = new Picture(parentElement);
    pictures.set(parentElement, picture);
  }
  picture.update(data, setStateValue);
  return () => picture.pause();
}

class Picture {
  constructor(root) {
    this.find = (name) => root.querySelector(name);
    this.findAll = (name) => root.querySelectorAll(name);
    this.canvas = this.find("canvas");
    this.pen = this.canvas.getContext("2d");
    this.zoom = { scale: 1, x: 0, y: 0 }; // in parts of the picture
    this.regions = [];
    this.prompts = EMPTY;
    this.history = [];
    this.mode = "look";
    this.hovered = this.selected = null;
    this.sync = (event) => this.follow(event.detail);
    this.watch = new ResizeObserver(() => this.draw());
    this.listen();
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.watch.observe(this.canvas);
    window.addEventListener(SYNC, this.sync);
    this.find(".frame").style.maxWidth = `calc(max(420px, 72vh) * ${data.width / data.height})`;
    if (data.image !== this.shown) this.show(data.image);
    if (data.heat?.src !== this.warm) this.warmUp(data.heat);
    if (data.key !== this.key) {
      this.key = data.key;
      this.regions = data.regions.map(prepared);
      this.hovered = null;
      this.mode = data.tools[0];
      this.setRange(data.regions.map((one) => one.score).filter((score) => score !== null));
      this.find(".labels").checked = data.named;
    }
    if (data.revision !== this.revision) {
      this.revision = data.revision;
      this.prompts = structuredClone(data.prompts);
      this.history = [];
    }
    this.selected = data.selected;
    if (!data.tools.includes(this.mode)) this.mode = data.tools[0];
    this.canvas.setAttribute("aria-label", data.label);
    this.draw();
    this.list();
  }

  // The slider covers every score there is; at its least value nothing is hidden.
  setRange(scores) {
    const bar = this.find(".threshold");
    bar.min = Math.floor(100 * Math.min(0, ...scores)) / 100;
    bar.max = Math.ceil(100 * Math.max(1, ...scores)) / 100;
    bar.value = bar.min;
  }

  pause() {
    this.watch.disconnect();
    window.removeEventListener(SYNC, this.sync);
  }

  show(source) {
    this.shown = source;
    this.image = null;
    this.zoom = { scale: 1, x: 0, y: 0 };
    const image = new Image();
    image.onload = () => { if (this.shown === source) { this.image = image; this.draw(); } };
    image.src = source;
  }

  warmUp(heat) {
    this.warm = heat?.src;
    this.heat = null;
    if (!heat) return;
    const image = new Image();
    image.onload = () => { if (this.warm === heat.src) { this.heat = image; this.draw(); } };
    image.src = heat.src;
    const short = (value) => (Math.abs(value) < Math.abs(heat.high) / 1000 ? "0" : value.toPrecision(3));
    this.find(".low").textContent = short(heat.low);
    this.find(".high").textContent = short(heat.high);
    this.find(".heatkey i").style.background = `linear-gradient(90deg, ${heat.key.join(", ")})`;
  }

  listen() {
    const press = (name, act) => this.find(name).addEventListener("click", act);
    press(".in", () => this.zoomAt(1.5));
    press(".out", () => this.zoomAt(1 / 1.5));
    press(".fit", () => this.setZoom({ scale: 1, x: 0, y: 0 }));
    press(".undo", () => this.undo());
    press(".clear", () => this.setPrompts(EMPTY));
    for (const name of [".opacity", ".threshold", ".outlines", ".labels", ".boxes"])
      this.find(name).addEventListener("input", () => { this.draw(); this.list(); });
    this.find(".threshold").addEventListener("change", () => this.send("threshold", { value: this.threshold, of: this.data.key }));
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointerleave", () => { this.hovered = null; this.draw(); });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.press(event));
  }

  get threshold() { return Number(this.find(".threshold").value); }
  get visible() { return this.regions.filter((one) => one.score === null || one.score >= this.threshold); }

  // ---- geometry: picture units are original pixels; the canvas shows a window of them

  get frame() {
    const width = this.canvas.clientWidth || 1;
    return { width, scale: (width / this.data.width) * this.zoom.scale };
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const { scale } = this.frame;
    return [(event.clientX - box.left) / scale + this.zoom.x * this.data.width,
            (event.clientY - box.top) / scale + this.zoom.y * this.data.height];
  }

  inside([x, y]) {
    const limit = (value, most) => Math.min(Math.max(Math.round(value * 10) / 10, 0), most);
    return [limit(x, this.data.width - 1), limit(y, this.data.height - 1)];
  }

  zoomAt(factor, [x, y] = [0.5, 0.5]) {
    const old = this.zoom;
    const scale = Math.min(Math.max(old.scale * factor, 1), 16);
    this.setZoom({ scale, x: old.x + x / old.scale - x / scale, y: old.y + y / old.scale - y / scale });
  }

  setZoom(zoom, tell = true) {
    const room = 1 - 1 / zoom.scale;
    const limit = (value) => Math.min(Math.max(value, 0), room);
    this.zoom = { scale: zoom.scale, x: limit(zoom.x), y: limit(zoom.y) };
    this.draw();
    if (tell && this.data.group)
      window.dispatchEvent(new CustomEvent(SYNC, { detail: { from: this, group: this.data.group, zoom: this.zoom } }));
  }

  follow({ from, group, zoom }) {
    if (from !== this && group === this.data.group) this.setZoom(zoom, false);
  }

  // ---- what the user does

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.start = { at: this.at(event), x: event.clientX, y: event.clientY, zoom: this.zoom, moved: false };
  }

  move(event) {
    const start = this.start;
    if (!start) {
      const found = this.mode === "look" ? this.under(this.at(event)) : null;
      if (found !== this.hovered) { this.hovered = found; this.draw(); }
      return;
    }
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    start.moved ||= Math.hypot(dx, dy) > 4;
    if (!start.moved) return;
    if (this.mode === "box") start.box = ordered(this.inside(start.at), this.inside(this.at(event)));
    else if (this.mode === "scribble") {
      start.stroke ??= [this.inside(start.at)];
      const at = this.inside(this.at(event));
      const [x, y] = start.stroke.at(-1);
      if (Math.hypot(at[0] - x, at[1] - y) > 4 / this.frame.scale) start.stroke.push(at);
    } else {
      const { scale } = this.frame;
      const { x, y } = start.zoom;
      this.setZoom({ ...start.zoom, x: x - dx / scale / this.data.width, y: y - dy / scale / this.data.height });
    }
    this.draw();
  }

  up(event) {
    const start = this.start;
    this.start = null;
    if (!start) return;
    if (start.box && start.box[2] - start.box[0] >= 1 && start.box[3] - start.box[1] >= 1)
      this.setPrompts({ ...this.prompts, boxes: [...this.prompts.boxes, start.box] });
    else if (start.stroke?.length > 1)
      this.setPrompts({ ...this.prompts, scribbles: [...this.prompts.scribbles, thinned(start.stroke)] });
    else if (!start.moved && ["point", "negative"].includes(this.mode))
      this.point(this.inside(start.at), this.mode === "negative" || event.shiftKey ? "negative_points" : "points");
    else if (!start.moved && this.mode === "look") this.select(this.under(start.at));
    this.draw();
  }

  // A click on a point takes it away.
  point(at, kind) {
    const far = ([x, y]) => Math.hypot(x - at[0], y - at[1]) > 8 / this.frame.scale;
    const { points, negative_points } = this.prompts;
    const kept = { points: points.filter(far), negative_points: negative_points.filter(far) };
    const removed = kept.points.length + kept.negative_points.length < points.length + negative_points.length;
    if (!removed) kept[kind].push(at);
    this.setPrompts({ ...this.prompts, ...kept });
  }

  undo() {
    const before = this.history.pop();
    const last = Object.keys(EMPTY).findLast((name) => this.prompts[name].length); // typed, or of a link
    this.setPrompts(before ?? { ...this.prompts, [last]: this.prompts[last].slice(0, -1) }, false);
  }

  setPrompts(prompts, keep = true) {
    if (keep) this.history.push(this.prompts);
    this.prompts = prompts;
    this.draw();
    this.list();
    this.send("prompts", { ...prompts, of: this.revision });
  }

  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.draw();
    this.list();
    this.send("selected", { row: id, of: this.data.key });
  }

  wheel(event) {
    if (!(event.ctrlKey || event.metaKey || this.zoom.scale > 1)) return; // the page scrolls
    event.preventDefault();
    const box = this.canvas.getBoundingClientRect();
    this.zoomAt(Math.exp(-event.deltaY / 300), [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }

  press(event) {
    const step = 0.1 / this.zoom.scale;
    const { scale, x, y } = this.zoom;
    const acts = {
      "+": () => this.zoomAt(1.25), "-": () => this.zoomAt(0.8), 0: () => this.setZoom({ scale: 1, x: 0, y: 0 }),
      ArrowLeft: () => this.setZoom({ scale, x: x - step, y }), ArrowRight: () => this.setZoom({ scale, x: x + step, y }),
      ArrowUp: () => this.setZoom({ scale, x, y: y - step }), ArrowDown: () => this.setZoom({ scale, x, y: y + step }),
      Escape: () => this.select(null),
    };
    if (!(event.key in acts) || (event.key.startsWith("Arrow") && scale === 1)) return;
    event.preventDefault();
    acts[event.key]();
  }

  under([x, y]) {
    const hits = this.visible.filter((one) => one.mask ? one.mask.has(x, y) : within(one.box, x, y));
    return hits.reduce((best, one) => (!best || one.area < best.area ? one : best), null)?.id ?? null;
  }

  // ---- what is seen

  list() {
    const { data } = this;
    const modes = this.find(".modes");
    modes.hidden = data.tools.length < 2;
    modes.replaceChildren(...data.tools.map((name) => {
      const [text, title] = MODES[name];
      const made = button(text, name === this.mode, () => { this.mode = name; this.hovered = null; this.draw(); this.list(); });
      made.title = title;
      return made;
    }));
    const prompts = Object.keys(EMPTY).some((name) => this.prompts[name].length);
    this.find(".edits").hidden = data.tools.length < 2 || !prompts;
    const regions = this.regions;
    this.find(".controls").hidden = !regions.length && !data.heat;
    this.find(".heatkey").hidden = !data.heat;
    this.find(".tinted").hidden = !data.heat && regions.every((one) => !one.mask);
    this.find(".named").hidden = this.find(".count").hidden = !regions.length;
    this.find(".scored").hidden = regions.every((one) => one.score === null);
    for (const label of this.findAll(".masked")) label.hidden = regions.every((one) => !one.mask);
    this.find(".boxed").hidden = regions.every((one) => !one.box || !one.mask);
    this.find("output").textContent = this.threshold.toFixed(2);
    const shown = this.visible;
    this.find(".count").textContent = shown.length === regions.length ? `${regions.length} regions`.replace(/^1 regions/, "1 region")
      : `${shown.length} of ${regions.length} regions`;
    this.find(".chips").hidden = !regions.length;
    this.find(".chips").replaceChildren(...shown.map((one) => {
      const chip = button(one.label || `region ${one.id}`, one.id === this.selected,
        () => this.select(one.id === this.selected ? null : one.id));
      const dot = document.createElement("i");
      dot.style.background = one.colour;
      const score = document.createElement("span");
      score.textContent = one.score === null ? "" : one.score.toFixed(2);
      chip.prepend(dot);
      chip.append(score);
      chip.onpointerenter = chip.onfocus = () => { this.hovered = one.id; this.draw(); };
      chip.onpointerleave = chip.onblur = () => { this.hovered = null; this.draw(); };
      return chip;
    }));
    this.canvas.style.cursor = this.mode === "look" ? (this.zoom.scale > 1 ? "grab" : "default") : "crosshair";
  }

  draw() {
    const { canvas, pen, data } = this;
    if (!data) return;
    const width = canvas.clientWidth;
    const height = Math.round((width * data.height) / data.width);
    const dense = window.devicePixelRatio || 1;
    if (canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(height * dense);
    }
    const { scale } = this.frame;
    const place = () => pen.setTransform(scale * dense, 0, 0, scale * dense,
      -this.zoom.x * data.width * scale * dense, -this.zoom.y * data.height * scale * dense);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (!this.image) return;
    place();
    pen.imageSmoothingEnabled = scale < 4;
    pen.drawImage(this.image, 0, 0, data.width, data.height);
    const focus = this.hovered ?? this.selected;
    const strength = Number(this.find(".opacity").value) / 100;
    if (this.heat) {
      pen.imageSmoothingEnabled = true;
      pen.globalAlpha = strength;
      pen.drawImage(this.heat, 0, 0, data.width, data.height);
      pen.globalAlpha = 1;
    }
    const shown = this.visible;
    pen.imageSmoothingEnabled = false;
    for (const one of shown) {
      if (!one.mask) continue;
      pen.globalAlpha = focus === null || focus === one.id ? strength : strength * 0.25;
      one.mask.paint(pen);
    }
    pen.globalAlpha = 1;
    pen.lineJoin = "round";
    for (const one of shown) {
      pen.globalAlpha = focus === null || focus === one.id ? 1 : 0.35;
      const strong = focus === one.id ? 1.6 : 1;
      if (one.mask && this.find(".outlines").checked) stroke(pen, one.mask.edge, one.colour, (2 * strong) / scale);
      if (one.box && (!one.mask || this.find(".boxes").checked)) {
        const path = new Path2D();
        path.rect(one.box[0], one.box[1], one.box[2] - one.box[0], one.box[3] - one.box[1]);
        stroke(pen, path, one.colour, (2 * strong) / scale);
      }
    }
    pen.globalAlpha = 1;
    paintPrompts(pen, this.prompts, this.start ?? {}, scale);
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    if (this.find(".labels").checked) this.drawLabels(pen, shown, focus, scale, width, height);
  }

  drawLabels(pen, shown, focus, scale, width, height) {
    pen.font = "600 13px system-ui, sans-serif";
    pen.textBaseline = "middle";
    const taken = [];
    const order = [...shown].sort((a, b) => (b.id === focus) - (a.id === focus) || (b.score ?? 0) - (a.score ?? 0));
    for (const one of order) {
      const text = [one.label, one.score === null ? "" : one.score.toFixed(2)].filter(Boolean).join("  ");
      if (!text || (focus !== null && one.id !== focus)) continue;
      const [left, top] = one.anchor;
      const wide = pen.measureText(text).width + 14;
      const x = Math.min(Math.max((left - this.zoom.x * this.data.width) * scale - wide / 2, 2), width - wide - 2);
      let y = (top - this.zoom.y * this.data.height) * scale - 24;
      if (y < 2) y = Math.max((top - this.zoom.y * this.data.height) * scale + 4, 2);
      while (y < height - 22 && taken.some((one) => x < one.x + one.wide && one.x < x + wide && Math.abs(y - one.y) < 22)) y += 22;
      if (y > height - 22 || x + wide < 0) continue;
      taken.push({ x, y, wide });
      pen.fillStyle = one.colour;
      pen.beginPath();
      pen.roundRect(x, y, wide, 21, 6);
      pen.fill();
      pen.fillStyle = one.ink;
      pen.fillText(text, x + 7, y + 11);
    }
  }
}
