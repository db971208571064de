const loneSurrogate = /\p{Surrogate}/u;

/**
 * True for text that UTF-8 can encode. Half a surrogate pair has no encoding: encoders write another character in its
 * place, and two names become one.
 */
export function isText(text: string): boolean {
  return !loneSurrogate.test(text);
}
