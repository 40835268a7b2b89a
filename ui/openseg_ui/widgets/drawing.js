// An SVG that follows the app's light or dark look; its nodes can be chosen.

const drawings = new WeakMap();
const LEAST = 0.6; // of its own size

export default function ({ data, parentElement, setStateValue }) {
  const frame = parentElement.querySelector(".drawing");
  if (drawings.get(frame) !== data.svg) {
    drawings.set(frame, data.svg);
    const parsed = new DOMParser().parseFromString(themed(data.svg, frame), "text/html");
    const svg = document.importNode(parsed.querySelector("svg"), true);
    // As wide as its place, but never so small that it cannot be read: then it is scrolled.
    svg.style.maxWidth = "100%";
    svg.style.minWidth = `${Math.round(LEAST * Number(svg.getAttribute("width")))}px`;
    svg.style.height = "auto";
    frame.replaceChildren(svg);
  }
  for (const [name, card] of nodes(frame, data.nodes)) {
    const chosen = name === data.selected;
    const outline = card.querySelector("rect.card");
    outline.style.strokeWidth = chosen ? "3px" : "";
    outline.style.stroke = chosen ? "var(--st-primary-color)" : "";
    card.style.cursor = "pointer";
    card.setAttribute("tabindex", "0");
    card.setAttribute("role", "button");
    card.setAttribute("aria-pressed", chosen);
    card.setAttribute("aria-label", `node ${name}`);
    card.onclick = () => setStateValue("node", name);
    card.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      setStateValue("node", name);
    };
  }
}

// The drawing asks for the system's light or dark; the app's own may be another.
function themed(svg, frame) {
  const [red, green, blue] = getComputedStyle(frame).backgroundColor.match(/[\d.]+/g).map(Number);
  const dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
  return svg.replace(/\(prefers-color-scheme:\s*dark\)/g, dark ? "all" : "not all");
}

function* nodes(frame, names) {
  for (const card of frame.querySelectorAll("g[data-node]"))
    if (names.includes(card.dataset.node)) yield [card.dataset.node, card];
}
