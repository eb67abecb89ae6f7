// Makes elements and fills them. Text is put in as text, never as HTML, and with what hides in it visible, whoever it is from. Nothing else in the
// page puts text into it, but for the text behind the editor.

import { visibleLines } from './wave.js';

let last = 0;

/** An identifier that no element has yet. */
export const unique = (name) => `${name}-${++last}`;

/** Properties that are not shown, or in which people type: they are taken as they are. */
const EXACT = new Set(['value', 'defaultValue', 'srcdoc', 'href', 'src', 'download', 'className', 'id', 'type', 'htmlFor']);

/** How long a text is at most, in characters, and how many things there are in an element: whatever a plugin makes of it, the page goes on. */
const MOST = 1 << 20;
const MOST_CHILDREN = 25_000;

const shown = (text) => visibleLines(text.slice(0, MOST));

/** Puts these into the element, in the place of what is in it. Absent ones are left out. */
export const fill = (it, ...children) => {
  const all = document.createDocumentFragment();
  for (const child of children.slice(0, MOST_CHILDREN)) if (child !== null && child !== undefined) all.append(typeof child === 'string' ? shown(child) : child);
  it.replaceChildren(all);
  return it;
};

/** An element with properties, of which those with a dash are attributes and `on…` are listeners, and with what is in it. */
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

/** The element of the page with this identifier. */
export const byId = (id) => document.getElementById(id);
