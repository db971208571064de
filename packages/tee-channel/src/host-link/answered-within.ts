import { TeeError } from '@neo-service-layer/tee-interface';

/** An answer of the host, if it comes in time. @throws {TeeError} ERR_HOST_BLOBS otherwise */
export async function answeredWithin<Result>(
  milliseconds: number,
  action: Promise<Result>,
  hint: string,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TeeError('ERR_HOST_BLOBS', `The host did not answer within ${milliseconds} ms.`, { hint }));
    }, milliseconds);
  });
  try {
    return await Promise.race([action, silence]);
  } finally {
    clearTimeout(timer);
  }
}
