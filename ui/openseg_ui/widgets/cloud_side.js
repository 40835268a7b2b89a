// Beside and over the points: the table of objects, the key of the colours, names and cameras.

const MOST_ROWS = 400;
const MOST_NAMES = 40;
const MOST_CAMERAS = 60; // drawn; more would hide the scene

function made(name, text = "", attributes = {}) {
  const one = document.createElement(name);
  one.textContent = text;
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  return one;
}

function dot_(colour) {
  const one = made("i");
  one.style.background = colour;
  return one;
}

const number = (value) => value.toLocaleString("en");

// The objects as rows that are chosen by mouse or keys, sorted by any column.
class Table {
  constructor(root, choose, point) {
    Object.assign(this, { head: root.querySelector("thead"), body: root.querySelector("tbody"), more: root.querySelector(".more"), choose, point });
    this.by = null;
    this.body.addEventListener("keydown", (event) => this.key(event));
  }

  show({ objects, match, classes, colours, selected, threshold }) {
    const columns = [["Object", (one, i) => i], ["Score", (one) => -one.score]];
    if (match) columns.splice(1, 0, ["Fits", (one, i) => -match[i]]);
    if (classes) columns.push(["Class", (one) => one.class]);
    columns.push(["Points", (one) => -one.points]);
    const names = columns.map(([name]) => name);
    if (!names.includes(this.by?.name)) this.by = { name: match ? "Fits" : "Score", turn: 1 };
    if (match && !this.matched) this.by = { name: "Fits", turn: 1 };
    this.matched = Boolean(match);
    this.heads(names);
    const value = columns[names.indexOf(this.by.name)][1];
    this.order = objects.map((_, i) => i).sort((a, b) => {
      const [x, y] = [value(objects[a], a), value(objects[b], b)];
      return this.by.turn * (x < y ? -1 : x > y ? 1 : 0) || a - b;
    });
    const focused = this.body.querySelector("tr:focus")?.dataset.row;
    this.body.replaceChildren(...this.order.slice(0, MOST_ROWS).map((i, place) => {
      const one = objects[i];
      const row = made("tr", "", { "aria-selected": i === selected, "data-row": i, tabindex: i === selected || (selected === null && !place) ? 0 : -1 });
      if (one.score < threshold) row.className = "low";
      const name = made("td");
      name.append(dot_(colours(i)), one.name, made("small", ` ${i}`));
      row.append(name);
      if (match) row.append(made("td", match[i] === null ? "–" : match[i].toFixed(2)));
      row.append(made("td", one.score.toFixed(2)));
      if (classes) row.append(made("td", one.class));
      row.append(made("td", number(one.points)));
      row.onclick = () => this.choose(i === selected ? null : i);
      row.onpointerenter = row.onfocus = () => this.point(i);
      row.onpointerleave = row.onblur = () => this.point(null);
      return row;
    }));
    if (focused !== undefined) this.body.querySelector(`tr[data-row="${focused}"]`)?.focus({ preventScroll: true });
    this.more.hidden = objects.length > 0 && objects.length <= MOST_ROWS;
    this.more.textContent = objects.length ? `${number(objects.length - MOST_ROWS)} more are in the picture.` : "No objects were found in this scene.";
    this.again = () => this.show({ objects, match, classes, colours, selected, threshold });
  }

  heads(names) {
    const row = made("tr");
    for (const name of names) {
      const cell = made("th", "", { scope: "col" });
      if (name === this.by.name) cell.setAttribute("aria-sort", this.by.turn > 0 ? (name === "Object" || name === "Class" ? "ascending" : "descending") : name === "Object" || name === "Class" ? "descending" : "ascending");
      const sign = name === this.by.name ? (this.by.turn > 0 ? " ▾" : " ▴") : "";
      const button = made("button", name + sign, { type: "button" });
      button.onclick = () => {
        this.by = { name, turn: this.by.name === name ? -this.by.turn : 1 };
        this.again();
        [...this.head.querySelectorAll("button")].find((one) => one.textContent.startsWith(name)).focus();
      };
      cell.append(button);
      row.append(cell);
    }
    this.head.replaceChildren(row);
  }

  mark(hovered) {
    for (const row of this.body.children) row.classList.toggle("over", Number(row.dataset.row) === hovered);
  }

  reveal(row) {
    this.body.querySelector(`tr[data-row="${row}"]`)?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const row = event.target.closest("tr");
    if (!row) return;
    const rows = [...this.body.children];
    const to = { ArrowDown: rows.indexOf(row) + 1, ArrowUp: rows.indexOf(row) - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) rows[clamp(to, 0, rows.length - 1)].focus();
    else if (event.key === "Enter" || event.key === " ") row.click();
    else return;
    event.preventDefault();
  }
}

