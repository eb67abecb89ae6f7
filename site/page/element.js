// Makes elements and fills them. Every text is inserted as text, never as HTML, and its hidden characters are escaped. All text of the page goes through
// this module, except the text behind the editor.

import { visibleLines } from './wave.js';

let last = 0;

/** Returns an identifier that no element has yet. */
export const unique = (name) => `${name}-${++last}`;

/** Properties that are set unchanged, because they are not shown or because people type in them. */
const EXACT = new Set(['value', 'defaultValue', 'srcdoc', 'href', 'src', 'download', 'className', 'id', 'type', 'htmlFor']);

/** The longest text, in characters, and the greatest number of children of an element. With these limits, no plugin can make the page hang. */
const MOST = 1 << 20;
const MOST_CHILDREN = 25_000;

const shown = (text) => visibleLines(text.slice(0, MOST));

/** Replaces the children of the element. Absent children are skipped. */
export const fill = (it, ...children) => {
  const all = document.createDocumentFragment();
  for (const child of children.slice(0, MOST_CHILDREN)) if (child !== null && child !== undefined) all.append(typeof child === 'string' ? shown(child) : child);
  it.replaceChildren(all);
  return it;
};

/** Makes an element with properties and children. Properties with a dash become attributes, and `on…` properties become listeners. */
export const element = (name, properties = {}, ...children) => {
  const it = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) it.addEventListener(key.slice(2), value);
    else if (key.includes('-') || key === 'role' || key === 'list' || key === 'sandbox') it.setAttribute(key, typeof value === 'string' ? shown(value) : value);
    else it[key] = typeof value === 'string' && !EXACT.has(key) ? shown(value) : value;
  }
  return fill(it, ...children);
};

/** Returns the element of the page with this identifier. */
export const byId = (id) => document.getElementById(id);
