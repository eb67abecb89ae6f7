// Makes elements. Text is put in as text, never as HTML.

let last = 0;

/** An identifier that no element has yet. */
export const unique = (name) => `${name}-${++last}`;

/** An element with properties, of which those with a dash are attributes and `on…` are listeners, and with what is in it. */
export const element = (name, properties = {}, ...children) => {
  const it = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) it.addEventListener(key.slice(2), value);
    else if (key.includes('-') || key === 'role' || key === 'for') it.setAttribute(key, value);
    else it[key] = value;
  }
  it.append(...children.filter((child) => child !== null && child !== undefined));
  return it;
};

/** The element of the page with this identifier. */
export const byId = (id) => document.getElementById(id);
