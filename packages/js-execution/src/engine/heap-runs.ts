/** Fewer zeroes than this cost more as a run of their own than they save. */
const shortest = 16_384;

/** A stretch of the memory at rest; null stands for nothing but zeroes: writing them is faster than copying them. */
export interface HeapRun {
  from: number;
  to: number;
  content: Uint8Array | null;
}

/** Instances of one image share its division. */
const knownRuns = new WeakMap<Uint8Array, readonly HeapRun[]>();

/** Divides the memory at rest from an address on, so that together the runs are all of it. */
export function heapRuns(image: Uint8Array, start: number): readonly HeapRun[] {
  const known = knownRuns.get(image);
  if (known !== undefined) return known;
  const runs: HeapRun[] = [];
  for (let from = start; from < image.length; ) {
    let to = from;
    while (to < image.length && image[to] === 0) to += 1;
    const zero = to - from >= shortest || to === image.length;
    if (!zero) to = endOfContent(image, from);
    runs.push({ from, to, content: zero ? null : image.subarray(from, to) });
    from = to;
  }
  knownRuns.set(image, runs);
  return runs;
}

/** Where so many zeroes begin that they are a run of their own. */
function endOfContent(image: Uint8Array, from: number): number {
  let zeroes = 0;
  for (let at = from; at < image.length; at += 1) {
    zeroes = image[at] === 0 ? zeroes + 1 : 0;
    if (zeroes === shortest && at + 1 - shortest > from) return at + 1 - shortest;
  }
  return image.length;
}
