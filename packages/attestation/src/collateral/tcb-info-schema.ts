import * as z from 'zod';
import {
  advisoriesField,
  countField,
  dateField,
  hexField,
  listField,
  moduleStatusField,
  platformStatusField,
  svnField,
  u16Field,
} from './json-fields.ts';

/** One component of a level in version 3. */
export interface TcbComponent {
  svn: number;
  category?: string;
  type?: string;
}

// By hand, because a document has hundreds of them: a schema of objects takes longer than the signature.
const components = z.custom<TcbComponent[]>(
  (value) => Array.isArray(value) && value.length === 16 && value.every(isComponent),
  '16 components, each with an svn of one byte',
);

function isComponent(value: unknown): value is TcbComponent {
  if (typeof value !== 'object' || value === null) return false;
  const { svn, category, type }: { svn?: unknown; category?: unknown; type?: unknown } = value;
  const isByte = typeof svn === 'number' && Number.isInteger(svn) && svn >= 0 && svn <= 255;
  return isByte && isOptionalString(category) && isOptionalString(type);
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

const levelRest = { tcbDate: dateField, tcbStatus: platformStatusField, advisoryIDs: advisoriesField };
const common = {
  issueDate: dateField,
  nextUpdate: dateField,
  fmspc: hexField(6),
  pceId: hexField(2),
  tcbType: z.literal(0),
  tcbEvaluationDataNumber: countField,
};
const moduleRest = { mrsigner: hexField(48), attributes: hexField(8), attributesMask: hexField(8) };

/** Members of a level of version 2, in the order of the components. */
export const numberedNames = Array.from({ length: 16 }, (_, i) => `sgxtcbcomp${String(i + 1).padStart(2, '0')}svn`);
const numberedSvns: z.ZodType<Record<string, number>> = z.object({
  pcesvn: u16Field,
  ...Object.fromEntries(numberedNames.map((name) => [name, svnField])),
});
/** TCB info of PCS API v3: SGX only, one member for each component. */
export const version2 = z.object({
  version: z.literal(2),
  id: z.literal('SGX').optional(),
  ...common,
  // Early documents have none; what has none matches no platform.
  pceId: hexField(2).optional(),
  tcbLevels: listField(z.object({ tcb: numberedSvns, ...levelRest }), 1),
});
/** TCB info of PCS API v4 for SGX. */
export const version3Sgx = z.object({
  version: z.literal(3),
  id: z.literal('SGX'),
  ...common,
  tcbLevels: listField(
    z.object({ tcb: z.object({ sgxtcbcomponents: components, pcesvn: u16Field }), ...levelRest }),
    1,
  ),
});
const moduleLevel = z.object({ tcb: z.object({ isvsvn: svnField }), ...levelRest, tcbStatus: moduleStatusField });
const moduleIdentity = z.object({
  id: z.string().regex(/^TDX_[0-9a-fA-F]{2}$/),
  ...moduleRest,
  tcbLevels: listField(moduleLevel, 1),
});
/** TCB info of PCS API v4 for TDX. */
export const version3Tdx = z.object({
  version: z.literal(3),
  id: z.literal('TDX'),
  ...common,
  tdxModule: z.object(moduleRest),
  tdxModuleIdentities: listField(moduleIdentity).default([]),
  tcbLevels: listField(
    z.object({
      tcb: z.object({ sgxtcbcomponents: components, tdxtcbcomponents: components, pcesvn: u16Field }),
      ...levelRest,
    }),
    1,
  ),
});
/** See {@link version2}. */
export type Version2 = z.infer<typeof version2>;
/** See {@link version3Sgx} and {@link version3Tdx}. */
export type Version3 = z.infer<typeof version3Sgx> | z.infer<typeof version3Tdx>;
