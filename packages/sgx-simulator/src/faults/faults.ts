import { type FaultName, faultRules } from './fault-list.ts';

/** The faults that are switched on, with their values (empty for those without one). */
export type Faults = ReadonlyMap<FaultName, string>;

/**
 * Reads a list of faults: `name` or `name=value`, joined by commas.
 * @returns the faults, or what is wrong with the list
 */
export function parseFaults(text: string): Faults | { wrong: string } {
  const faults = new Map<FaultName, string>();
  for (const word of text.split(',').filter(Boolean)) {
    const [name = '', ...rest] = word.split('=');
    if (!isFault(name)) return { wrong: `Unknown fault: ${name}` };
    const rule = faultRules[name];
    if (!('value' in rule)) {
      if (rest.length > 0) return { wrong: `The fault ${name} takes no value` };
      faults.set(name, '');
      continue;
    }
    const value = rest.length === 0 ? rule.value.standard : rest.join('=');
    if (!rule.value.form.test(value)) return { wrong: `Not a ${rule.value.name} for the fault ${name}: ${value}` };
    faults.set(name, value);
  }
  return faults;
}

/** The faults that OCCLUM_SIM_FAULTS names. The command line has checked them: here a wrong list counts as empty. */
export function currentFaults(environment: NodeJS.ProcessEnv = process.env): Faults {
  const faults = parseFaults(environment['OCCLUM_SIM_FAULTS'] ?? '');
  return 'wrong' in faults ? new Map() : faults;
}

function isFault(name: string): name is FaultName {
  return Object.hasOwn(faultRules, name);
}
