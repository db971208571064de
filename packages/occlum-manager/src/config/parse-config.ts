import { TeeError } from '@neo-service-layer/tee-interface';
import { type ConfigIssue, checkRelations, issue } from './check-relations.ts';
import { type OcclumConfig, occlumConfigSchema } from './schema.ts';

/** Fields that once had another place; Occlum ignores them there without a word (occlum-contract §2.2). */
const moved: Readonly<Record<string, string>> = {
  'metadata.pkru': 'feature.pkru (since Occlum 0.30.1)',
  'metadata.amx': 'feature.amx (since Occlum 0.30.1)',
};

/**
 * Checks a decoded Occlum.json against the whole of what Occlum demands: shape, limits and the relations between
 * fields, also those that the build lets pass and the LibOS then dies of (occlum-contract §2.1, §2.3).
 *
 * Does not check that entry points, mount targets and sources exist: that is the image's matter.
 *
 * @throws TeeError ERR_OCCLUM_CONFIG; `details.issues` lists every fault with path, value and fix
 */
export function parseOcclumConfig(value: unknown): OcclumConfig {
  const parsed = occlumConfigSchema.safeParse(value);
  if (!parsed.success) {
    throw refusal(
      parsed.error.issues.flatMap((found) => {
        const path = found.path.map(String);
        if (found.code !== 'unrecognized_keys') {
          return [issue(path.join('.') || '(whole file)', valueAt(value, found.path), found.message)];
        }
        return found.keys.map((key) => unknownKey([...path, key].join('.'), valueAt(value, [...found.path, key])));
      }),
    );
  }
  const issues = checkRelations(parsed.data);
  if (issues.length > 0) throw refusal(issues);
  return parsed.data;
}

/**
 * Reads the text of an Occlum.json; see {@link parseOcclumConfig}.
 *
 * @throws TeeError ERR_OCCLUM_CONFIG also when the text is not JSON (Occlum takes no comments either)
 */
export function parseOcclumJson(text: string): OcclumConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_CONFIG', 'Occlum.json is not JSON', {
      hint: 'Comments and trailing commas are not allowed.',
      cause,
    });
  }
  return parseOcclumConfig(value);
}

function unknownKey(path: string, value: unknown): ConfigIssue {
  const place = moved[path];
  return issue(path, value, place === undefined ? 'is not a field of Occlum.json' : `belongs to ${place}`);
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function refusal(issues: ConfigIssue[]): TeeError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new TeeError('ERR_OCCLUM_CONFIG', `Occlum.json: ${first?.path}: ${first?.problem}${more}`, {
    ...(first === undefined ? {} : { actual: first.value }),
    details: { issues: issues.map(({ path, value, problem }) => ({ path, value, problem })) },
  });
}
