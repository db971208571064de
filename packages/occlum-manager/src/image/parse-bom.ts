import { TeeError } from '@neo-service-layer/tee-interface';
import { parseDocument, stringify } from 'yaml';
import { type Bom, bomSchema } from './bom-schema.ts';

/** A bom is written by hand; a larger one is not one. */
const maxCharacters = 1 << 20;

/**
 * Reads the text of a bom.yaml.
 *
 * Does not check that what it names exists; does not follow `includes`.
 *
 * @param name what errors call it
 * @throws TeeError ERR_OCCLUM_BOM
 */
export function parseBom(text: string, name = 'bom.yaml'): Bom {
  if (text.length > maxCharacters) throw new TeeError('ERR_OCCLUM_BOM', `${name} is longer than 1 MB`);
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, prettyErrors: false, logLevel: 'silent' });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    throw new TeeError('ERR_OCCLUM_BOM', `${name} is not YAML: ${broken.message}`, {
      details: { offset: broken.pos[0] },
    });
  }
  let value: unknown;
  try {
    // A few nested aliases can stand for gigabytes; a bom has no use for many.
    value = document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_BOM', `${name} has too many aliases`, { cause });
  }
  const parsed = bomSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new TeeError('ERR_OCCLUM_BOM', `${name}: ${first?.path.join('.') || '(whole file)'}: ${first?.message}`, {
    hint: 'Known keys: includes, excludes, targets[].{target, mkdirs, createlinks, copy[].{from, dirs, files}}.',
    details: { issues: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) },
  });
}

/** The text of a bom.yaml that {@link parseBom} reads back as the same value. */
export function stringifyBom(bom: Bom): string {
  return stringify(bom, { lineWidth: 0, schema: 'core', aliasDuplicateObjects: false });
}
