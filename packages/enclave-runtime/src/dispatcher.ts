import type { CallHandler, SessionHandle } from '@neo-service-layer/tee-channel';
import {
  decodeCall,
  type EnclaveMethodName,
  encodeOutcome,
  isEnclaveMethod,
  isTeeError,
  signIn,
  TeeError,
  type TeeErrorJson,
  teeMethods,
} from '@neo-service-layer/tee-interface';
import type { PlainValue } from '@neo-service-layer/tee-interface/cbor';
import type * as z from 'zod';
import type { EnclaveMethods } from './methods.ts';
import { parseParameters } from './parse-parameters.ts';
import type { Gate } from './users/gate.ts';

/** What the dispatcher asks of the gate. */
type Admission = Pick<Gate, 'signIn' | 'admit' | 'around'>;

/**
 * Answers decrypted calls: decodes, decides whether the caller may make the call, validates it against the method table,
 * runs it on the caller's account, encodes. Never rejects. What is not a TeeError is a fault of ours, and its text may
 * hold anything, so the client learns only that it happened.
 */
export function dispatcher(methods: EnclaveMethods, gate: Admission): CallHandler {
  return async (payload, call) => {
    try {
      const { method, params } = decodeCall(payload);
      return encodeOutcome({ ok: true, result: (await answer(method, params, call)) as PlainValue });
    } catch (error) {
      return encodeOutcome({ ok: false, error: wireError(error) });
    }
  };

  async function answer(
    name: string,
    params: unknown,
    call: { session: SessionHandle; signal: AbortSignal },
  ): Promise<unknown> {
    if (name === 'signIn') return gate.signIn(call.session, parseParameters(name, signIn.input, params));
    if (!isEnclaveMethod(name)) {
      throw new TeeError(
        'ERR_UNKNOWN_METHOD',
        `There is no method ${JSON.stringify(name.slice(0, 50))} in this enclave.`,
      );
    }
    return invoke(name, params, call);
  }

  function invoke<Name extends EnclaveMethodName>(
    name: Name,
    params: unknown,
    { session, signal }: { session: SessionHandle; signal: AbortSignal },
  ): Promise<unknown> {
    const user = gate.admit(session, teeMethods[name].access);
    const input = parseParameters(name, teeMethods[name].input as z.ZodType<unknown>, params);
    const caller = { user, signal };
    return gate.around(user, () => methods[name](input as Parameters<EnclaveMethods[Name]>[0], caller));
  }
}

function wireError(error: unknown): TeeErrorJson {
  if (isTeeError(error)) return error.toJSON();
  return new TeeError('ERR_INTERNAL', 'The enclave failed to answer.').toJSON();
}
