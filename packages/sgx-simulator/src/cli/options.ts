import { failErr } from './failure.ts';

/** One option of a command: whether a value follows it, and what an empty value is called in the error. */
export interface OptionRule {
  value: boolean;
  emptyText?: string;
}

/**
 * Reads options up to the first word that is none.
 * @throws {CliFailure} for an unknown option or an empty value, with occlum's words
 */
export function readOptions(
  words: string[],
  rules: Record<string, OptionRule>,
): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  const rest = [...words];
  while (rest[0]?.startsWith('-')) {
    const name = rest.shift() ?? '';
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw failErr(`Unknown option: ${name}`);
    const value = rule.value ? rest.shift() : '';
    if (rule.value && (value === undefined || value === '')) throw failErr(rule.emptyText ?? `Empty ${name} provided`);
    options.set(name, value ?? '');
  }
  return { options, rest };
}
