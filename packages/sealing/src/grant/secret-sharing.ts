/**
 * Shamir's secret sharing over GF(2^8) with the polynomial of AES, byte by byte. Multiplication works bit by bit, with
 * no table and no branch that depends on a secret.
 */

/** A share: where the polynomials were evaluated (1 to 255), and their values. */
export interface SecretShare {
  x: number;
  bytes: Uint8Array;
}

/** Splits a secret so that any `threshold` shares give it back and fewer say nothing about it. 1 ≤ threshold ≤ count ≤ 255. */
export function splitSecret(
  secret: Uint8Array,
  threshold: number,
  count: number,
  rng: (length: number) => Uint8Array,
): SecretShare[] {
  const coefficients = Array.from({ length: threshold - 1 }, () => Uint8Array.from(rng(secret.length)));
  const shares = Array.from({ length: count }, (_, index) => {
    const x = index + 1;
    const bytes = secret.map((constant, at) => {
      // Horner's rule, from the highest power down to the secret itself.
      let value = 0;
      for (let power = threshold - 2; power >= 0; power -= 1)
        value = multiply(value, x) ^ (coefficients[power]?.[at] ?? 0);
      return multiply(value, x) ^ constant;
    });
    return { x, bytes };
  });
  for (const bytes of coefficients) bytes.fill(0);
  return shares;
}

/** The secret of at least `threshold` shares with different x; fewer, or wrong ones, give some other bytes. */
export function joinSecret(shares: readonly SecretShare[]): Uint8Array {
  const secret = new Uint8Array(shares[0]?.bytes.length ?? 0);
  for (const { x, bytes } of shares) {
    // Lagrange's basis polynomial at 0.
    let weight = 1;
    for (const other of shares) {
      if (other.x !== x) weight = multiply(weight, multiply(other.x, invert(other.x ^ x)));
    }
    for (let at = 0; at < secret.length; at += 1) secret[at] = (secret[at] ?? 0) ^ multiply(weight, bytes[at] ?? 0);
  }
  return secret;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let factor = a;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= -((b >> bit) & 1) & factor;
    factor = ((factor << 1) ^ (-(factor >> 7) & 0x11b)) & 0xff;
  }
  return product & 0xff;
}

function invert(a: number): number {
  // a^254, since a^255 is 1.
  let result = 1;
  for (let i = 0; i < 254; i += 1) result = multiply(result, a);
  return result;
}
