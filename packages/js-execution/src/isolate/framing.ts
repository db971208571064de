const headerBytes = 4;
/** The most that a frame can say to be long. */
const longest = 2 ** 32 - 1;

/** A message as it goes over a pipe: its length in four bytes, big-endian, then JSON in UTF-8. */
export function encodeFrame(message: object): Buffer {
  const json = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(json.length);
  return Buffer.concat([header, json]);
}

/** Puts frames together again from the pieces in which a pipe delivers them. What is in them is not looked at. */
export class FrameReader {
  readonly #most: () => number;
  readonly #deliver: (json: string) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** @param most how many bytes a frame may have at this moment */
  constructor(most: () => number, deliver: (json: string) => void) {
    this.#most = most;
    this.#deliver = deliver;
  }

  /** Takes the next piece in. @throws RangeError for a frame that says it is too long: nothing after it means anything */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes >= headerBytes) {
      const length = this.#peekLength();
      if (length > Math.min(this.#most(), longest)) throw new RangeError(`a frame of ${length} bytes is too long`);
      if (this.#bytes < headerBytes + length) return;
      const whole = this.#joined();
      const end = headerBytes + length;
      this.#pieces = whole.length === end ? [] : [whole.subarray(end)];
      this.#bytes = whole.length - end;
      this.#deliver(whole.toString('utf8', headerBytes, end));
    }
  }

  #peekLength(): number {
    const [first] = this.#pieces;
    return (first !== undefined && first.length >= headerBytes ? first : this.#joined()).readUInt32BE();
  }

  /** All that is here as one piece; pieces of a long frame are joined once, when it is complete. */
  #joined(): Buffer {
    const [first, second] = this.#pieces;
    const whole = first !== undefined && second === undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}
