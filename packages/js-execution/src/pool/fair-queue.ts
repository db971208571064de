/**
 * A queue that serves its tenants in turn: however many items one has waiting, another's first item is at most one
 * round away. Items of one tenant keep their order.
 */
export class FairQueue<Item> {
  /** Tenants with waiting items, the next one first: a Map keeps insertion order. */
  readonly #waiting = new Map<string, Item[]>();
  #length = 0;
  /** Who was served last: whoever comes after goes first, even when nothing of theirs was left waiting. */
  #last: string | null = null;

  get length(): number {
    return this.#length;
  }

  push(tenant: string, item: Item): void {
    const items = this.#waiting.get(tenant);
    if (items === undefined) this.#waiting.set(tenant, [item]);
    else items.push(item);
    this.#length += 1;
  }

  /** Puts an item back in front of all others. */
  unshift(tenant: string, item: Item): void {
    const items = this.#waiting.get(tenant) ?? [];
    const others = [...this.#waiting].filter(([name]) => name !== tenant);
    this.#waiting.clear();
    this.#waiting.set(tenant, [item, ...items]);
    for (const [name, waiting] of others) this.#waiting.set(name, waiting);
    this.#length += 1;
    this.#last = null;
  }

  /** The next item, or undefined when none waits. */
  shift(): Item | undefined {
    const tenant = this.#nextTenant();
    return tenant === undefined ? undefined : this.take(tenant);
  }

  /** Who waits, each with their first item, in the order in which they are to be served. */
  waiting(): (readonly [tenant: string, first: Item])[] {
    const next = this.#nextTenant();
    const all = [...this.#waiting].flatMap(([tenant, [first]]) =>
      first === undefined ? [] : [[tenant, first] as const],
    );
    return [...all.filter(([tenant]) => tenant === next), ...all.filter(([tenant]) => tenant !== next)];
  }

  /** A tenant's next item; it counts as served. Undefined when none of it waits. */
  take(tenant: string): Item | undefined {
    const items = this.#waiting.get(tenant);
    if (items === undefined) return undefined;
    this.#waiting.delete(tenant);
    const item = items.shift();
    if (items.length > 0) this.#waiting.set(tenant, items);
    this.#length -= 1;
    this.#last = tenant;
    return item;
  }

  #nextTenant(): string | undefined {
    const [first, second] = this.#waiting.keys();
    return first === this.#last && second !== undefined ? second : first;
  }

  /** Takes a waiting item out. @returns false when it does not wait (any more) */
  remove(tenant: string, item: Item): boolean {
    const items = this.#waiting.get(tenant);
    const index = items?.indexOf(item) ?? -1;
    if (items === undefined || index < 0) return false;
    items.splice(index, 1);
    if (items.length === 0) this.#waiting.delete(tenant);
    this.#length -= 1;
    return true;
  }

  /** Takes everything out. */
  drain(): Item[] {
    const items = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#length = 0;
    return items;
  }
}
