// Shows a document according to its media type.

import DOMPurify from 'dompurify';
import STYLE from 'text-and-hash:./frame.css';

import { element } from './element.js';

/**
 * Limits of what is shown: characters of a text, characters with colours, characters and tags of a page, and bytes of other
 * documents. */
const MOST = 200_000;
const MOST_COLOURED = 20_000;
const MOST_OF_PAGE = 500_000;
const MOST_TAGS = 20_000;
const MOST_BYTES = 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Returns the text of a document, or `null` if it is not text. */
export const textOf = (body) => {
  try {
    const text = decoder.decode(body);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
};

// A token that is not closed extends to the end of the text, so that no part of the text is matched twice.
const TOKENS = /("(?:\\.|[^"\\])*(?:"|$))(\s{0,8}:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b/gs;

const TAGS = /(<!--.*?(?:-->|$))|(<\/?[a-zA-Z][^<>]*(?:>|$))|(&[a-zA-Z0-9#]{1,32};)/gs;

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
  const first = text.slice(0, MOST_COLOURED);
  const parts = isJson(type) ? json(first) : isMarkup(type) ? markup(first) : [first];
  const more = text.length - Math.min(text.length, MOST);
  return element('pre', { className: 'source', tabIndex: 0 }, element('code', {}, ...parts, text.slice(MOST_COLOURED, MOST)), more > 0 ? `\n… and ${more} more characters` : null);
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

/** Makes a frame without scripts, which can reach neither the page nor anything else. Some browsers run it in its own process. */
const frame = (html, title) => {
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src '${STYLE.hash}'">`;
  const head = `<!doctype html>${policy}<style>${STYLE.text}</style><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta http-equiv="x-dns-prefetch-control" content="off"><title>${title}</title>`;
  return element('iframe', { title, className: 'page', sandbox: '', referrerPolicy: 'no-referrer', srcdoc: `${head}<body>${html}` });
};

/** Removes everything from the HTML that would reach elsewhere, at once or after a click. Links within the document and embedded pictures stay. */
const harmless = (html) => DOMPurify.sanitize(html, { ALLOWED_URI_REGEXP: /^(?:#|data:image\/)/i, FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea'], FORBID_ATTR: ['style', 'target', 'srcset', 'ping'] });

const picture = (body, type) => {
  let binary = '';
  for (let at = 0; at < body.length; at += 8192) binary += String.fromCharCode(...body.subarray(at, at + 8192));
  return frame(`<img alt="The resulting picture" src="data:${type};base64,${btoa(binary)}">`, 'The picture');
};

/** The media types of pictures that browsers show. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml', 'image/bmp']);

/** Returns whether the text is small enough to be made harmless quickly. */
const isPage = (text) => text.length <= MOST_OF_PAGE && text.split('<', MOST_TAGS + 1).length <= MOST_TAGS;

/** Returns the views of a document, the best first, as pairs of a name and a function that makes the element. */
export const viewsOf = ({ body, mediaType }) => {
  const type = mediaType.split(';')[0].trim().toLowerCase();
  const text = textOf(body);
  const views = [];
  if (type === 'text/html' && text !== null && isPage(text)) views.push(['Page', () => frame(harmless(text), 'The document, as a page')]);
  if (PICTURES.has(type)) views.push(['Picture', () => picture(body, type)]);
  if (text !== null) views.push(['Text', () => source(text, type)]);
  else views.push(['Bytes', () => hexadecimal(body)]);
  return views;
};

/** Returns a number of bytes for people. */
export const bytes = (count) => (count < 1024 ? `${count} bytes` : count < 1 << 20 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / (1 << 20)).toFixed(1)} MiB`);

/** Returns a number of milliseconds for people. */
export const time = (milliseconds) => (milliseconds < 1 ? 'less than 1 ms' : milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);
