import {
  decodeCall,
  type EnclaveMethodName,
  encodeOutcome,
  isEnclaveMethod,
  isTeeError,
  TeeError,
  type TeeErrorJson,
  teeMethods,
} from '@neo-service-layer/tee-interface';
import type { PlainValue } from '@neo-service-layer/tee-interface/cbor';
import type { EnclaveMethods } from './methods.ts';

/**
 * Answers decrypted calls: decodes, validates against the method table, runs, encodes. Never rejects. What is not a
 * TeeError is a fault of ours, and its text may hold anything, so the client learns only that it happened.
 */
export function dispatcher(methods: EnclaveMethods): (payload: Uint8Array) => Promise<Uint8Array> {
  return async (payload) => {
    try {
      const { method, params } = decodeCall(payload);
      if (!isEnclaveMethod(method)) {
        throw new TeeError(
          'ERR_UNKNOWN_METHOD',
          `There is no method ${JSON.stringify(method.slice(0, 50))} in this enclave.`,
        );
      }
      return encodeOutcome({ ok: true, result: (await invoke(methods, method, params)) as PlainValue });
    } catch (error) {
      return encodeOutcome({ ok: false, error: wireError(error) });
    }
  };
}

async function invoke<Name extends EnclaveMethodName>(
  methods: EnclaveMethods,
  name: Name,
  params: unknown,
): Promise<unknown> {
  const parsed = teeMethods[name].input.safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    // The path and the rule, never the value: parameters are secrets until proven otherwise.
    throw new TeeError('ERR_INVALID_ARGUMENT', `${name}: ${issue?.path.join('.') || 'the parameters'}: ${issue?.code}`);
  }
  return methods[name](parsed.data as Parameters<EnclaveMethods[Name]>[0]);
}

function wireError(error: unknown): TeeErrorJson {
  if (isTeeError(error)) return error.toJSON();
  return new TeeError('ERR_INTERNAL', 'The enclave failed to answer.').toJSON();
}
