import { type DerElement, derFault, derTags, readDerElement } from './der-element.ts';

/** Walks the elements of a constructed DER value in order; every element must be consumed. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;

  constructor(content: Uint8Array, start = 0, end = content.length) {
    this.#bytes = content;
    this.#offset = start;
    this.#end = end;
  }

  /** A reader over the content of an element. */
  static inside(element: DerElement): DerReader {
    return new DerReader(element.bytes, element.contentStart, element.end);
  }

  /** Opens the one element that `bytes` holds. @throws {TeeError} ERR_CERT_FORMAT for another tag or bytes after it. */
  static open(bytes: Uint8Array, tag: number = derTags.sequence): DerReader {
    const outer = new DerReader(bytes);
    const inner = outer.enter(tag);
    outer.end();
    return inner;
  }

  get done(): boolean {
    return this.#offset >= this.#end;
  }

  /** The tag of the next element, or null at the end. */
  peek(): number | null {
    return this.done ? null : (this.#bytes[this.#offset] ?? null);
  }

  /** The next element, which must have this tag (any, when left out). */
  next(tag?: number): DerElement {
    const element = readDerElement(this.#bytes, this.#offset, this.#end);
    if (tag !== undefined && element.tag !== tag) {
      throw derFault('A DER element has another type than its place demands.', `tag ${tag}`, `tag ${element.tag}`);
    }
    this.#offset = element.end;
    return element;
  }

  /** A reader over the content of the next element. */
  enter(tag: number = derTags.sequence): DerReader {
    return DerReader.inside(this.next(tag));
  }

  /** The next element if it has this tag, else null. */
  optional(tag: number): DerElement | null {
    return this.peek() === tag ? this.next(tag) : null;
  }

  /** @throws {TeeError} ERR_CERT_FORMAT when elements are left. */
  end(): void {
    if (!this.done) throw derFault('A DER value holds more elements than its type has.');
  }
}
