// What `picture.js` draws with: masks, and small helpers. Both are one module in the browser.

class Mask {
  // `runs`: lengths of zeros and ones by turns, row by row, in a crop of the picture as it is shown.
  constructor({ left, top, width, height, cell, runs }, colour) {
    Object.assign(this, { left, top, width, height, cell });
    this.bits = new Uint8Array(width * height);
    let at = 0;
    runs.forEach((length, i) => { if (i % 2) this.bits.fill(1, at, at + length); at += length; });
    const sheet = document.createElement("canvas");
    sheet.width = Math.max(width, 1);
    sheet.height = Math.max(height, 1);
    const pixels = new ImageData(sheet.width, sheet.height);
    const [red, green, blue] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
    this.bits.forEach((bit, i) => { if (bit) pixels.data.set([red, green, blue, 255], i * 4); });
    sheet.getContext("2d").putImageData(pixels, 0, 0);
    this.sheet = sheet;
    this.edge = this.outline();
  }

  at(x, y) {
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? this.bits[y * this.width + x] : 0;
  }

  has(x, y) { return this.at(Math.floor(x / this.cell - this.left), Math.floor(y / this.cell - this.top)); }

  paint(pen) {
    const { cell } = this;
    pen.drawImage(this.sheet, this.left * cell, this.top * cell, this.sheet.width * cell, this.sheet.height * cell);
  }

  outline() {
    const path = new Path2D();
    const { cell, width, height } = this;
    const line = (x0, y0, x1, y1) => {
      path.moveTo((this.left + x0) * cell, (this.top + y0) * cell);
      path.lineTo((this.left + x1) * cell, (this.top + y1) * cell);
    };
    const sweep = (outer, inner, differs, draw) => {
      for (let a = 0; a <= outer; a++)
        for (let b = 0, start = -1; b <= inner; b++) {
          const edge = b < inner && differs(a, b);
          if (edge && start < 0) start = b;
          if (!edge && start >= 0) { draw(a, start, b); start = -1; }
        }
    };
    sweep(height, width, (y, x) => this.at(x, y - 1) !== this.at(x, y), (y, from, to) => line(from, y, to, y));
    sweep(width, height, (x, y) => this.at(x - 1, y) !== this.at(x, y), (x, from, to) => line(x, from, x, to));
    return path;
  }
}

function prepared(one) {
  const mask = one.mask ? new Mask(one.mask, one.colour) : null;
  const box = one.box;
  const area = mask ? mask.bits.reduce((sum, bit) => sum + bit, 0) * mask.cell ** 2
    : box ? (box[2] - box[0]) * (box[3] - box[1]) : 0;
  const anchor = mask && mask.width ? [(mask.left + mask.width / 2) * mask.cell, mask.top * mask.cell]
    : box ? [(box[0] + box[2]) / 2, box[1]] : [0, 0];
  return { ...one, mask, area, anchor };
}

function stroke(pen, path, colour, width) {
  pen.strokeStyle = "#0009";
  pen.lineWidth = width * 1.9;
  pen.stroke(path);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke(path);
}

// `drawn` is what is being drawn at the moment.
function paintPrompts(pen, prompts, drawn, scale) {
  const boxes = [...prompts.boxes, ...(drawn.box ? [drawn.box] : [])];
  for (const [left, top, right, bottom] of boxes) {
    const path = new Path2D();
    path.rect(left, top, right - left, bottom - top);
    pen.setLineDash([6 / scale, 4 / scale]);
    stroke(pen, path, "#ffffff", 2 / scale);
    pen.setLineDash([]);
  }
  for (const line of [...prompts.scribbles, ...(drawn.stroke ? [drawn.stroke] : [])]) {
    const path = new Path2D();
    line.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    stroke(pen, path, "#ffffff", 7 / scale);
    stroke(pen, path, "#009e73", 3 / scale);
  }
  // A plus inside, a minus outside: the sign says it without the colour.
  for (const [kind, colour] of [["points", "#009e73"], ["negative_points", "#d55e00"]])
    for (const [x, y] of prompts[kind]) {
      const [disc, sign] = [new Path2D(), new Path2D()];
      disc.arc(x, y, 8 / scale, 0, 7);
      pen.fillStyle = colour;
      pen.fill(disc);
      stroke(pen, disc, "#ffffff", 1.6 / scale);
      sign.moveTo(x - 4 / scale, y);
      sign.lineTo(x + 4 / scale, y);
      if (kind === "points") { sign.moveTo(x, y - 4 / scale); sign.lineTo(x, y + 4 / scale); }
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 2.4 / scale;
      pen.stroke(sign);
    }
}

function button(text, pressed, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-pressed", pressed);
  made.onclick = act;
  return made;
}

// A stroke with fewer points; its ends stay.
function thinned(stroke, most = 24) {
  if (stroke.length <= most) return stroke;
  return Array.from({ length: most }, (_, i) => stroke[Math.round((i * (stroke.length - 1)) / (most - 1))]);
}

function ordered([x0, y0], [x1, y1]) {
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

function within(box, x, y) { return box && x >= box[0] && y >= box[1] && x < box[2] && y < box[3]; }
