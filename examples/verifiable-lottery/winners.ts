/** SHA-256 of a text, hex: of the sandbox where the lottery is drawn, of Node or the browser where it is checked. */
export type Sha256 = (text: string) => Promise<string>;

/** The winning tickets: those whose hash with the seed is least. Anybody who has seed and tickets gets the same. */
export async function winnersOf(
  seed: string,
  tickets: readonly string[],
  count: number,
  sha256: Sha256,
): Promise<string[]> {
  const drawn = await Promise.all(
    tickets.map(async (ticket) => ({ ticket, rank: await sha256(JSON.stringify([seed, ticket])) })),
  );
  return drawn
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
    .map(({ ticket }) => ticket);
}
