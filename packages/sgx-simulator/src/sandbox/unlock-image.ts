import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decryptTree, isEncryptedTree } from '../instance/encrypted-image.ts';
import { parseImageKey } from '../instance/image-key.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import { InitFailure } from './init-failure.ts';

/**
 * What the init process does about the image (occlum-contract §4.4): finds out in the initfs whether it is encrypted,
 * gets the key, and mounts it. The key of an encrypted image comes from `etc/image_key` of the initfs (put there by
 * --buildin-image-key), or with init-RA from the key service, in whose place the file OCCLUM_SIM_IMAGE_KEY answers.
 *
 * @param plainFolder where a decrypted image may be put; must not exist
 * @returns the folder with the image in clear: the built one, or `plainFolder`
 * @throws {InitFailure} without the key, with a wrong one, or for an image that is encrypted without init knowing
 */
export function unlockImage(layout: InstanceLayout, plainFolder: string): string {
  const etc = join(layout.builtInitfs, 'etc');
  const { image_type: type }: { image_type?: unknown } = JSON.parse(
    readFileSync(join(etc, 'image_config.json'), 'utf8'),
  );
  const encrypted = isEncryptedTree(layout.builtImage);
  if (type !== 'encrypted') {
    if (!encrypted) return layout.builtImage;
    // Built with a key over an older build without -f: init does not know that it needs one.
    throw new InitFailure('Error: Os { code: 22, kind: InvalidInput, message: "Invalid argument" }');
  }
  const key = findKey(etc);
  if (!encrypted || !decryptTree(layout.builtImage, plainFolder, key)) {
    throw new InitFailure('Error: Os { code: 13, kind: PermissionDenied, message: "Permission denied" }');
  }
  return plainFolder;
}

function findKey(etc: string): Uint8Array {
  const file = existsSync(join(etc, 'init_ra_conf.json'))
    ? process.env['OCCLUM_SIM_IMAGE_KEY']
    : join(etc, 'image_key');
  const key = file === undefined || !existsSync(file) ? null : parseImageKey(readFileSync(file, 'utf8'));
  if (key === null)
    throw new InitFailure('Error: Os { code: 2, kind: NotFound, message: "No such file or directory" }');
  return key;
}
