import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { EncoderChoice } from '../../protocol/engineProtocol';
import type { Runtime } from '../../runtime/runtime';
import { embeddedModelFolder, readModelFolder, readShippedFolder } from '../modelFolder';
import { shareModel, type SharedModel } from './sharedModel';

/** The models that are open in a process, each once, however many encoders are made of it. */
export interface ModelPool {
  /**
   * The model of a choice's folder and variant. The caller gives it back with `release`; the last one closes it.
   * @throws IsoscopeError `encoder`, `usage` as `openEncoder`
   */
  borrow(choice: EncoderChoice): Promise<BorrowedModel>;
}

export interface BorrowedModel {
  readonly model: SharedModel;
  release(): Promise<void>;
}

interface Shelved {
  readonly opening: Promise<SharedModel>;
  /** times and sizes of its files when it was read */
  readonly stamp: Promise<string>;
  borrowers: number;
}

export function createModelPool(runtime: Runtime): ModelPool {
  const shelf = new Map<string, Shelved>();
  return {
    async borrow(choice) {
      const key = JSON.stringify([choice.encoder, choice.variant]);
      let shelved = shelf.get(key);
      if (shelved && !(await isUnchanged(shelved))) shelved = undefined;
      if (!shelved) {
        const opening = readFolderOf(choice).then((folder) => shareModel(folder, runtime));
        shelved = { opening, stamp: opening.then(stampOf, () => ''), borrowers: 0 };
        shelf.set(key, shelved);
      }
      const mine = shelved;
      const giveBack = async () => {
        if (--mine.borrowers > 0) return;
        if (shelf.get(key) === mine) shelf.delete(key);
        await (await mine.opening.catch(() => null))?.dispose();
      };
      mine.borrowers++;
      try {
        const model = await mine.opening;
        let isReleased = false;
        return {
          model,
          async release() {
            if (isReleased) return;
            isReleased = true;
            await giveBack();
          },
        };
      } catch (error) {
        await giveBack();
        throw error;
      }
    },
  };
}

function readFolderOf({ encoder, variant }: EncoderChoice) {
  return encoder === 'embedded' ? readShippedFolder(embeddedModelFolder()) : readModelFolder(encoder, variant);
}

async function isUnchanged({ opening, stamp }: Shelved): Promise<boolean> {
  const model = await opening.catch(() => null);
  return model !== null && (await stampOf(model)) === (await stamp);
}

/** Files that say how a folder's vectors are made. */
const decisiveFiles = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
];

async function stampOf({ facts: { folder, graph } }: SharedModel): Promise<string> {
  const beside = graph.externalFiles.map((file) => path.join(path.dirname(folder.graphFile), file));
  const pooling = [
    '1_Pooling/config.json',
    ...folder.modules.head.map((m) => (m.kind === 'dense' ? `${m.folder}/model.safetensors` : '')),
  ];
  const files = [folder.graphFile, ...beside, ...decisiveFiles, ...pooling];
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(path.join(folder.path, file)).catch(() => null);
      return found === null ? '' : `${found.mtimeMs}:${found.size}`;
    }),
  );
  return stamps.join();
}
