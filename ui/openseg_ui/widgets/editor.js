// A plain editor with line numbers; faulty lines are underlined and say why.

const editors = new WeakMap();
const PAUSE = 350; // milliseconds without typing before Python sees the text

export default function ({ data, parentElement, setStateValue }) {
  const find = (name) => parentElement.querySelector(name);
  const area = find("textarea");
  const state = editors.get(area) ?? {};
  editors.set(area, state);
  if (state.revision !== data.revision) {
    state.revision = data.revision;
    area.value = data.text;
  }
  state.faults = data.faults;
  const show = () => paint(find, area, state.faults);
  const send = () => setStateValue("text", { text: area.value, of: state.revision });
  area.oninput = () => {
    state.faults = {};
    show();
    clearTimeout(state.timer);
    state.timer = setTimeout(send, PAUSE);
  };
  area.onkeydown = (event) => {
    if (event.key !== "Tab" || event.shiftKey || !area.value) return;
    event.preventDefault(); // Escape leaves the editor for those who use the keyboard
    area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
    area.oninput();
  };
  area.onkeyup = (event) => { if (event.key === "Escape") area.blur(); };
  area.onscroll = () => {
    find(".back").scrollTop = find(".numbers").scrollTop = area.scrollTop;
    find(".back").scrollLeft = area.scrollLeft;
  };
  show();
}

function paint(find, area, faults) {
  const lines = area.value.split("\n");
  const made = (name, text, fault) => {
    const line = document.createElement("div");
    line.textContent = text;
    if (fault) { line.className = name; line.title = fault; }
    return line;
  };
  find(".back").replaceChildren(...lines.map((text, i) => made("bad", text || " ", faults[i + 1])));
  find(".numbers").replaceChildren(...lines.map((_, i) => made("bad", String(i + 1), faults[i + 1])));
  area.setAttribute("aria-invalid", Object.keys(faults).length > 0);
}
