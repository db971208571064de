/**
 * Runs `action` and returns what it throws or rejects with; fails when it does neither. Tests then assert the stable
 * `code` of an error, never its message.
 */
export async function thrownBy(action: () => unknown): Promise<{ code?: string; message: string; details?: unknown }> {
  let value: unknown;
  try {
    value = await action();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`expected an Error to be thrown, got ${typeof error}`);
  }
  throw new Error(`expected an error, got ${typeof value}`);
}
