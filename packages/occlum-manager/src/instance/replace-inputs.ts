import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { occlumConfigText } from '../config/config-text.ts';
import type { OcclumConfig } from '../config/schema.ts';
import { writeWhole } from '../files/write-whole.ts';
import { normaliseTimes } from '../image/walk-image.ts';
import type { InstanceLayout } from './layout.ts';

/**
 * Puts a new image and configuration in the place of those that are there, by renaming; either can be absent. What
 * was there stays until the build has succeeded.
 *
 * @returns `undo` to have the old ones back, `keep` to be rid of them
 */
export async function replaceInputs(
  layout: InstanceLayout,
  { config, fillImage }: { config?: OcclumConfig; fillImage?: (root: string) => Promise<void> },
): Promise<{ undo(): Promise<void>; keep(): Promise<void> }> {
  await mkdir(layout.own, { recursive: true });
  await recover(layout);
  const text = config === undefined ? undefined : occlumConfigText(config);
  if (fillImage !== undefined) {
    await mkdir(layout.nextImage);
    try {
      await fillImage(layout.nextImage);
      await normaliseTimes(layout.nextImage);
    } catch (error) {
      // Half an image on a full disk is in the way of everything else.
      await rm(layout.nextImage, { recursive: true, force: true });
      throw error;
    }
    await rename(layout.image, layout.previousImage);
    await rename(layout.nextImage, layout.image);
  }
  const undo = async (): Promise<void> => {
    await putBack(layout.previousImage, layout.image);
    await putBack(layout.previousConfig, layout.config);
  };
  if (text !== undefined) {
    // A copy: without an Occlum.json at any moment the folder would not be an instance.
    try {
      await copyFile(layout.config, layout.previousConfig);
      await writeWhole(layout.config, text);
    } catch (error) {
      // A copy that was cut off is not what was there.
      await rm(layout.previousConfig, { force: true });
      await undo();
      throw error;
    }
  }
  return {
    undo,
    keep: async () => {
      await rm(layout.previousImage, { recursive: true, force: true });
      await rm(layout.previousConfig, { force: true });
    },
  };
}

/** An interrupted build may have left the place empty between two renames, and old inputs whose time is over. */
async function recover(layout: InstanceLayout): Promise<void> {
  await rm(layout.nextImage, { recursive: true, force: true });
  for (const [previous, current] of [
    [layout.previousImage, layout.image],
    [layout.previousConfig, layout.config],
  ] as const) {
    if (await exists(current)) await rm(previous, { recursive: true, force: true });
    else await putBack(previous, current);
  }
}

async function putBack(previous: string, current: string): Promise<void> {
  if (!(await exists(previous))) return;
  await rm(current, { recursive: true, force: true });
  await rename(previous, current);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
