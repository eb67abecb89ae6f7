// The editor for the input. It can mark the place of a failure.

import { byId, element, fill } from './element.js';

/** Returns the offset of a line and a column in a text, in JavaScript's units. Columns count characters, which can have two units. */
const offsetOf = (text, { line, column }) => {
  let begin = 0;
  for (let number = 1; number < line; number += 1) {
    const end = text.indexOf('\n', begin);
    if (end < 0) return text.length;
    begin = end + 1;
  }
  const characters = Array.from(text.slice(begin).split('\n', 1)[0]).slice(0, column - 1);
  return Math.min(begin + characters.join('').length, text.length);
};

/** The greatest number of lines for which line numbers are shown. */
const MOST_LINES = 20_000;

/** The text field, with a copy of its text behind it. A mark in the copy is visible through the field. */
export class Editor {
  #field = byId('body');
  #behind = byId('behind');
  #numbers = byId('numbers');
  #marked = null;

  constructor() {
    this.#field.addEventListener('input', () => this.clear());
    this.#field.addEventListener('scroll', () => this.#scroll());
    this.#draw();
  }

  get text() {
    return this.#field.value;
  }

  set text(text) {
    this.#field.value = text;
    this.clear();
  }

  /** Marks the place, and returns a function that moves the focus there. */
  mark(at, message) {
    const begin = offsetOf(this.text, at);
    const [character = ''] = this.text.slice(begin);
    this.#marked = { begin, end: begin + (character === '\n' ? 0 : character.length), line: at.line };
    this.#field.setAttribute('aria-invalid', 'true');
    this.#field.setAttribute('aria-description', message);
    this.#draw();
    return () => {
      this.#field.focus();
      this.#field.setSelectionRange(begin, this.#marked?.end ?? begin);
      const height = parseFloat(getComputedStyle(this.#field).lineHeight);
      this.#field.scrollTop = Math.max(0, (at.line - 4) * height);
    };
  }

  /** Removes the mark. */
  clear() {
    this.#marked = null;
    this.#field.removeAttribute('aria-invalid');
    this.#field.removeAttribute('aria-description');
    this.#draw();
  }

  #draw() {
    const { text } = this;
    const count = text.split('\n').length;
    // Either all lines have numbers or none: the numbers could not scroll with a longer text.
    const numbers = Array.from({ length: count > MOST_LINES ? 0 : count }, (_, index) => index + 1);
    const { line = 0 } = this.#marked ?? {};
    const told = (from, to) => numbers.slice(from, to).map((number) => `${number}\n`).join('');
    const wrong = line > 0 && line <= numbers.length ? [told(0, line - 1), element('span', { className: 'wrong' }, `${line}\n`), told(line)] : [told(0)];
    fill(this.#numbers, ...wrong);
    if (!this.#marked) return fill(this.#behind);
    const { begin, end } = this.#marked;
    // The copy must have exactly the characters of the field, so hidden characters are not escaped here.
    const mark = document.createElement('mark');
    // At the end of a line there is no character, so a space is marked.
    mark.append(document.createTextNode(text.slice(begin, end) || ' '));
    fill(this.#behind, document.createTextNode(text.slice(0, begin)), mark, document.createTextNode(`${text.slice(end)}\n`));
    return this.#scroll();
  }

  #scroll() {
    this.#behind.scrollTop = this.#numbers.scrollTop = this.#field.scrollTop;
    this.#behind.scrollLeft = this.#field.scrollLeft;
  }
}
