// Shows a document as it should be seen.

import { element } from './element.js';
import { visible } from './wave.js';

/** How much of a text is shown, in characters, and of bytes. */
const MOST = 200_000;
const MOST_BYTES = 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of a document, or `null` if it is none. */
export const textOf = (body) => {
  try {
    const text = decoder.decode(body);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
};

const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b/g;

const TAGS = /(<!--[\s\S]*?-->)|(<\/?[a-zA-Z][^<>]*>)|(&[a-zA-Z0-9#]+;)/g;

const coloured = (text, pattern, kindOf) => {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(last, match.index), element('span', { className: kindOf(match) }, match[0]));
    last = match.index + match[0].length;
  }
  return [...parts, text.slice(last)];
};

const json = (text) => coloured(text, TOKENS, ([, string, colon, number]) => (string ? (colon ? 'key' : 'string') : number ? 'number' : 'word'));

const markup = (text) => coloured(text, TAGS, ([, comment, tag]) => (comment ? 'comment' : tag ? 'key' : 'string'));

const isJson = (type) => /^application\/(.*\+)?json$/.test(type);

const isMarkup = (type) => type === 'text/html' || /^(application|image)\/(.*\+)?xml$/.test(type);

const source = (text, type) => {
  const shown = text.slice(0, MOST);
  const parts = isJson(type) ? json(shown) : isMarkup(type) ? markup(shown) : [shown];
  const more = text.length - shown.length;
  return element('pre', { className: 'source', tabIndex: 0 }, element('code', {}, ...parts), more > 0 ? `\n… and ${more} more characters` : null);
};

const hexadecimal = (body) => {
  const rows = [];
  for (let at = 0; at < Math.min(body.length, MOST_BYTES); at += 16) {
    const row = body.slice(at, at + 16);
    const hex = Array.from(row, (it) => it.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(row, (it) => (it >= 32 && it < 127 ? String.fromCharCode(it) : '.')).join('');
    rows.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  if (body.length > MOST_BYTES) rows.push(`… and ${body.length - MOST_BYTES} more bytes`);
  return element('pre', { className: 'source', tabIndex: 0 }, rows.join('\n'));
};

/** A page without scripts, which cannot reach what shows it, nor anything else: what it names elsewhere is not fetched. */
const frame = (text) => {
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`;
  const head = `<!doctype html><meta charset="utf-8">${policy}<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">`;
  return element('iframe', { title: 'The document, as a page', className: 'page', sandbox: '', referrerPolicy: 'no-referrer', srcdoc: head + text });
};

const picture = (body, type, made) => {
  const address = URL.createObjectURL(new Blob([body], { type }));
  made.push(address);
  return element('img', { src: address, alt: 'The picture that came out', className: 'picture' });
};

/** Pictures that browsers show. SVG is one of them, and does nothing there but be seen. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml', 'image/bmp']);

/** What a document looks like, as pairs of a name and an element, the best first. Addresses of what was made for it are put into `made`. */
export const viewsOf = ({ body, 'media-type': mediaType }, made) => {
  const type = mediaType.split(';')[0].trim().toLowerCase();
  const text = textOf(body);
  const views = [];
  if (type === 'text/html' && text !== null) views.push(['Page', frame(text)]);
  if (PICTURES.has(type)) views.push(['Picture', picture(body, type, made)]);
  if (text !== null) views.push(['Text', source(text, type)]);
  else views.push(['Bytes', hexadecimal(body)]);
  return views;
};

/** A log line, as `plugwright run` has it. */
export const logLine = ({ level, message, fields }) => {
  const value = (text) => (/^[^\s"=\p{C}]+$/u.test(text) ? text : `"${visible(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`);
  const pairs = fields.map(([key, text]) => ` ${visible(key)}=${value(text)}`);
  return `${level} ${visible(message)}${pairs.join('')}`;
};

/** So many bytes, for people. */
export const bytes = (count) => (count < 1024 ? `${count} bytes` : count < 1 << 20 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / (1 << 20)).toFixed(1)} MiB`);

/** So many milliseconds, for people. */
export const time = (milliseconds) => (milliseconds < 1 ? 'less than 1 ms' : milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);
