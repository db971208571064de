import { parseSize } from './size.ts';

/** Sizes that gen_internal_conf checks itself, in its words by the last part of their path. */
const checkedSizes = [
  ...['user_space_size', 'user_space_max_size', 'kernel_space_heap_size', 'kernel_space_heap_max_size'],
  ...['kernel_space_stack_size', 'marshal_buffer_size'],
];

/**
 * What gen_internal_conf prints about an Occlum.json that it reads and finds wrong (occlum-contract §2.3), in its exact
 * words. It then leaves empty files and ends with 0: the build dies later, at signing, and on the next one without -f
 * the line does not come again. Empty for a configuration that it accepts, and for one it cannot read at all.
 */
export function configComplaints(text: string): string[] {
  const config = parse(text);
  const limits = memberOf(config, 'resource_limits');
  const wrong = checkedSizes
    .map((name) => [name, memberOf(limits, name)] as const)
    .filter(([, value]) => typeof value === 'string' && parseSize(value) === null)
    .map(([name, value]) => `The ${name} "${String(value)}" is not correct.`);
  if (wrong.length > 0) return wrong;
  const [space, max] = [memberOf(limits, 'user_space_size'), memberOf(limits, 'user_space_max_size')];
  if (typeof space === 'string' && typeof max === 'string' && (parseSize(max) ?? 0) < (parseSize(space) ?? 0)) {
    return [`user_space_size: "${space}", user_space_max_size: Some("${max}"), wrong configuration`];
  }
  return rootComplaint(memberOf(config, 'mount'));
}

function rootComplaint(mounts: unknown): string[] {
  if (!Array.isArray(mounts)) return [];
  const invalid = (why: string) => [`Mount configuration invalid: Err("${why}")`];
  const root: unknown = mounts.find((mount) => memberOf(mount, 'target') === '/');
  if (memberOf(root, 'type') !== 'unionfs') return invalid('the root UnionFS is not valid');
  const layers = memberOf(memberOf(root, 'options'), 'layers');
  if (!Array.isArray(layers)) return invalid('the root UnionFS must be given layers');
  const isImage = (layer: unknown) => typeof memberOf(memberOf(layer, 'options'), 'MAC') === 'string';
  return layers.some(isImage) ? [] : invalid('the image SEFS in layers is not valid');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
