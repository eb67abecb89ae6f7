// The contract in TypeScript, which `jco guest-types` made of wit/: how, the README says.
declare module 'plugwright:plugin/host@0.2.0' {
  /**
   * Writes one line to the host's log. The host adds which plugin wrote it.
   *
   * Put what varies into `fields` and keep `message` constant, so that lines can be
   * found and counted.
   */
  export function log(level: Level, message: string, fields: Array<Field>): void;
  /**
   * Writes one line at level `info` with the pairs of `properties` as its fields.
   *
   * The map goes back to the host: the plugin can no longer use it.
   */
  export function logStructured(message: string, properties: MapResource): void;
  /**
   * How much a log line matters, from least to most.
   * # Variants
   *
   * ## `"trace"`
   *
   * Every step, for whoever debugs the plugin itself.
   * ## `"debug"`
   *
   * What helps to understand one run.
   * ## `"info"`
   *
   * What an operator wants to know of a normal run.
   * ## `"warn"`
   *
   * Something is odd, and the plugin goes on.
   * ## `"error"`
   *
   * Something failed.
   */
  export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /**
   * One named value of a log line.
   */
  export interface Field {
    /**
     * The name, by convention in `kebab-case`.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }

  export class MapResource implements Disposable {
    /**
    * Makes a map in the host from key-value pairs.
    */
    constructor(entries: Array<[string, string]>)
    /**
    * Takes all pairs out of the map, in order, and leaves it empty.
    */
    take(): Array<[string, string]>;
    /**
    * How many pairs the map holds.
    */
    length(): number;
    [Symbol.dispose](): void;
  }
}
declare module 'plugwright:plugin/transform@0.2.0' {
  /**
   * Describes the plugin. The answer is always the same.
   */
  export function describe(): Description;
  /**
   * Turns `input` into another document, with the plugin's defaults for what is not in
   * `options`.
   *
   * An option that is set twice has the last value. The answer depends on the arguments
   * and on nothing else.
   */
  export function transform(input: Document, options: Array<Setting>): Document;
  /**
   * A named value that travels with a document, such as its title or its author.
   */
  export interface Attribute {
    /**
     * The name, unique within the document.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }
  /**
   * A document: bytes, and what is known about them.
   */
  export interface Document {
    /**
     * What the document is called, usually a file name without its folder. Never a path
     * that the plugin could open.
     */
    name: string,
    /**
     * What the bytes are, as a media type such as `text/markdown`.
     */
    mediaType: string,
    /**
     * The content. Text is UTF-8 unless the media type says otherwise.
     */
    body: Uint8Array,
    /**
     * What else is known. A plugin keeps the attributes that it does not understand.
     */
    attributes: Array<Attribute>,
  }
  /**
   * One option, as the caller sets it.
   */
  export interface Setting {
    /**
     * The name, one of those in `description.options`.
     */
    key: string,
    /**
     * The value as text.
     */
    value: string,
  }
  /**
   * A place in a text. Both count from 1.
   */
  export interface Location {
    /**
     * The line.
     */
    line: number,
    /**
     * The column within the line, in characters (Unicode scalar values).
     */
    column: number,
  }
  /**
   * What is wrong with a document.
   */
  export interface InvalidInput {
    /**
     * A sentence for whoever wrote the document: lowercase, no final period.
     */
    message: string,
    /**
     * Where it is wrong, if that can be said.
     */
    at?: Location,
  }
  /**
   * What is wrong with an option.
   */
  export interface BadOption {
    /**
     * The option's name.
     */
    key: string,
    /**
     * What values it takes: lowercase, no final period.
     */
    message: string,
    /**
     * Where the value is wrong, if it is a text in which there are places, such as a filter or
     * a template.
     */
    at?: Location,
  }
  /**
   * Why a plugin gives no document. Each is somebody else's to mend.
   */
  export type Failure = FailureInvalidInput | FailureUnknownOption | FailureBadOption | FailureInternal;
  /**
   * The document is not what it says it is. Its author mends it.
   */
  export interface FailureInvalidInput {
    tag: 'invalid-input',
    val: InvalidInput,
  }
  /**
   * There is no option of this name. The caller mends it.
   */
  export interface FailureUnknownOption {
    tag: 'unknown-option',
    val: string,
  }
  /**
   * The option exists and does not take this value. The caller mends it.
   */
  export interface FailureBadOption {
    tag: 'bad-option',
    val: BadOption,
  }
  /**
   * The plugin is at fault. Its author mends it.
   */
  export interface FailureInternal {
    tag: 'internal',
    val: string,
  }
  /**
   * One option that a plugin understands.
   */
  export interface OptionDescription {
    /**
     * The name, by convention in `kebab-case`.
     */
    key: string,
    /**
     * The value that is used when the caller sets none.
     */
    'default': string,
    /**
     * What the option does and what values it takes, in one sentence.
     */
    help: string,
  }
  /**
   * What a plugin says of itself.
   */
  export interface Description {
    /**
     * The plugin's name.
     */
    name: string,
    /**
     * The plugin's version, as in semantic versioning.
     */
    version: string,
    /**
     * What the plugin does, in one sentence.
     */
    summary: string,
    /**
     * The media types that it takes. `*\/*` stands for any.
     */
    takes: Array<string>,
    /**
     * The media types that it gives. `*\/*` stands for the one that it was given.
     */
    gives: Array<string>,
    /**
     * The options that it understands, in the order in which a person should read them.
     */
    options: Array<OptionDescription>,
  }
}
