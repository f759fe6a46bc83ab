// Small things that all controls use.

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function button(properties, act) {
  const node = element("button", { type: "button", ...properties });
  node.onclick = act;
  return node;
}

export const same = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const svg = (tag, attributes, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

// A share as a percentage, with as many digits as say something.
export const percent = (share) =>
  share >= 0.0995 ? `${Math.round(100 * share)}%` : share >= 0.001 ? `${(100 * share).toFixed(1)}%` : "< 0.1%";

// A real minus sign is as wide as a plus.
export const fixed = (value, digits) => value.toFixed(digits).replace("-", "−");

// An address beside the page's own files. Streamlit's own script came from <base>/static/js/, so its address knows the
// prefix of any reverse proxy.
export function address(path) {
  /** @type {HTMLScriptElement | null} */
  const script = document.querySelector('script[type="module"][src*="static/js/"]');
  const base = script ? script.src.replace(/static\/js\/[^/]*$/, "") : new URL("./", document.baseURI).href;
  return base + path;
}

// What Streamlit calls at every change of a control's data; it calls what the last call returned when the control goes.
// A control is node in its element; it has `update(data, setStateValue)` and `leave()`.
export function mounted(Control) {
  return ({ parentElement, data, setStateValue }) => {
    const control = (parentElement.genLabControl ??= new Control(parentElement));
    const call = (control.calls = (control.calls ?? 0) + 1);
    control.update(data, setStateValue);
    return () => call === control.calls && control.leave();
  };
}
