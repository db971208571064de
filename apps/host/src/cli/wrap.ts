/** A paragraph in lines of at most `width` characters, each indented; words that are longer stay whole. */
export function wrap(text: string, indent = '', width = 100): string[] {
  const lines: string[] = [];
  // A bullet stands on the first line only.
  const hanging = ' '.repeat(indent.length);
  let line = indent;
  for (const word of text.split(/\s+/)) {
    const isEmpty = line === indent || line === hanging;
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = hanging + word;
    } else line += isEmpty ? word : ` ${word}`;
  }
  return [...lines, line];
}