// What colours mean.
function legend(place, mode, { classes, scales, rest }) {
  const entries = [];
  if (mode === "classes" && classes.length <= 14)
    for (const [name, colour] of classes) {
      const one = made("span", name);
      one.prepend(dot_(colour));
      entries.push(one);
    }
  const scale = scales[mode];
  if (scale) {
    const bar = made("i", "", { class: "scale" });
    bar.style.background = `linear-gradient(90deg, ${scale.colours.join(", ")})`;
    const one = made("span");
    one.append(scale.title, made("span", scale.low.toFixed(2)), bar, made("span", scale.high.toFixed(2)));
    entries.push(one);
  }
  if (entries.length && rest) {
    const one = made("span", "no object");
    one.prepend(dot_("#9c9c9c"));
    entries.push(one);
  }
  place.replaceChildren(...entries);
}

// Names of objects where they stand, none over another.
function drawNames(pen, camera, width, height, objects, shown, colours, first) {
  pen.font = "600 13px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const taken = [];
  const order = shown.slice().sort((a, b) => first.includes(b) - first.includes(a) || objects[b].score - objects[a].score);
  for (const i of order.slice(0, MOST_NAMES)) {
    const one = objects[i];
    const [x, y, z] = camera.project(one.top, width, height);
    if (z < 0.05 || x < 0 || y < 0 || x > width || y > height) continue;
    const wide = pen.measureText(one.name).width + 14;
    const left = clamp(x - wide / 2, 2, width - wide - 2), up = Math.max(y - 26, 2);
    if (taken.some((other) => left < other.left + other.wide && other.left < left + wide && Math.abs(up - other.up) < 23)) continue;
    taken.push({ left, up, wide });
    pen.fillStyle = colours(i);
    pen.strokeStyle = "#0008";
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(left, up, wide, 21, 6);
    pen.fill();
    pen.stroke();
    pen.fillStyle = inkOn(colours(i));
    pen.fillText(one.name, left + 7, up + 11);
  }
}

// Near-black or white, whichever has more contrast (WCAG 2).
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#111111" : "#ffffff";
}

// The path of the recording camera, and where it looked; `seen` are the frames of the chosen object.
class Path {
  constructor({ names, poses, fovs, aspects }) {
    Object.assign(this, { names, aspects });
    this.cameras = names.map((_, i) => Camera.posed(poses.slice(12 * i, 12 * i + 12), fovs[i]));
    const step = Math.max(1, Math.ceil(names.length / MOST_CAMERAS));
    this.drawn = names.map((_, i) => i).filter((i) => i % step === 0);
  }

  get length() { return this.cameras.length; }

  at(place) {
    const low = clamp(Math.floor(place), 0, this.length - 1), high = Math.min(low + 1, this.length - 1);
    return high === low ? this.cameras[low] : Camera.between(this.cameras[low], this.cameras[high], place - low);
  }

  draw(pen, camera, width, height, size, { ink, accent, seen, current }) {
    const line = (points, colour, thick) => {
      const path = new Path2D();
      let open = false;
      for (const point of points) {
        const [x, y, z] = camera.project(point, width, height);
        if (z < 0.05) { open = false; continue; }
        if (open) path.lineTo(x, y); else path.moveTo(x, y);
        open = true;
      }
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.stroke(path);
    };
    line(this.cameras.map((one) => one.eye), ink, 1.2);
    this.places = [];
    for (const i of new Set([...this.drawn, ...seen, ...(current === null ? [] : [current])])) {
      const { eye, axes, fov } = this.cameras[i];
      if (length(minus(eye, camera.eye)) < 0.15) continue; // one looks through it
      const up = Math.tan(fov / 2) * size, right = up * this.aspects[i];
      const corner = (x, y) => add(add(add(eye, times(axes[2], size)), times(axes[0], x * right)), times(axes[1], y * up));
      const corners = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
      const strong = seen.includes(i) || i === current;
      const colour = strong ? accent : ink;
      line([...corners, corners[0]], colour, strong ? 2.2 : 1);
      for (const one of corners) line([eye, one], colour, strong ? 2.2 : 1);
      const [x, y, z] = camera.project(eye, width, height);
      if (z > 0.05) this.places.push({ i, x, y });
    }
  }

  under(x, y) {
    const near = (this.places ?? []).map((one) => ({ ...one, away: Math.hypot(one.x - x, one.y - y) })).sort((a, b) => a.away - b.away)[0];
    return near && near.away < 9 ? near.i : null;
  }
}
