import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { findVariants, type EncoderVariant } from '../../core/encoder/hub/encoderFiles';
import { megabytes } from '../../core/encoder/hub/encoderStore';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { readingStep, type ReadingServices } from './readingSteps';
import { next, pass, withAnswer, type PickItem, type Step } from './steps';

/** A variant of a folder and its size with the weights beside it. */
export interface SizedVariant extends EncoderVariant {
  readonly bytes: number;
}

/** A model folder from the disk. */
export function folderStep(title: string, services: ReadingServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async () => {
    const answer = await ui.file({ title, kind: 'folder', accept: l10n.t('Use This Model Folder') });
    return withAnswer(answer, (folder) => pass(variantStep(folder, title, services)));
  };
}

/** Which of a folder's ONNX files; not asked where there is one. A folder without any goes on: opening it says what it lacks. */
export function variantStep(folder: string, title: string, services: ReadingServices): Step<EncoderChoice> {
  const { ui, l10n } = services;
  return async (place) => {
    const variants = await listFolderVariants(folder);
    const go = (variant?: string): Step<EncoderChoice> =>
      readingStep({ encoder: folder, ...(variant !== undefined && { variant }) }, title, services);
    if (variants.length < 2 || variants[0]?.kind === 'static') return pass(go());
    const answer = await ui.pick({
      title,
      place,
      remaining: 1,
      placeholder: l10n.t('Which of the ONNX files of {0}', path.basename(folder)),
      items: variantItems(variants),
    });
    return withAnswer(answer, (variant) => next(go(variant)));
  };
}

export function variantItems(variants: readonly SizedVariant[]): readonly PickItem<string>[] {
  return variants.map(({ file, bytes }) => ({ label: file, description: megabytes(bytes), value: file }));
}

/** The variants of a folder on the disk; none for a folder that cannot be read. */
export async function listFolderVariants(folder: string): Promise<readonly SizedVariant[]> {
  const list = async (place: string): Promise<readonly string[]> =>
    (await readdir(path.join(folder, place)).catch(() => [])).map((file) => path.posix.join(place, file));
  const paths = [...(await list('onnx')), ...(await list(''))];
  const config = await readFile(path.join(folder, 'config.json'), 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined);
  const sizeOf = async (file: string): Promise<number> =>
    (await stat(path.join(folder, file)).catch(() => undefined))?.size ?? 0;
  return Promise.all(
    findVariants(paths, config).map(async (variant) => {
      const sizes = await Promise.all([variant.file, ...variant.weights].map(sizeOf));
      return { ...variant, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
    }),
  );
}
